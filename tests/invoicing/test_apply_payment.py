"""apply_payment: POST /v1/payments/{id}/apply."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sales import Shop

D = Decimal


@pytest.mark.parametrize("amount", [0, D("0.001"), D("100.01"), -1])
def test_no_more_than_there_is_can_be_applied(shop: Shop, amount: Any) -> None:
    invoice, payment = shop.sent("500.00"), shop.pay("100.00")
    body = {"invoice_id": invoice["id"], "amount": amount}
    refused = shop.caller.post(f"/v1/payments/{payment['id']}/apply", body)

    assert (refused.status, refused.fields) == (422 if amount == D("100.01") else 400, ["amount"])
    assert (shop.again(invoice)["amount_paid"], shop.balance()) == (D("0.00"), D("400.00"))


def test_a_payment_is_not_applied_to_a_draft_or_to_another_customers_invoice(shop: Shop) -> None:
    payment, draft = shop.pay("100.00"), shop.invoice("50.00")
    shop.customer(number="other")
    foreign = shop.sent("50.00", customer="cust_other")
    path = f"/v1/payments/{payment['id']}/apply"
    rules = [
        shop.caller.post(path, {"invoice_id": invoice["id"]}).error["details"][0]["rule"]
        for invoice in (draft, foreign)
    ]

    assert rules == ["invoice_not_issued", "other_customer"]
    assert shop.balance() == D("-100.00")


def test_as_much_as_is_due_is_applied(shop: Shop) -> None:
    small, large = shop.sent("20.00"), shop.sent("100.00")
    path = f"/v1/payments/{shop.pay('50.00')['id']}"

    amounts = [shop.post(f"{path}/apply", invoice_id=invoice["id"])["amount"] for invoice in (small, large)]

    assert amounts == [D("20.00"), D("30.00")]
    assert [shop.again(invoice)["amount_due"] for invoice in (small, large)] == [D("0.00"), D("70.00")]
    assert shop.read(path)["amount_unapplied"] == D("0.00")


def test_a_key_applies_it_once(shop: Shop) -> None:
    path = f"/v1/payments/{shop.pay('50.00')['id']}"
    body = {"invoice_id": shop.sent("100.00")["id"], "amount": D("10.00")}

    first, again = (shop.caller.post(f"{path}/apply", body, idempotency_key="apply") for _ in range(2))

    assert (first.status, again.text) == (201, first.text)
    assert shop.read(path)["amount_unapplied"] == D("40.00")
