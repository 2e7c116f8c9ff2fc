"""refund_payment: POST /v1/payments/{id}/refund."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.sales import Shop, assert_customer_balances_hold, card

D = Decimal


def test_refund_of_an_unapplied_payment_changes_no_invoice(shop: Shop) -> None:
    invoice = shop.sent("500.00")
    payment = shop.pay("800.00", invoice_id=invoice["id"])

    shop.post(f"/v1/payments/{payment['id']}/refund", amount=D("300.00"))

    assert shop.again(invoice)["status"] == "paid"
    assert shop.balance() == D("0.00")
    assert_customer_balances_hold(shop.caller)


def test_without_an_amount_all_goes_back(shop: Shop) -> None:
    payment = shop.pay("80.00")

    refunded = shop.post(f"/v1/payments/{payment['id']}/refund", reason="Returned")

    assert (refunded["status"], refunded["amount_refunded"]) == ("refunded", D("80.00"))
    assert (shop.balance(), shop.books()) == (D("0.00"), {})


def test_a_key_gives_back_once(shop: Shop) -> None:
    path = f"/v1/payments/{shop.pay('80.00')['id']}/refund"

    first, again = (shop.caller.post(path, {"amount": D("30.00")}, idempotency_key="back") for _ in range(2))

    assert (first.status, again.text) == (first.status, first.text)
    assert first.body["amount_refunded"] == D("30.00")
    assert (shop.balance(), shop.books()["Cash"]) == (D("-50.00"), D("50.00"))


@pytest.mark.parametrize(
    ("amount", "status", "code"),
    [
        (D("80.01"), 422, "rule_broken"),
        (D("0.001"), 400, "too_many_digits"),
        (0, 400, "out_of_range"),
    ],
)
def test_no_more_goes_back_than_came(shop: Shop, amount: Any, status: int, code: str) -> None:
    path = f"/v1/payments/{shop.pay('80.00')['id']}/refund"
    before = contents(shop.caller)

    refused = shop.caller.post(path, {"amount": amount})

    assert (refused.status, refused.fields, refused.error["details"][0]["code"]) == (status, ["amount"], code)
    assert contents(shop.caller) == before


def test_what_went_back_or_never_came_is_not_refunded(shop: Shop) -> None:
    whole, declined = shop.pay("80.00"), shop.pay("5.00", method="card", card=card("0002"))
    shop.post(f"/v1/payments/{whole['id']}/refund")
    before = contents(shop.caller)

    answers = [shop.caller.post(f"/v1/payments/{payment['id']}/refund") for payment in (whole, declined)]

    assert [answer.error["details"][0]["rule"] for answer in answers] == ["payment_refunded", "payment_failed"]
    assert contents(shop.caller) == before
