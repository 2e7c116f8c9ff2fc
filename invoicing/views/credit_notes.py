"""Credit notes over REST."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.views import ResourceViewSet
from invoicing.bodies import CreditNoteBody, PaymentApplicationBody
from invoicing.resources import CREDIT_NOTES, INVOICES
from invoicing.rules import (
    APPLYING,
    CREDIT_EXCEEDS_INVOICE,
    CREDIT_EXCEEDS_LINE,
    CREDIT_NOTE_VOID,
    CREDIT_REFUNDED,
    DISCOUNT_NOT_REFUNDABLE,
    INVOICE_NOT_ISSUED,
    MAILING,
    OTHER_CUSTOMER,
    OVER_REFUND,
    TAX_ID_REQUIRED,
    UNAPPLYING,
)
from invoicing.serializers import ApplyInput, CreditNoteInput, CreditRefundInput, MailingInput, UnapplyInput, VoidInput
from invoicing.services.credit_notes import (
    apply_credit_note,
    create_credit_note,
    refund_credit_note,
    unapply_credit_note,
    void_credit_note,
)
from invoicing.services.sending import send_credit_note
from invoicing.views.examples import LINE
from invoicing.views.files import pdf_response
from ledger.rules import CORRECTING

_CREDIT = {"customer_id": "cust_123456", "lines": [LINE], "reason": "Returned"}
_APPLY = {"invoice_id": "inv_INV-2024-001"}


class CreditNoteViewSet(ResourceViewSet):
    of = CREDIT_NOTES

    @describe(
        takes=CreditNoteInput,
        gives=CreditNoteBody,
        status=201,
        example=_CREDIT,
        rules=(
            OTHER_CUSTOMER,
            TAX_ID_REQUIRED,
            INVOICE_NOT_ISSUED,
            CREDIT_EXCEEDS_INVOICE,
            CREDIT_EXCEEDS_LINE,
            *CORRECTING,
        ),
    )
    def create(self, request: Request) -> Response:
        return Response(create_credit_note(**CreditNoteInput.read(request.data), acting=self.principal), status=201)

    @describe(
        takes=ApplyInput,
        gives=PaymentApplicationBody,
        status=201,
        example=_APPLY,
        expansions={"invoice": INVOICES.expansion},
        rules=(CREDIT_NOTE_VOID, *APPLYING),
    )
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        data = ApplyInput.read(request.data)
        return Response(apply_credit_note(credit_note=self.find(pk), **data, acting=self.principal), status=201)

    @describe(takes=UnapplyInput, gives=CreditNoteBody, example=_APPLY, rules=(CREDIT_NOTE_VOID, *UNAPPLYING))
    @action(detail=True, methods=["post"])
    def unapply(self, request: Request, pk: str) -> Response:
        """Takes the credit note off an invoice, which is due again."""
        data = UnapplyInput.read(request.data)
        return Response(unapply_credit_note(credit_note=self.find(pk), **data, acting=self.principal))

    @describe(
        takes=CreditRefundInput,
        gives=CreditNoteBody,
        example={"reason": "Paid twice"},
        rules=(CREDIT_NOTE_VOID, DISCOUNT_NOT_REFUNDABLE, OVER_REFUND, *CORRECTING),
    )
    @action(detail=True, methods=["post"])
    def refund(self, request: Request, pk: str) -> Response:
        """Pays out what is left of the credit note, or a part of it."""
        data = CreditRefundInput.read(request.data)
        return Response(refund_credit_note(credit_note=self.find(pk), **data, acting=self.principal))

    @describe(
        takes=VoidInput,
        gives=CreditNoteBody,
        example={"reason": "Made out twice"},
        rules=(CREDIT_NOTE_VOID, CREDIT_REFUNDED, *CORRECTING),
    )
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        """Takes back the credit note; the invoices it was applied to are due again."""
        data = VoidInput.read(request.data)
        return Response(void_credit_note(credit_note=self.find(pk), **data, acting=self.principal))

    @describe(takes=MailingInput, gives=CreditNoteBody, example={"message": "As agreed"}, rules=MAILING)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        """Mails the credit note with its PDF."""
        data = MailingInput.read(request.data)
        return Response(send_credit_note(credit_note=self.find(pk), **data, acting=self.principal))

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Returns a PDF whatever the client says it accepts."""
        return super().perform_content_negotiation(request, force=force or self.action == "pdf")

    @describe(media="application/pdf")
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: str) -> HttpResponse:
        """What was issued, the same bytes for good. If the PDF does not exist yet, the request waits up to 10 seconds
        for it; then the answer is 503, and the PDF is ready a little later."""
        note = self.find(pk)
        return pdf_response(note, str(note), self.principal.tenant.id)
