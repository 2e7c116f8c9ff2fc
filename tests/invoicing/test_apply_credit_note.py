"""apply_credit_note: POST /v1/credit-notes/{id}/apply."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.sales import Shop

D = Decimal
HOUR = {"description": "Work", "quantity": 1, "unit_price": D("30.00")}


@pytest.fixture
def note(shop: Shop) -> str:
    """The address of a note over 30.00."""
    return f"/v1/credit-notes/{shop.post('/v1/credit-notes', customer_id='cust_123456', lines=[HOUR])['id']}"


def test_as_much_as_is_due_is_applied(shop: Shop, note: str) -> None:
    small, large = shop.sent("20.00"), shop.sent("100.00")
    assert shop.books() == {
        "Accounts Receivable": D("120.00"), "Customer Deposits": D("-30.00"), "Sales Revenue": D("-90.00"),
    }  # fmt: skip

    amounts = [shop.post(f"{note}/apply", invoice_id=invoice["id"])["amount"] for invoice in (small, large)]

    assert amounts == [D("20.00"), D("10.00")]
    assert [shop.again(invoice)["amount_due"] for invoice in (small, large)] == [D("0.00"), D("90.00")]
    assert (shop.again(small)["status"], shop.read(note)["amount_remaining"]) == ("paid", D("0.00"))
    assert shop.books() == {"Accounts Receivable": D("90.00"), "Sales Revenue": D("-90.00")}
    assert shop.balance() == D("90.00"), "as before"


def test_a_key_applies_it_once(shop: Shop, note: str) -> None:
    body = {"invoice_id": shop.sent("100.00")["id"], "amount": D("10.00")}

    first, again = (shop.caller.post(f"{note}/apply", body, idempotency_key="apply") for _ in range(2))

    assert (first.status, again.text) == (201, first.text)
    assert shop.read(note)["amount_remaining"] == D("20.00")


@pytest.mark.parametrize("amount", [0, D("0.001"), D("30.01")])
def test_no_more_than_there_is_can_be_applied(shop: Shop, note: str, amount: Any) -> None:
    body = {"invoice_id": shop.sent("100.00")["id"], "amount": amount}
    before = contents(shop.caller)

    refused = shop.caller.post(f"{note}/apply", body)

    assert (refused.status, refused.fields) == (422 if amount == D("30.01") else 400, ["amount"])
    assert contents(shop.caller) == before


def test_it_goes_to_no_draft_and_to_no_other_customer(shop: Shop, note: str) -> None:
    shop.customer(number="other")
    invoices = [shop.invoice("50.00"), shop.sent("50.00", customer="cust_other")]
    before = contents(shop.caller)

    answers = [shop.caller.post(f"{note}/apply", {"invoice_id": invoice["id"]}) for invoice in invoices]

    assert [answer.error["details"][0]["rule"] for answer in answers] == ["invoice_not_issued", "other_customer"]
    assert contents(shop.caller) == before
