"""The PDF of a document as an answer."""

from __future__ import annotations

import uuid

from django.http import HttpResponse

from bigledger.api.response import LaterResponse
from invoicing.pdf.stored import stored_pdf_or_row, wait_for_pdf
from invoicing.pdf.versions import Document


def pdf_response(document: Document, name: str, tenant_id: uuid.UUID, *, is_current: bool = False) -> HttpResponse:
    """The stored PDF. One that is not made yet is waited for once the transaction is over."""
    found = stored_pdf_or_row(document, is_current=is_current)
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    if isinstance(found, bytes):
        return HttpResponse(found, content_type="application/pdf", headers=headers)
    return LaterResponse(lambda: wait_for_pdf(tenant_id, found), content_type="application/pdf", headers=headers)
