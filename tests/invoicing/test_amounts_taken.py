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


def test_the_limits_of_small_differences_are_amounts_of_their_currencies(shop: Shop) -> None:
    assert '"small_difference_limit":{"USD":1.00}' in shop.caller.get("/v1/sales-settings").text
    for wrong in ({"USD": Decimal("1.005")}, {"usd": 1}, {"USD": -1}, {"USD": "1"}):
        refused = shop.caller.patch("/v1/sales-settings", {"small_difference_limit": wrong})
        assert (refused.status, refused.fields) == (400, [f"small_difference_limit.{next(iter(wrong))}"])
    changed = shop.caller.patch("/v1/sales-settings", {"small_difference_limit": {"KWD": Decimal("0.5")}})
    assert '"small_difference_limit":{"KWD":0.500,"USD":1.00}' in changed.text
