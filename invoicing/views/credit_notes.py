"""Credit notes over REST."""

from __future__ import annotations

from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.views import ResourceViewSet
from invoicing.bodies import CreditNoteBody, PaymentApplicationBody
from invoicing.resources import CREDIT_NOTES, INVOICES
from invoicing.rules import APPLYING, CREDIT_EXCEEDS_INVOICE, INVOICE_NOT_ISSUED, OTHER_CUSTOMER
from invoicing.serializers import ApplyInput, CreditNoteInput
from invoicing.services.credit_notes import apply_credit_note, create_credit_note
from invoicing.views.examples import LINE
from ledger.rules import POSTING

_CREDIT = {"customer_id": "cust_123456", "lines": [LINE], "reason": "Returned"}
_APPLY = {"invoice_id": "inv_INV-2024-001"}


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
        rules=APPLYING,
    )
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        data = ApplyInput.read(request.data)
        return Response(apply_credit_note(credit_note=self.find(pk), **data, acting=self.principal), status=201)
