"""Opening balances over REST."""

from __future__ import annotations

from decimal import Decimal

from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.views import ApiViewSet
from invoicing.bodies import OpeningBalancesBody
from invoicing.serializers import OpeningBalancesInput
from invoicing.services.opening_balances import post_opening_balances
from ledger.rules import POSTING

_OPENING = {
    "date": "2023-12-31",
    "trial_balance": [
        {"account_id": "acc_1020", "debit": Decimal("800.00")},
        {"account_id": "acc_1200", "debit": Decimal("200.00")},
        {"account_id": "acc_3200", "credit": Decimal("1000.00")},
    ],
    "open_invoices": [
        {
            "customer_id": "cust_123456",
            "number": "2023-0815",
            "invoice_date": "2023-12-01",
            "due_date": "2023-12-31",
            "amount_due": Decimal("200.00"),
        }
    ],
}


class OpeningBalancesViewSet(ApiViewSet):
    resource = "journal_entries"

    @describe(
        takes=OpeningBalancesInput,
        gives=OpeningBalancesBody,
        status=201,
        example=_OPENING,
        rules=POSTING,
        named="postOpeningBalances",
    )
    def take_over(self, request: Request) -> Response:
        """Post opening balances

        The trial balance of another system, and its open invoices, which must come to the receivable in it. They keep
        their numbers, dates and customers, and post neither revenue nor tax."""
        body = post_opening_balances(**OpeningBalancesInput.read(request.data), acting=self.principal)
        return Response(body, status=201)
