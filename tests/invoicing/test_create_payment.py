"""create_payment: POST /v1/payments. What cards do is in test_cards.py."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.conftest import Caller
from tests.sales import Shop

D = Decimal
PAYMENT = {"customer_id": "cust_123456", "amount": D("80.00"), "method": "bank_transfer"}


def test_it_is_cash_and_to_the_customers_credit(shop: Shop) -> None:
    payment = shop.post("/v1/payments", **PAYMENT, reference="Bank 7")

    assert (payment["status"], payment["amount"], payment["reference"]) == ("received", D("80.00"), "Bank 7")
    assert (payment["amount_applied"], payment["amount_unapplied"]) == (D("0.00"), D("80.00"))
    assert shop.balance() == D("-80.00")
    assert shop.books() == {"Cash": D("80.00"), "Customer Deposits": D("-80.00")}


def test_with_an_invoice_it_is_applied_and_the_rest_stays(shop: Shop) -> None:
    invoice = shop.sent("30.00")

    payment = shop.post("/v1/payments", **PAYMENT, invoice_id=invoice["id"])

    assert (payment["amount_applied"], payment["amount_unapplied"]) == (D("30.00"), D("50.00"))
    assert (shop.again(invoice)["status"], shop.balance()) == ("paid", D("-50.00"))


def test_a_key_receives_it_once(shop: Shop) -> None:
    first, again = (shop.caller.post("/v1/payments", PAYMENT, idempotency_key="pay") for _ in range(2))

    assert (first.status, again.status, again.text) == (201, 201, first.text)
    assert (shop.balance(), shop.read("/v1/payments")["meta"]["total"]) == (D("-80.00"), 1)


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"amount": 0}, 400, "amount"),
        ({"amount": -1}, 400, "amount"),
        ({"amount": D("0.001")}, 400, "amount"),
        ({"customer_id": "cust_none"}, 404, "customer_id"),
        ({"invoice_id": "inv_none"}, 404, "invoice_id"),
        ({"method": "gold"}, 400, "method"),
        ({"method": "card"}, 400, "card"),
        ({"currency": "EUR"}, 422, "exchange_rate"),
    ],
)
def test_a_fault_is_named_and_nothing_is_posted(shop: Shop, change: dict[str, Any], status: int, field: str) -> None:
    before = contents(shop.caller)

    refused = shop.caller.post("/v1/payments", PAYMENT | change)

    assert (refused.status, refused.fields) == (status, [field])
    assert contents(shop.caller) == before


def test_a_viewer_may_not(shop: Shop, acme_viewer: Caller) -> None:
    before = contents(shop.caller)

    assert acme_viewer.post("/v1/payments", PAYMENT).status == 403
    assert contents(shop.caller) == before
