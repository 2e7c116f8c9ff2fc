"""Years of cards and limits of differences: what is taken means what it says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sales import Shop


@pytest.mark.parametrize("year", [1, 30, 99, 1999])
def test_a_year_of_two_digits_is_no_expired_card(shop: Shop, year: int) -> None:
    card: dict[str, Any] = {"number": "4242 4242 4242 4242", "exp_month": 12, "exp_year": year, "cvc": "123"}
    body = {"customer_id": "cust_123456", "amount": 1, "method": "card", "card": card}
    refused = shop.caller.post("/v1/payments", body)
    assert (refused.status, refused.fields) == (400, ["card.exp_year"])
    assert shop.read("/v1/payments")["data"] == []


def test_the_limit_of_small_differences_is_an_amount_of_the_base_currency(shop: Shop) -> None:
    assert '"small_difference_limit":1.00' in shop.caller.get("/v1/sales-settings").text
    assert shop.caller.patch("/v1/sales-settings", {"small_difference_limit": Decimal("1.005")}).status == 400
    dinars = shop.customer(number="KW", currency="KWD")
    invoice = shop.sent("0.900", customer=dinars["id"])
    body = {"kind": "small_difference", "reason": "rounding"}
    refused = shop.caller.post(f"/v1/invoices/{invoice['id']}/write-off", body)
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "difference_not_small")
    assert shop.again(invoice)["amount_due"] == Decimal("0.900")
