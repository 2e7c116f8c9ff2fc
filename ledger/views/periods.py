"""The periods of the books over REST: closing, reopening, locking, exceptions, and the year's end."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.shapes import EmptyInput
from bigledger.api.views import ResourceViewSet
from bigledger.postgres.execute import fetch_one
from ledger.bodies import ChecklistBody, FiscalYearBody, LockExceptionBody, PeriodBody
from ledger.resources import LOCK_EXCEPTIONS, PERIODS
from ledger.rules import (
    CHECKLIST_OPEN,
    PERIOD_ALREADY_CLOSED,
    PERIOD_CLOSED,
    PERIOD_LOCKED,
    PERIOD_NOT_CLOSED,
    PERIOD_NOT_OVER,
    YEAR_ALREADY_CLOSED,
    YEAR_NOT_CLOSED,
)
from ledger.serializers import (
    ClosePeriodInput,
    CloseYearInput,
    LockExceptionInput,
    ReopenPeriodInput,
    ReopenYearInput,
)
from ledger.services.periods import (
    close_period,
    close_year,
    create_lock_exception,
    lock_period,
    reopen_period,
    reopen_year,
)
from ledger.services.periods.checklist import checklist_of

_IN_A_WEEK = "2024-02-05T17:00:00Z"


class PeriodViewSet(ResourceViewSet):
    """The months from the first posting to the present. Their ids are their names: `per_2024-01`."""

    of = PERIODS

    def locked(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """A period is no row: the books are locked, as they are by closing."""
        fetch_one("SELECT ledger_lock_books()", [])
        return rows

    @describe(
        takes=ClosePeriodInput,
        gives=PeriodBody,
        example={"scope": "all"},
        rules=(PERIOD_NOT_OVER, PERIOD_ALREADY_CLOSED, CHECKLIST_OPEN),
    )
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Closes the period and every earlier one. What is dated there afterwards is refused with `period_closed`."""
        scope = ClosePeriodInput.read(request.data).get("scope", "all")
        return Response(close_period(period=self.find(pk), scope=scope, acting=self.principal))

    @describe(
        takes=ReopenPeriodInput,
        gives=PeriodBody,
        example={"reason": "The bank statement came late"},
        rules=(PERIOD_LOCKED, PERIOD_NOT_CLOSED),
    )
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Opens this one period again. Owners only."""
        data = ReopenPeriodInput.read(request.data)
        return Response(reopen_period(period=self.find(pk), reason=data["reason"], acting=self.principal))

    @describe(takes=EmptyInput, gives=PeriodBody, example={}, rules=(PERIOD_LOCKED, PERIOD_NOT_CLOSED))
    @action(detail=True, methods=["post"])
    def lock(self, request: Request, pk: str) -> Response:
        """Locks the closed period and every earlier one for ever. Owners only."""
        EmptyInput.read(request.data)
        return Response(lock_period(period=self.find(pk), acting=self.principal))

    @describe(gives=ChecklistBody)
    @action(detail=True, methods=["get"])
    def checklist(self, request: Request, pk: str) -> Response:
        """What is to be settled before the period is closed."""
        return Response(checklist_of(self.find(pk)))

    @describe(
        takes=CloseYearInput,
        gives=FiscalYearBody,
        example={"year": 2024},
        rules=(PERIOD_NOT_OVER, YEAR_ALREADY_CLOSED, PERIOD_CLOSED),
        named="closeFiscalYear",
    )
    @action(detail=False, methods=["post"], url_path="close-year")
    def close_year(self, request: Request) -> Response:
        """Closes the months of the fiscal year and moves its result to retained earnings."""
        return Response(close_year(year=CloseYearInput.read(request.data)["year"], acting=self.principal))

    @describe(
        takes=ReopenYearInput,
        gives=FiscalYearBody,
        example={"year": 2024, "reason": "The auditor found a mistake"},
        rules=(YEAR_NOT_CLOSED, PERIOD_CLOSED),
        named="reopenFiscalYear",
    )
    @action(detail=False, methods=["post"], url_path="reopen-year")
    def reopen_year(self, request: Request) -> Response:
        """Reverses the closing entry of the year; its months stay closed. Owners only."""
        return Response(reopen_year(**ReopenYearInput.read(request.data), acting=self.principal))


class LockExceptionViewSet(ResourceViewSet):
    """Who may post into a closed period, and until when."""

    of = LOCK_EXCEPTIONS

    @describe(
        takes=LockExceptionInput,
        gives=LockExceptionBody,
        status=201,
        example={"period_id": "per_2024-01", "expires_at": _IN_A_WEEK, "reason": "Adjustments of the auditor"},
        rules=(PERIOD_LOCKED, PERIOD_NOT_CLOSED),
    )
    def create(self, request: Request) -> Response:
        """Lets a member, or everybody, post into a closed period for at most 7 days. Owners only."""
        data = LockExceptionInput.read(request.data)
        return Response(create_lock_exception(**data, acting=self.principal), status=201)
