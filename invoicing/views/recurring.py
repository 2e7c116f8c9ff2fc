"""Recurring invoices over REST."""

from __future__ import annotations

from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.shapes import EmptyInput
from bigledger.api.views import ResourceViewSet
from invoicing.bodies import RecurringInvoiceBody
from invoicing.resources import RECURRING_INVOICES
from invoicing.rules import RECURRING_INVOICE_IN_USE, RECURRING_INVOICE_NOT_ACTIVE, RECURRING_INVOICE_NOT_PAUSED
from invoicing.serializers import RecurringInvoiceChanges, RecurringInvoiceInput
from invoicing.services.recurring import (
    create_recurring_invoice,
    delete_recurring_invoice,
    pause_recurring_invoice,
    resume_recurring_invoice,
    update_recurring_invoice,
)
from invoicing.views.examples import LINE

_RECURRING = {"customer_id": "cust_123456", "frequency": "monthly", "lines": [LINE]}


class RecurringInvoiceViewSet(ResourceViewSet):
    of = RECURRING_INVOICES

    @describe(takes=RecurringInvoiceInput, gives=RecurringInvoiceBody, status=201, example=_RECURRING)
    def create(self, request: Request) -> Response:
        data: dict[str, Any] = RecurringInvoiceInput.read(request.data)
        return Response(create_recurring_invoice(**data, acting=self.principal), status=201)

    @describe(takes=RecurringInvoiceChanges, gives=RecurringInvoiceBody, example={"notes": "Thank you"})
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = RecurringInvoiceChanges.read(request.data, partial=True)
        return Response(update_recurring_invoice(recurring=self.find(pk), changes=changes, acting=self.principal))

    @describe(status=204, rules=(RECURRING_INVOICE_IN_USE,))
    def destroy(self, request: Request, pk: str) -> Response:
        delete_recurring_invoice(recurring=self.find(pk), acting=self.principal)
        return Response(status=204)

    @describe(takes=EmptyInput, gives=RecurringInvoiceBody, example={}, rules=(RECURRING_INVOICE_NOT_ACTIVE,))
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        EmptyInput.read(request.data)
        return Response(pause_recurring_invoice(recurring=self.find(pk), acting=self.principal))

    @describe(takes=EmptyInput, gives=RecurringInvoiceBody, example={}, rules=(RECURRING_INVOICE_NOT_PAUSED,))
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        EmptyInput.read(request.data)
        return Response(resume_recurring_invoice(recurring=self.find(pk), acting=self.principal))
