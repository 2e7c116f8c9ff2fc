"""Source documents over REST: upload, download, deletion."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.forms import form_of
from bigledger.api.response import Response
from bigledger.api.views import ResourceViewSet
from bigledger.errors import ResourceNotFound
from ledger.bodies import DocumentBody
from ledger.resources import DOCUMENTS
from ledger.rules import DOCUMENT_IN_USE, DOCUMENT_QUOTA
from ledger.serializers import DocumentInput
from ledger.services.documents import delete_document, upload_document


class DocumentViewSet(ResourceViewSet):
    of = DOCUMENTS

    parser_classes = [MultiPartParser]

    @describe(
        takes=DocumentInput, gives=DocumentBody, status=201, example={"reference": "abc123"}, rules=(DOCUMENT_QUOTA,)
    )
    def create(self, request: Request) -> Response:
        data = DocumentInput.read(form_of(request))
        file = data["file"]
        body = upload_document(
            name=file.name,
            content=file.read(),
            reference=data.get("reference"),
            metadata=data.get("metadata"),
            acting=self.principal,
        )
        return Response(body, status=201)

    @describe(status=204, rules=(DOCUMENT_IN_USE,))
    def destroy(self, request: Request, pk: str) -> Response:
        """Deletes a document that is attached to no journal entry."""
        delete_document(document=self.find(pk), acting=self.principal)
        return Response(status=204)

    @describe(media="*/*")
    @action(detail=True)
    def content(self, request: Request, pk: str) -> HttpResponse:
        """The file as it was uploaded, always as a download: it is never shown inline."""
        document = self.find(pk)
        try:
            with document.file.open("rb") as file:
                content = file.read()
        except FileNotFoundError:
            raise ResourceNotFound(f"The content of {document.public_id} is missing from the storage") from None
        disposition = content_disposition_header(as_attachment=True, filename=document.name)
        return HttpResponse(
            content,
            content_type=document.media_type,
            headers={
                "Content-Disposition": disposition,
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "X-Content-Type-Options": "nosniff",
            },
        )
