"""void_invoice: POST /v1/invoices/{id}/void."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.breaking import contents
from tests.sales import Shop, assert_customer_balances_hold

D = Decimal


def invoice_entry(invoice: dict[str, object]) -> object:
    return invoice["journal_entry_id"]


def test_void_leaves_the_number_and_clears_the_books(shop: Shop) -> None:
    invoice = shop.sent()
    void = shop.post(f"/v1/invoices/{invoice['id']}/void", reason="Made out twice")

    assert (void["number"], void["status"], void["amount_due"]) == (invoice["number"], "void", D("0.00"))
    assert (shop.balance(), shop.books()) == (D("0.00"), {})
    assert shop.read("/v1/journal-entries?sort=created_at:asc")["data"][1]["reversal_of"] == invoice_entry(invoice)
    assert_customer_balances_hold(shop.caller)


def test_an_invoice_with_payments_is_not_voided(shop: Shop) -> None:
    invoice = shop.sent()
    shop.pay("1.00", invoice_id=invoice["id"])
    refused = shop.caller.post(f"/v1/invoices/{invoice['id']}/void", {"reason": "No"})

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "invoice_has_payments")
    assert (shop.again(invoice)["status"], shop.balance()) == ("sent", D("1457.00"))


def test_a_key_voids_it_once(shop: Shop) -> None:
    path = f"/v1/invoices/{shop.sent('100.00')['id']}/void"

    first, again = (shop.caller.post(path, {"reason": "Twice"}, idempotency_key="void") for _ in range(2))

    assert (first.status, again.text) == (200, first.text)
    assert (shop.balance(), shop.read("/v1/journal-entries")["meta"]["total"]) == (D("0.00"), 2)


@pytest.mark.parametrize("state", ["void", "paid"])
def test_only_an_open_invoice_is_voided(shop: Shop, state: str) -> None:
    invoice = shop.sent("100.00")
    path = f"/v1/invoices/{invoice['id']}/void"
    if state == "void":
        shop.post(path, reason="Twice")
    if state == "paid":
        shop.pay("100.00", invoice_id=invoice["id"])
    before = contents(shop.caller)

    refused = shop.caller.post(path, {"reason": "No"})

    rule = {"void": "invoice_closed", "paid": "invoice_has_payments"}[state]
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, rule)
    assert contents(shop.caller) == before


def test_a_reason_is_needed(shop: Shop) -> None:
    path = f"/v1/invoices/{shop.sent('100.00')['id']}/void"
    before = contents(shop.caller)

    refused = shop.caller.post(path, {})

    assert (refused.status, refused.fields) == (400, ["reason"])
    assert contents(shop.caller) == before


def test_a_void_draft_keeps_its_number_and_posts_nothing(shop: Shop) -> None:
    draft = shop.invoice("100.00")

    void = shop.post(f"/v1/invoices/{draft['id']}/void", reason="Not wanted")

    assert (void["status"], void["number"], void["journal_entry_id"]) == ("void", draft["number"], None)
    assert (shop.balance(), shop.books()) == (D("0.00"), {})
