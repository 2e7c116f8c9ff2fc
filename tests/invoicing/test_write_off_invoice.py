"""write_off_invoice: POST /v1/invoices/{id}/write-off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.sales import Shop, assert_customer_balances_hold

D = Decimal


def test_a_small_difference_closes_the_invoice(shop: Shop) -> None:
    """0.50 of bank charges is missing: under the limit of 1.00 it is written off, and the invoice is paid."""
    invoice = shop.sent("100.00")
    shop.pay("99.50", invoice_id=invoice["id"])
    closed = shop.post(f"/v1/invoices/{invoice['id']}/write-off", kind="small_difference", reason="Bank charges")

    assert (closed["status"], closed["amount_paid"], shop.balance()) == ("paid", D("99.50"), D("0.00"))
    assert shop.books() == {"Cash": D("99.50"), "Small Differences": D("0.50"), "Sales Revenue": D("-100.00")}
    assert_customer_balances_hold(shop.caller)


def test_a_difference_over_the_limit_is_not_small(shop: Shop) -> None:
    invoice = shop.sent("100.00")
    path = f"/v1/invoices/{invoice['id']}/write-off"
    refused = shop.caller.post(path, {"kind": "small_difference", "reason": "Hope"})

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "difference_not_small")
    assert shop.books() == {"Accounts Receivable": D("100.00"), "Sales Revenue": D("-100.00")}


def test_a_bad_debt_is_an_expense(shop: Shop) -> None:
    invoice = shop.sent("100.00")

    lost = shop.post(f"/v1/invoices/{invoice['id']}/write-off", kind="bad_debt", reason="Insolvent")

    assert (lost["status"], lost["amount_written_off"], lost["amount_due"]) == (
        "written_off", D("100.00"), D("0.00"),
    )  # fmt: skip
    assert (shop.balance(), shop.books()) == (D("0.00"), {"Bad Debts": D("100.00"), "Sales Revenue": D("-100.00")})


def test_a_key_writes_it_off_once(shop: Shop) -> None:
    path, body = f"/v1/invoices/{shop.sent('100.00')['id']}/write-off", {"kind": "bad_debt", "reason": "Gone"}

    first, again = (shop.caller.post(path, body, idempotency_key="lost") for _ in range(2))

    assert (first.status, again.text) == (200, first.text)
    assert shop.books()["Bad Debts"] == D("100.00")


@pytest.mark.parametrize("state", ["draft", "paid", "written off"])
def test_only_what_is_due_is_written_off(shop: Shop, state: str) -> None:
    invoice = shop.invoice("100.00") if state == "draft" else shop.sent("100.00")
    path, body = f"/v1/invoices/{invoice['id']}/write-off", {"kind": "bad_debt", "reason": "Gone"}
    if state == "paid":
        shop.pay("100.00", invoice_id=invoice["id"])
    if state == "written off":
        shop.post(path, **body)
    before = contents(shop.caller)

    refused = shop.caller.post(path, body)

    rule = "invoice_not_issued" if state == "draft" else "invoice_closed"
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, rule)
    assert contents(shop.caller) == before


@pytest.mark.parametrize(
    ("body", "field"), [({"kind": "bad_debt"}, "reason"), ({"kind": "luck", "reason": "r"}, "kind")]
)
def test_a_fault_is_named_and_nothing_changes(shop: Shop, body: dict[str, Any], field: str) -> None:
    path = f"/v1/invoices/{shop.sent('100.00')['id']}/write-off"
    before = contents(shop.caller)

    refused = shop.caller.post(path, body)

    assert (refused.status, refused.fields) == (400, [field])
    assert contents(shop.caller) == before
