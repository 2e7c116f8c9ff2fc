"""Journal entries over REST: drafts, posting, reversal, bulk requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.access.principal import Principal
from bigledger.api.bulk import BulkBody, BulkInput, Item, Operation
from bigledger.api.bulk import run as run_bulk
from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.shapes import EmptyInput
from bigledger.api.sheets import Sheet, export_of, import_into
from bigledger.api.views import ResourceViewSet
from bigledger.errors import ApiError
from ledger.bodies import JournalEntryBody
from ledger.models import EntryStatus
from ledger.resources import JOURNAL_ENTRIES
from ledger.rules import (
    CLOSING_ENTRY,
    CORRECTING,
    ENTRY_ALREADY_REVERSED,
    ENTRY_NOT_POSTED,
    ENTRY_OF_DOCUMENT,
    ENTRY_POSTED,
    POSTING,
)
from ledger.serializers import (
    ClosedPeriodParams,
    JournalEntryInput,
    NewJournalEntryInput,
    ReversalInput,
    new_entry,
    new_lines,
)
from ledger.services.drafts import create_draft_entry, delete_draft_entry, post_draft_entry, update_draft_entry
from ledger.services.entry_imports import import_journal_entries
from ledger.services.posting import moving_out_of_closed_periods, post_each_journal_entry
from ledger.services.reversal import reverse_journal_entry
from ledger.services.reversing import post_and_reverse

_RENT = {
    "date": "2024-01-15",
    "reference": "JE-2024-001",
    "description": "Monthly rent payment",
    "lines": [
        {"account_id": "acc_6100", "debit": Decimal("5000.00"), "credit": 0, "description": "Rent expense"},
        {"account_id": "acc_1000", "debit": 0, "credit": Decimal("5000.00"), "description": "Cash payment"},
    ],
}
_FILE = """number,date,description,lines.account_id,lines.debit,lines.credit
GJ-1,2024-01-31,Rent of January,acc_6100,5000.00,
GJ-1,,,acc_1000,,5000.00
"""
_SHEET = Sheet(JOURNAL_ENTRIES, NewJournalEntryInput, key="number", names={"number": "reference"}, most=5000)


def _import(rows: Sequence[Mapping[str, Any]], acting: Principal) -> Sequence[JournalEntryBody | ApiError | None]:
    drafts = [row.get("status") == EntryStatus.DRAFT for row in rows]
    return import_journal_entries(entries=[new_entry(row) for row in rows], drafts=drafts, acting=acting)


class JournalEntryViewSet(ResourceViewSet):
    of = JOURNAL_ENTRIES

    import_rows = import_into(_SHEET, _import, example=_FILE, rules=POSTING)
    export = export_of(_SHEET)

    def _on_closed_period(self) -> AbstractContextManager[None]:
        moves = self.own_parameters().get("on_closed_period") == "next_open"
        return moving_out_of_closed_periods() if moves else nullcontext()

    @describe(
        takes=NewJournalEntryInput,
        gives=JournalEntryBody,
        status=201,
        example=_RENT,
        rules=POSTING,
        query=ClosedPeriodParams,
    )
    def create(self, request: Request) -> Response:
        data = NewJournalEntryInput.read(request.data)
        entry = new_entry(data)
        if data.get("status") == EntryStatus.DRAFT:
            body = create_draft_entry(entry=entry, acting=self.principal)
        else:
            with self._on_closed_period():
                body = post_and_reverse(entry=entry, acting=self.principal, is_all=True)
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
        takes=BulkInput,
        gives=BulkBody,
        example={"operations": [{"operation": "create", "data": _RENT}]},
        rules=POSTING,
        query=ClosedPeriodParams,
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        with self._on_closed_period():
            return Response(run_bulk(request.data, {"create": Operation(JournalEntryInput, 201, self._create_many)}))

    def _create_many(self, items: Sequence[Item], *, goes_on: bool) -> Sequence[JournalEntryBody | ApiError | None]:
        entries = [new_entry(item.data) for item in items]
        return post_each_journal_entry(entries=entries, goes_on=goes_on, acting=self.principal)

    @describe(
        takes=EmptyInput,
        gives=JournalEntryBody,
        example={},
        rules=(ENTRY_POSTED, *POSTING),
        query=ClosedPeriodParams,
        named="postJournalEntry",
    )
    @action(detail=True, methods=["post"], url_path="post")
    def post_draft(self, request: Request, pk: str) -> Response:
        EmptyInput.read(request.data)
        with self._on_closed_period():
            return Response(post_draft_entry(entry=self.find(pk), acting=self.principal))

    @describe(
        takes=ReversalInput,
        gives=JournalEntryBody,
        status=201,
        example={"reason": "Entered twice"},
        rules=(ENTRY_NOT_POSTED, ENTRY_OF_DOCUMENT, ENTRY_ALREADY_REVERSED, CLOSING_ENTRY, *CORRECTING),
        query=ClosedPeriodParams,
    )
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str) -> Response:
        data = ReversalInput.read(request.data)
        with self._on_closed_period():
            body = reverse_journal_entry(
                entry=self.find(pk), reason=data["reason"], date=data.get("date"), acting=self.principal
            )
        return Response(body, status=201)
