"""Recurring journal entries over REST."""

from __future__ import annotations

from decimal import Decimal

from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.shapes import EmptyInput
from bigledger.api.views import ResourceViewSet
from ledger.bodies import RecurringEntryBody
from ledger.resources import RECURRING_ENTRIES
from ledger.rules import (
    ACCOUNT_INACTIVE,
    CONTROL_ACCOUNT,
    RATE_MISSING,
    RECURRING_ENTRY_IN_USE,
    RECURRING_ENTRY_NOT_ACTIVE,
    RECURRING_ENTRY_NOT_PAUSED,
)
from ledger.serializers import RecurringEntryChanges, RecurringEntryInput, recurring_entry
from ledger.services.recurring.entries import (
    create_recurring_entry,
    delete_recurring_entry,
    pause_recurring_entry,
    resume_recurring_entry,
    update_recurring_entry,
)

_LINES = [
    {"account_id": "acc_6100", "debit": Decimal("5000.00")},
    {"account_id": "acc_1000", "credit": Decimal("5000.00")},
]
_RENT = {"template": {"description": "Rent", "lines": _LINES}, "frequency": "monthly", "auto_post": True}
_WRITING = (ACCOUNT_INACTIVE, CONTROL_ACCOUNT, RATE_MISSING)


class RecurringEntryViewSet(ResourceViewSet):
    of = RECURRING_ENTRIES

    @describe(takes=RecurringEntryInput, gives=RecurringEntryBody, status=201, example=_RENT, rules=_WRITING)
    def create(self, request: Request) -> Response:
        data = recurring_entry(RecurringEntryInput.read(request.data))
        return Response(create_recurring_entry(**data, acting=self.principal), status=201)

    @describe(takes=RecurringEntryChanges, gives=RecurringEntryBody, example={"auto_post": False}, rules=_WRITING)
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = recurring_entry(RecurringEntryChanges.read(request.data, partial=True))
        return Response(update_recurring_entry(recurring=self.find(pk), changes=changes, acting=self.principal))

    @describe(status=204, rules=(RECURRING_ENTRY_IN_USE,))
    def destroy(self, request: Request, pk: str) -> Response:
        delete_recurring_entry(recurring=self.find(pk), acting=self.principal)
        return Response(status=204)

    @describe(takes=EmptyInput, gives=RecurringEntryBody, example={}, rules=(RECURRING_ENTRY_NOT_ACTIVE,))
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        EmptyInput.read(request.data)
        return Response(pause_recurring_entry(recurring=self.find(pk), acting=self.principal))

    @describe(takes=EmptyInput, gives=RecurringEntryBody, example={}, rules=(RECURRING_ENTRY_NOT_PAUSED,))
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        EmptyInput.read(request.data)
        return Response(resume_recurring_entry(recurring=self.find(pk), acting=self.principal))
