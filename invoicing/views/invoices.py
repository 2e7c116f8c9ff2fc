"""Invoices, credit notes and recurring invoices over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.api.bulk import BulkBody, BulkInput, Operation
from bigledger.api.bulk import run as run_bulk
from bigledger.api.describe import describe
from bigledger.api.response import LaterResponse, Response
from bigledger.api.views import ResourceViewSet
from invoicing.bodies import CreditNoteBody, InvoiceBody, PaymentApplicationBody, PaymentBody, RecurringInvoiceBody
from invoicing.pdf.kept import pdf_or_wanted, wait_for_pdf
from invoicing.resources import CREDIT_NOTES, INVOICES, PAYMENTS, RECURRING_INVOICES
from invoicing.rules import (
    CREDIT_EXCEEDS_INVOICE,
    CUSTOMER_BLOCKED,
    DIFFERENCE_NOT_SMALL,
    INVOICE_CLOSED,
    INVOICE_HAS_PAYMENTS,
    INVOICE_ISSUED,
    INVOICE_NOT_ISSUED,
    INVOICE_YEAR_FIXED,
    ISSUING,
    MAILING,
    OTHER_CUSTOMER,
    RECURRING_INVOICE_IN_USE,
    RECURRING_INVOICE_NOT_ACTIVE,
    RECURRING_INVOICE_NOT_PAUSED,
    SETTLING,
)
from invoicing.serializers import (
    ApplyInput,
    BulkSendInput,
    BulkVoidInput,
    CreditNoteInput,
    InvoiceInput,
    RecurringInvoiceChanges,
    RecurringInvoiceInput,
    SendInput,
    VoidInput,
    WriteOffInput,
)
from invoicing.services.bulk import create_invoices, send_invoices, void_invoices
from invoicing.services.credit_notes import apply_credit_note, create_credit_note
from invoicing.services.hosted import rotate_hosted_link
from invoicing.services.invoices import create_invoice, delete_invoice, send_invoice, update_invoice, void_invoice
from invoicing.services.recurring import (
    create_recurring_invoice,
    delete_recurring_invoice,
    pause_recurring_invoice,
    resume_recurring_invoice,
    update_recurring_invoice,
)
from invoicing.services.write_offs import write_off_invoice
from invoicing.views.payments import payments_of_invoice
from ledger.rules import POSTING
from ledger.serializers import EmptyInput

_LINE = {
    "product_id": "prod_789",
    "description": "Consulting Services",
    "quantity": 10,
    "unit_price": Decimal("150.00"),
    "tax_rate": Decimal("0.08"),
    "discount_percentage": 10,
}
_INVOICE = {
    "customer_id": "cust_123456",
    "invoice_date": "2024-01-15",
    "due_date": "2024-02-15",
    "currency": "USD",
    "lines": [_LINE],
    "payment_terms": "net_30",
    "notes": "Thank you for your business",
}
_CREDIT = {"customer_id": "cust_123456", "lines": [_LINE], "reason": "Returned"}
_APPLY = {"invoice_id": "inv_INV-2024-001"}
_RECURRING = {"customer_id": "cust_123456", "frequency": "monthly", "lines": [_LINE]}


class InvoiceViewSet(ResourceViewSet):
    of = INVOICES

    @describe(takes=InvoiceInput, gives=InvoiceBody, status=201, example=_INVOICE, rules=(CUSTOMER_BLOCKED,))
    def create(self, request: Request) -> Response:
        return Response(create_invoice(**InvoiceInput.read(request.data), acting=self.principal), status=201)

    @describe(
        takes=InvoiceInput,
        gives=InvoiceBody,
        example={"notes": "Thank you"},
        rules=(CUSTOMER_BLOCKED, INVOICE_ISSUED, INVOICE_CLOSED, INVOICE_YEAR_FIXED),
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = InvoiceInput.read(request.data, partial=True)
        return Response(update_invoice(invoice=self.find(pk), changes=changes, acting=self.principal))

    @describe(status=204, rules=(INVOICE_ISSUED,))
    def destroy(self, request: Request, pk: str) -> Response:
        delete_invoice(invoice=self.find(pk), acting=self.principal)
        return Response(status=204)

    @describe(
        takes=BulkInput,
        gives=BulkBody,
        example={"operations": [{"operation": "create", "data": _INVOICE}]},
        rules=(INVOICE_CLOSED, INVOICE_HAS_PAYMENTS, *ISSUING, *MAILING),
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """The operations are `create`, `send` and `void`; the last two require `invoice_id`."""
        acting = self.principal
        operations = {
            "create": Operation(InvoiceInput, 201, lambda items, **_: create_invoices(items=items, acting=acting)),
            "send": Operation(BulkSendInput, 200, lambda items, **_: send_invoices(items=items, acting=acting)),
            "void": Operation(BulkVoidInput, 200, lambda items, **_: void_invoices(items=items, acting=acting)),
        }
        return Response(run_bulk(request.data, operations))

    @describe(
        takes=SendInput,
        gives=InvoiceBody,
        example={"message": "Thank you for your business"},
        rules=(INVOICE_CLOSED, *ISSUING, *MAILING),
    )
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        data = SendInput.read(request.data)
        return Response(send_invoice(invoice=self.find(pk), **data, acting=self.principal))

    @describe(
        takes=VoidInput,
        gives=InvoiceBody,
        example={"reason": "Made out twice"},
        rules=(INVOICE_CLOSED, INVOICE_HAS_PAYMENTS, *POSTING),
    )
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        data = VoidInput.read(request.data)
        return Response(void_invoice(invoice=self.find(pk), **data, acting=self.principal))

    @describe(
        takes=WriteOffInput,
        gives=InvoiceBody,
        example={"kind": "bad_debt", "reason": "Insolvent"},
        rules=(INVOICE_NOT_ISSUED, INVOICE_CLOSED, DIFFERENCE_NOT_SMALL, *POSTING),
    )
    @action(detail=True, methods=["post"], url_path="write-off")
    def write_off(self, request: Request, pk: str) -> Response:
        data = WriteOffInput.read(request.data)
        return Response(write_off_invoice(invoice=self.find(pk), **data, acting=self.principal))

    @describe(takes=EmptyInput, gives=InvoiceBody, example={}, rules=(INVOICE_NOT_ISSUED,))
    @action(detail=True, methods=["post"], url_path="rotate-link")
    def rotate_link(self, request: Request, pk: str) -> Response:
        """Gives the invoice a new `hosted_url`; the old one stops working."""
        EmptyInput.read(request.data)
        return Response(rotate_hosted_link(invoice=self.find(pk), acting=self.principal))

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Returns a PDF whatever the client says it accepts."""
        return super().perform_content_negotiation(request, force=force or self.action == "pdf")

    @describe(media="application/pdf")
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: str) -> HttpResponse:
        """The PDF is created once for each content and stored. If it does not exist yet, the request waits up to 10
        seconds for it; then the answer is 503, and the PDF is ready a little later."""
        invoice = self.find(pk)
        found, tenant = pdf_or_wanted(invoice), self.principal.tenant.id
        headers = {"Content-Disposition": f'attachment; filename="{invoice.number}.pdf"'}
        options: dict[str, Any] = {"content_type": "application/pdf", "headers": headers}
        if isinstance(found, bytes):
            return HttpResponse(found, **options)
        return LaterResponse(lambda: wait_for_pdf(tenant, found), **options)

    @describe(gives=PaymentBody, listing=PAYMENTS.listing, expansions=PAYMENTS.expanded())
    @action(detail=True, methods=["get"])
    def payments(self, request: Request, pk: str) -> Response:
        """The payments that were applied to an invoice."""
        return payments_of_invoice(self.find(pk), request)


class CreditNoteViewSet(ResourceViewSet):
    of = CREDIT_NOTES

    @describe(
        takes=CreditNoteInput,
        gives=CreditNoteBody,
        status=201,
        example=_CREDIT,
        rules=(OTHER_CUSTOMER, INVOICE_NOT_ISSUED, CREDIT_EXCEEDS_INVOICE, *POSTING),
    )
    def create(self, request: Request) -> Response:
        return Response(create_credit_note(**CreditNoteInput.read(request.data), acting=self.principal), status=201)

    @describe(
        takes=ApplyInput,
        gives=PaymentApplicationBody,
        status=201,
        example=_APPLY,
        expansions={"invoice": INVOICES.expansion},
        rules=SETTLING,
    )
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        data = ApplyInput.read(request.data)
        return Response(apply_credit_note(credit_note=self.find(pk), **data, acting=self.principal), status=201)


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
