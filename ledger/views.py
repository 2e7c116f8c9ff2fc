"""The ledger's REST views: who may, which shape, which service."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import cast

from django.http import HttpResponse, QueryDict
from django.utils.http import content_disposition_header
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from bigledger.api.bulk import BulkBody, BulkInput, Item, Operation
from bigledger.api.bulk import run as run_bulk
from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.views import ResourceViewSet
from bigledger.errors import ApiError, Detail, ResourceNotFound, ValidationFailed
from ledger.bodies import AccountBody, DocumentBody, JournalEntryBody, LedgerLineBody
from ledger.models import (
    EntryStatus,
    JournalLine,
)
from ledger.resources import ACCOUNTS, DOCUMENTS, JOURNAL_ENTRIES, LEDGER_LINES
from ledger.rules import (
    ACCOUNT_IN_USE,
    DOCUMENT_IN_USE,
    DOCUMENT_QUOTA,
    ENTRY_ALREADY_REVERSED,
    ENTRY_NOT_POSTED,
    ENTRY_OF_DOCUMENT,
    ENTRY_POSTED,
    POSTING,
)
from ledger.selectors import ledger_line_bodies
from ledger.serializers import (
    AccountInput,
    DocumentInput,
    EmptyInput,
    JournalEntryInput,
    NewAccountInput,
    NewJournalEntryInput,
    ReversalInput,
    new_entry,
    new_lines,
)
from ledger.services.accounts import create_account, delete_account, update_account
from ledger.services.documents import delete_document, upload_document
from ledger.services.drafts import (
    create_draft_entry,
    delete_draft_entry,
    post_draft_entry,
    update_draft_entry,
)
from ledger.services.posting import post_each_journal_entry, post_journal_entry
from ledger.services.reversal import reverse_journal_entry

_PETTY_CASH = {
    "code": "1001",
    "name": "Petty Cash",
    "type": "asset",
    "subtype": "current_asset",
    "currency": "USD",
    "opening_balance": Decimal("1000.00"),
    "description": "Petty cash fund",
}
_RENT = {
    "date": "2024-01-15",
    "reference": "JE-2024-001",
    "description": "Monthly rent payment",
    "lines": [
        {"account_id": "acc_6100", "debit": Decimal("5000.00"), "credit": 0, "description": "Rent expense"},
        {"account_id": "acc_1000", "debit": 0, "credit": Decimal("5000.00"), "description": "Cash payment"},
    ],
}


class AccountViewSet(ResourceViewSet):
    of = ACCOUNTS

    @describe(takes=NewAccountInput, gives=AccountBody, status=201, example=_PETTY_CASH, rules=POSTING)
    def create(self, request: Request) -> Response:
        body = create_account(**NewAccountInput.read(request.data), acting=self.principal)
        return Response(body, status=201)

    @describe(takes=AccountInput, gives=AccountBody, example={"name": "Cash on hand"}, rules=(ACCOUNT_IN_USE,))
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = AccountInput.read(request.data, partial=True)
        return Response(update_account(account=self.find(pk), changes=changes, acting=self.principal))

    @describe(status=204, rules=(ACCOUNT_IN_USE,))
    def destroy(self, request: Request, pk: str) -> Response:
        delete_account(account=self.find(pk), acting=self.principal)
        return Response(status=204)

    @describe(gives=LedgerLineBody, listing=LEDGER_LINES)
    @action(detail=True)
    def ledger(self, request: Request, pk: str) -> Response:
        """The account's lines by date, each with the account's balance after it."""
        account = self.find(pk)
        lines = JournalLine.objects.filter(account=account).select_related("entry", "account")
        page = LEDGER_LINES.read(lines, request.query_params)
        return Response({"data": ledger_line_bodies(page.rows), "meta": page.meta})


class JournalEntryViewSet(ResourceViewSet):
    of = JOURNAL_ENTRIES

    @describe(takes=NewJournalEntryInput, gives=JournalEntryBody, status=201, example=_RENT, rules=POSTING)
    def create(self, request: Request) -> Response:
        data = NewJournalEntryInput.read(request.data)
        entry = new_entry(data)
        if data.get("status") == EntryStatus.DRAFT:
            body = create_draft_entry(entry=entry, acting=self.principal)
        else:
            body = post_journal_entry(entry=entry, acting=self.principal)
        return Response(body, status=201)

    @describe(
        takes=JournalEntryInput,
        gives=JournalEntryBody,
        example={"description": "Rent of January"},
        rules=(ENTRY_POSTED,),
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = JournalEntryInput.read(request.data, partial=True)
        if "lines" in changes:
            changes["lines"] = new_lines(changes["lines"])
        return Response(update_draft_entry(entry=self.find(pk), changes=changes, acting=self.principal))

    @describe(status=204, rules=(ENTRY_POSTED,))
    def destroy(self, request: Request, pk: str) -> Response:
        delete_draft_entry(entry=self.find(pk), acting=self.principal)
        return Response(status=204)

    @describe(
        takes=BulkInput, gives=BulkBody, example={"operations": [{"operation": "create", "data": _RENT}]}, rules=POSTING
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        return Response(run_bulk(request.data, {"create": Operation(JournalEntryInput, 201, self._create_many)}))

    def _create_many(self, items: Sequence[Item], *, goes_on: bool) -> Sequence[JournalEntryBody | ApiError | None]:
        entries = [new_entry(item.data) for item in items]
        return post_each_journal_entry(entries=entries, goes_on=goes_on, acting=self.principal)

    @describe(takes=EmptyInput, gives=JournalEntryBody, example={}, rules=(ENTRY_POSTED, *POSTING))
    @action(detail=True, methods=["post"], url_path="post")
    def post_draft(self, request: Request, pk: str) -> Response:
        EmptyInput.read(request.data)
        return Response(post_draft_entry(entry=self.find(pk), acting=self.principal))

    @describe(
        takes=ReversalInput,
        gives=JournalEntryBody,
        status=201,
        example={"reason": "Entered twice"},
        rules=(ENTRY_NOT_POSTED, ENTRY_OF_DOCUMENT, ENTRY_ALREADY_REVERSED, *POSTING),
    )
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str) -> Response:
        data = ReversalInput.read(request.data)
        body = reverse_journal_entry(
            entry=self.find(pk), reason=data["reason"], date=data.get("date"), acting=self.principal
        )
        return Response(body, status=201)


class DocumentViewSet(ResourceViewSet):
    of = DOCUMENTS

    parser_classes = [MultiPartParser]

    @describe(
        takes=DocumentInput, gives=DocumentBody, status=201, example={"reference": "abc123"}, rules=(DOCUMENT_QUOTA,)
    )
    def create(self, request: Request) -> Response:
        form = cast(QueryDict, request.data)
        repeated = [
            Detail("Given more than once.", field=name, code="repeated") for name, found in form.lists() if found[1:]
        ]
        if repeated:
            raise ValidationFailed(details=repeated)
        data = DocumentInput.read(form.dict())
        file = data["file"]
        body = upload_document(
            name=file.name, content=file.read(), reference=data.get("reference"), acting=self.principal
        )
        return Response(body, status=201)

    @describe(status=204, rules=(DOCUMENT_IN_USE,))
    def destroy(self, request: Request, pk: str) -> Response:
        """Deletes a document that is attached to no journal entry."""
        delete_document(document=self.find(pk), acting=self.principal)
        return Response(status=204)

    @describe(media="application/octet-stream")
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
