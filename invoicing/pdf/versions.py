"""Which version of a document is wanted: what was issued, what it says now, or what a draft says."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from typing import Any

from invoicing.bodies import CreditNoteBody, InvoiceBody
from invoicing.models import CreditNote, DocumentKind, DocumentVersion, Invoice, InvoiceStatus, Payment
from invoicing.pdf.content import Content, credit_note_content, current_content, invoice_content, receipt_content
from invoicing.selectors.documents import credit_note_body, invoice_body
from invoicing.selectors.payments import payment_body

Document = Invoice | CreditNote | Payment


def keep_issued_invoice(invoice: Invoice, body: InvoiceBody) -> DocumentVersion:
    """Keeps what an invoice says, in the transaction that issues it."""
    return _keep_issued(DocumentKind.INVOICE, invoice.id, invoice_content(invoice, body))


def keep_issued_invoices(invoices: Sequence[Invoice], bodies: Sequence[InvoiceBody]) -> None:
    """Keeps what new invoices say, in the transaction that issues all of them."""
    DocumentVersion.objects.bulk_create(
        _issued_version(DocumentKind.INVOICE, invoice.id, invoice_content(invoice, body))
        for invoice, body in zip(invoices, bodies, strict=True)
    )


def keep_issued_credit_note(note: CreditNote, body: CreditNoteBody) -> DocumentVersion:
    """Keeps what a credit note says, in the transaction that issues it."""
    return _keep_issued(DocumentKind.CREDIT_NOTE, note.id, credit_note_content(note, body))


def issued_content(document: Invoice | CreditNote) -> Content:
    """What was issued. What was issued before versions were kept is kept when it is first asked for."""
    content: Content = json.loads(_issued(document).content)
    return content


def wanted_version(document: Document, *, is_current: bool = False) -> DocumentVersion:
    """The version to be shown: of an issued document what was issued, or with `is_current` what became of it."""
    if isinstance(document, Payment):
        return _by_content(DocumentKind.RECEIPT, document.id, _receipt(document))
    if isinstance(document, CreditNote):
        return _issued(document)
    if document.status == InvoiceStatus.DRAFT:
        content = invoice_content(document, invoice_body(document))
        return _by_content(DocumentKind.INVOICE, document.id, content, is_only=True)
    if not is_current:
        return _issued(document)
    content = current_content(issued_content(document), invoice_body(document))
    return _by_content(DocumentKind.INVOICE, document.id, content)


def _receipt(payment: Payment) -> Content:
    applications = payment.applications.filter(released_on=None, invoice__isnull=False).select_related("invoice")
    paid = [(row.invoice, row.amount) for row in applications.order_by("id")]
    return receipt_content(payment, payment_body(payment), paid)


def _issued(document: Invoice | CreditNote) -> DocumentVersion:
    kind = DocumentKind.INVOICE if isinstance(document, Invoice) else DocumentKind.CREDIT_NOTE
    found = DocumentVersion.objects.filter(kind=kind, about_id=document.id, is_issued=True).first()
    if found:
        return found
    if isinstance(document, Invoice):
        return keep_issued_invoice(document, invoice_body(document))
    return keep_issued_credit_note(document, credit_note_body(document))


def _keep_issued(kind: DocumentKind, about_id: uuid.UUID, content: Content) -> DocumentVersion:
    DocumentVersion.objects.bulk_create([_issued_version(kind, about_id, content)], ignore_conflicts=True)
    return DocumentVersion.objects.get(kind=kind, about_id=about_id, is_issued=True)


def _issued_version(kind: DocumentKind, about_id: uuid.UUID, content: Content) -> DocumentVersion:
    text, digest = _written(content)
    return DocumentVersion(kind=kind, about_id=about_id, digest=digest, content=text, is_issued=True)


def _by_content(kind: DocumentKind, about_id: uuid.UUID, content: Content, *, is_only: bool = False) -> DocumentVersion:
    """The version of this content; with `is_only` it replaces the others."""
    text, digest = _written(content)
    of_document = DocumentVersion.objects.filter(kind=kind, about_id=about_id, is_issued=False)
    found = of_document.filter(digest=digest).first()
    if found is None:
        if is_only:
            of_document.delete()
        new = DocumentVersion(kind=kind, about_id=about_id, digest=digest, content=text)
        DocumentVersion.objects.bulk_create([new], ignore_conflicts=True)
        found = of_document.get(digest=digest)
    return found


def _written(content: dict[str, Any]) -> tuple[str, str]:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return text, hashlib.sha256(text.encode()).hexdigest()
