"""Invoices over REST."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.api.bulk import BulkBody, BulkInput, Operation
from bigledger.api.bulk import run as run_bulk
from bigledger.api.describe import describe
from bigledger.api.lookup import find
from bigledger.api.response import Response
from bigledger.api.shapes import EmptyInput
from bigledger.api.sheets import Sheet, created_each, export_of, import_into
from bigledger.api.sheets.exports import fields_of
from bigledger.api.views import ResourceViewSet
from invoicing.bodies import InvoiceBody, PaymentBody
from invoicing.models import WriteOff
from invoicing.resources import INVOICES, PAYMENTS
from invoicing.rules import (
    CUSTOMER_BLOCKED,
    DIFFERENCE_NOT_SMALL,
    INVOICE_CLOSED,
    INVOICE_HAS_PAYMENTS,
    INVOICE_ISSUED,
    INVOICE_NOT_ISSUED,
    INVOICE_YEAR_FIXED,
    ISSUING,
    MAILING,
    OVER_WRITE_OFF,
    WRITE_OFF_UNDONE,
)
from invoicing.serializers import (
    BulkSendInput,
    BulkVoidInput,
    InvoiceInput,
    SendInput,
    UndoWriteOffInput,
    VoidInput,
    WriteOffInput,
)
from invoicing.services.bulk import create_invoices, send_invoices, void_invoices
from invoicing.services.hosted import rotate_hosted_link
from invoicing.services.invoices import create_invoice, delete_invoice, send_invoice, update_invoice, void_invoice
from invoicing.services.write_offs import undo_write_off, write_off_invoice
from invoicing.views.examples import LINE
from invoicing.views.files import pdf_response
from invoicing.views.payments import payments_of_invoice
from ledger.rules import CORRECTING, DATE_BEFORE_SOURCE

_INVOICE = {
    "customer_id": "cust_123456",
    "invoice_date": "2024-01-15",
    "due_date": "2024-02-15",
    "currency": "USD",
    "lines": [LINE],
    "payment_terms": "net_30",
    "notes": "Thank you for your business",
}
_FILE = """number,customer_id,invoice_date,lines.description,lines.quantity,lines.unit_price,lines.tax_rate
A-1,cust_123456,2024-01-15,Consulting,10,150.00,0.08
A-1,,,Travel,1,75.00,
"""


def _as_input(invoice: InvoiceBody) -> dict[str, Any]:
    """A line with a named tax shows its rate beside it, and is made from one of the two."""
    found: dict[str, Any] = fields_of(invoice)
    for line in found["lines"]:
        if line["tax_rate_id"]:
            line["tax_rate"] = None
    return found


_SHEET = Sheet(INVOICES, InvoiceInput, key="number", shown=_as_input)


class InvoiceViewSet(ResourceViewSet):
    of = INVOICES

    import_rows = import_into(_SHEET, created_each(create_invoice), example=_FILE, rules=(CUSTOMER_BLOCKED,))
    export = export_of(_SHEET)

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
        rules=(INVOICE_CLOSED, INVOICE_HAS_PAYMENTS, DATE_BEFORE_SOURCE, *ISSUING, *MAILING),
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
        rules=(INVOICE_CLOSED, INVOICE_HAS_PAYMENTS, *CORRECTING),
    )
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        data = VoidInput.read(request.data)
        return Response(void_invoice(invoice=self.find(pk), **data, acting=self.principal))

    @describe(
        takes=WriteOffInput,
        gives=InvoiceBody,
        example={"kind": "bad_debt", "reason": "Insolvent"},
        rules=(INVOICE_NOT_ISSUED, INVOICE_CLOSED, OVER_WRITE_OFF, DIFFERENCE_NOT_SMALL, *CORRECTING),
        named="writeOffInvoice",
    )
    @action(detail=True, methods=["post"], url_path="write-off")
    def write_off(self, request: Request, pk: str) -> Response:
        data = WriteOffInput.read(request.data)
        return Response(write_off_invoice(invoice=self.find(pk), **data, acting=self.principal))

    @describe(
        takes=UndoWriteOffInput,
        gives=InvoiceBody,
        example={"reason": "Paid after all"},
        rules=(WRITE_OFF_UNDONE, *CORRECTING),
    )
    @action(detail=True, methods=["post"], url_path=r"write-offs/(?P<write_off>[^/]+)/undo")
    def undo_write_off(self, request: Request, pk: str, write_off: str) -> Response:
        """Takes back a write-off; what was written off is due again."""
        data = UndoWriteOffInput.read(request.data)
        row = find(WriteOff.objects.filter(invoice=self.find(pk)).select_related("invoice"), write_off)
        return Response(undo_write_off(write_off=row, **data, acting=self.principal))

    @describe(takes=EmptyInput, gives=InvoiceBody, example={}, rules=(INVOICE_NOT_ISSUED,))
    @action(detail=True, methods=["post"], url_path="rotate-link")
    def rotate_link(self, request: Request, pk: str) -> Response:
        """Gives the invoice a new `hosted_url`; the old one stops working."""
        EmptyInput.read(request.data)
        return Response(rotate_hosted_link(invoice=self.find(pk), acting=self.principal))

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Returns a PDF whatever the client says it accepts."""
        return super().perform_content_negotiation(request, force=force or self.action in ("pdf", "current_pdf"))

    @describe(media="application/pdf")
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: str) -> HttpResponse:
        """What was issued, the same bytes for good, whatever becomes of customer, tenant and payments. If the PDF does
        not exist yet, the request waits up to 10 seconds for it; then the answer is 503, and the PDF is ready a little
        later."""
        invoice = self.find(pk)
        return pdf_response(invoice, str(invoice), self.principal.tenant.id)

    @describe(media="application/pdf")
    @action(detail=True, methods=["get"], url_path="pdf/current")
    def current_pdf(self, request: Request, pk: str) -> HttpResponse:
        """The invoice as it was issued, with what became of it: payments, credit, small differences, the due date, and
        a stamp when it is paid or void."""
        invoice = self.find(pk)
        return pdf_response(invoice, str(invoice), self.principal.tenant.id, is_current=True)

    @describe(gives=PaymentBody, listing=PAYMENTS.listing, expansions=PAYMENTS.expanded())
    @action(detail=True, methods=["get"])
    def payments(self, request: Request, pk: str) -> Response:
        """The payments that were applied to an invoice."""
        return payments_of_invoice(self.find(pk), request)
