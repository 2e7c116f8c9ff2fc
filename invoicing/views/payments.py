"""Payments over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.views import ResourceViewSet, page_of
from bigledger.errors import BusinessRuleViolation
from invoicing.bodies import PaymentApplicationBody, PaymentBody
from invoicing.models import Invoice, Payment, PaymentApplication
from invoicing.resources import INVOICES, PAYMENTS
from invoicing.rules import (
    AMOUNT_NOT_CHARGEABLE,
    APPLYING,
    CHARGING,
    INVOICE_CLOSED,
    INVOICE_NOT_ISSUED,
    OTHER_CUSTOMER,
    OVER_REFUND,
    PAYMENT_FAILED,
    PAYMENT_REFUNDED,
    PAYMENT_VOID,
    UNAPPLYING,
)
from invoicing.serializers import ApplyInput, PaymentInput, RefundInput, UnapplyInput, VoidInput, new_payment
from invoicing.services.payments import apply_payment, create_payment, unapply_payment
from invoicing.services.refunds import refund_payment, void_payment
from invoicing.views.files import pdf_response
from ledger.rules import CORRECTING, POSTING

_PAYMENT = {"customer_id": "cust_123456", "amount": Decimal("1458.00"), "currency": "USD", "method": "bank_transfer"}
_APPLY = {"invoice_id": "inv_INV-2024-001", "amount": Decimal("1000.00")}
_UNAPPLY = {"invoice_id": "inv_INV-2024-001"}


class PaymentViewSet(ResourceViewSet):
    of = PAYMENTS

    @describe(
        takes=PaymentInput,
        gives=PaymentBody,
        status=201,
        example=_PAYMENT,
        rules=(OTHER_CUSTOMER, INVOICE_NOT_ISSUED, INVOICE_CLOSED, *CHARGING, *POSTING),
    )
    def create(self, request: Request) -> Response:
        data = new_payment(PaymentInput.read(request.data))
        return Response(create_payment(**data, acting=self.principal), status=201)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Returns a PDF whatever the client says it accepts."""
        return super().perform_content_negotiation(request, force=force or self.action == "receipt")

    @describe(media="application/pdf", rules=(PAYMENT_FAILED,))
    @action(detail=True, methods=["get"])
    def receipt(self, request: Request, pk: str) -> HttpResponse:
        """The receipt as PDF: what was received, and the invoices that it paid."""
        payment = self.find(pk)
        if payment.number is None:
            raise BusinessRuleViolation.of(PAYMENT_FAILED, verb="give a receipt for")
        return pdf_response(payment, f"receipt-{payment.number}", self.principal.tenant.id)

    @describe(
        takes=ApplyInput,
        gives=PaymentApplicationBody,
        status=201,
        example=_APPLY,
        expansions={"invoice": INVOICES.expansion},
        rules=(PAYMENT_FAILED, PAYMENT_VOID, *APPLYING),
    )
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        data = ApplyInput.read(request.data)
        return Response(apply_payment(payment=self.find(pk), **data, acting=self.principal), status=201)

    @describe(takes=UnapplyInput, gives=PaymentBody, example=_UNAPPLY, rules=UNAPPLYING)
    @action(detail=True, methods=["post"])
    def unapply(self, request: Request, pk: str) -> Response:
        """Takes the payment off an invoice, which is due again."""
        data = UnapplyInput.read(request.data)
        return Response(unapply_payment(payment=self.find(pk), **data, acting=self.principal))

    @describe(
        takes=VoidInput,
        gives=PaymentBody,
        example={"reason": "The check bounced"},
        rules=(PAYMENT_FAILED, PAYMENT_VOID, PAYMENT_REFUNDED, *CORRECTING),
    )
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        """Takes back a payment that did not last: a bounced check, a chargeback."""
        data = VoidInput.read(request.data)
        return Response(void_payment(payment=self.find(pk), **data, acting=self.principal))

    @describe(
        takes=RefundInput,
        gives=PaymentBody,
        example={"reason": "Returned"},
        rules=(PAYMENT_FAILED, PAYMENT_VOID, PAYMENT_REFUNDED, OVER_REFUND, AMOUNT_NOT_CHARGEABLE, *CORRECTING),
    )
    @action(detail=True, methods=["post"])
    def refund(self, request: Request, pk: str) -> Response:
        data = RefundInput.read(request.data)
        return Response(refund_payment(payment=self.find(pk), **data, acting=self.principal))


def payments_of_invoice(invoice: Invoice, request: Request) -> Response:
    """The payments that were ever applied to an invoice, as a list like any other."""
    applied = PaymentApplication.objects.filter(invoice=invoice, payment__isnull=False).values("payment_id")
    return Response(page_of(PAYMENTS, Payment.objects.filter(id__in=applied), request.query_params))
