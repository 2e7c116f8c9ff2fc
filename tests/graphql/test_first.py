"""One question from end to end."""

from __future__ import annotations

from decimal import Decimal

from tests.conftest import Caller
from tests.sales import Shop


def test_a_query_is_answered_with_exact_amounts(acme: Caller, shop: Shop) -> None:
    shop.sent()
    query = '{ customer(id: "cust_123456") { name balance invoices(status: UNPAID) { edges { node { total } } } } }'

    answer = acme.post("/graphql", {"query": query})

    assert (answer.status, "1458.00" in answer.text) == (200, True)
    assert answer.body["data"]["customer"] == {
        "name": "Acme Corporation",
        "balance": Decimal("1458.00"),
        "invoices": {"edges": [{"node": {"total": Decimal("1458.00")}}]},
    }
