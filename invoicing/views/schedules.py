"""Schedules over REST. They stand here and not beside the ledger's own, because one can be of an invoice line."""

from __future__ import annotations

import datetime
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.views import ResourceViewSet
from invoicing.rules import CREDIT_EXCEEDS_LINE, NOT_CREDITABLE
from invoicing.services.schedules import create_schedule_of
from ledger.bodies import ScheduleBody
from ledger.resources import SCHEDULES
from ledger.rules import CORRECTING, POSTING, SCHEDULE_EXISTS, SCHEDULE_NOT_ACTIVE
from ledger.serializers import ClosedPeriodParams, ReversalInput, ScheduleChanges, ScheduleInput
from ledger.services.posting import moving_out_of_closed_periods
from ledger.services.schedules.schedules import stop_schedule, update_schedule, void_schedule

_RENT = {
    "description": "Rent paid ahead",
    "amount": Decimal("12000.00"),
    "debit_account_id": "acc_6100",
    "credit_account_id": "acc_1460",
    "method": "days",
    "start_date": datetime.date(2024, 1, 16),
    "months": 12,
}


class ScheduleViewSet(ResourceViewSet):
    of = SCHEDULES

    def _on_closed_period(self) -> AbstractContextManager[None]:
        moves = self.own_parameters().get("on_closed_period") == "next_open"
        return moving_out_of_closed_periods() if moves else nullcontext()

    @describe(
        takes=ScheduleInput,
        gives=ScheduleBody,
        status=201,
        example=_RENT,
        rules=(SCHEDULE_EXISTS, NOT_CREDITABLE, CREDIT_EXCEEDS_LINE, *POSTING),
        query=ClosedPeriodParams,
    )
    def create(self, request: Request) -> Response:
        data: dict[str, Any] = ScheduleInput.read(request.data)
        with self._on_closed_period():
            return Response(create_schedule_of(**data, acting=self.principal), status=201)

    @describe(takes=ScheduleChanges, gives=ScheduleBody, example={"description": "Rent of the office"})
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = ScheduleChanges.read(request.data, partial=True)
        return Response(update_schedule(schedule=self.find(pk), changes=changes, acting=self.principal))

    @describe(
        takes=ReversalInput,
        gives=ScheduleBody,
        example={"reason": "Moved out"},
        rules=(SCHEDULE_NOT_ACTIVE, *CORRECTING),
        query=ClosedPeriodParams,
    )
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        data = ReversalInput.read(request.data)
        with self._on_closed_period():
            return Response(stop_schedule(schedule=self.find(pk), **data, acting=self.principal))

    @describe(
        takes=ReversalInput,
        gives=ScheduleBody,
        example={"reason": "Entered twice"},
        rules=(SCHEDULE_NOT_ACTIVE, *CORRECTING),
        query=ClosedPeriodParams,
    )
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        data = ReversalInput.read(request.data)
        with self._on_closed_period():
            return Response(void_schedule(schedule=self.find(pk), **data, acting=self.principal))
