"""create_credit_note: POST /v1/credit-notes."""

from __future__ import annotations

from decimal import Decimal

from tests.breaking import contents
from tests.sales import Shop

D = Decimal
ONE = {"description": "Work", "quantity": 1, "unit_price": D("10.00")}


def test_no_more_is_credited_than_was_invoiced(shop: Shop) -> None:
    invoice = shop.sent("100.00")
    whole = shop.post("/v1/credit-notes", invoice_id=invoice["id"])
    assert (whole["total"], whole["lines"][0]["description"]) == (D("100.00"), "Work")
    refused = shop.caller.post("/v1/credit-notes", {"invoice_id": invoice["id"], "lines": [ONE]})

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "credit_exceeds_invoice")
    assert shop.balance() == D("0.00")
    assert shop.books() == {}


def test_it_is_posted_and_applied_to_its_invoice(shop: Shop) -> None:
    invoice = shop.sent("100.00")

    note = shop.post("/v1/credit-notes", invoice_id=invoice["id"], lines=[ONE], reason="One hour")

    assert (note["total"], note["amount_remaining"], note["status"]) == (D("10.00"), D("0.00"), "applied")
    assert shop.balance() == D("90.00")
    assert shop.books() == {"Accounts Receivable": D("90.00"), "Sales Revenue": D("-90.00")}
    assert shop.again(invoice)["amount_due"] == D("90.00")


def test_a_key_makes_it_once(shop: Shop) -> None:
    body = {"customer_id": "cust_123456", "lines": [ONE]}

    first, again = (shop.caller.post("/v1/credit-notes", body, idempotency_key="note") for _ in range(2))

    assert (first.status, again.text) == (201, first.text)
    assert (shop.balance(), shop.read("/v1/credit-notes")["meta"]["total"]) == (D("-10.00"), 1)


def test_a_fault_is_named_and_nothing_is_posted(shop: Shop) -> None:
    shop.customer(number="other")
    foreign, draft = shop.sent("5.00", customer="cust_other"), shop.invoice("5.00")
    before = contents(shop.caller)
    bodies = [
        ({}, ["customer_id"]),
        ({"customer_id": "cust_123456"}, ["lines"]),
        ({"customer_id": "cust_123456", "lines": [ONE | {"unit_price": 0}]}, ["lines"]),
        ({"customer_id": "cust_123456", "invoice_id": foreign["id"]}, ["invoice_id"]),
        ({"invoice_id": draft["id"]}, ["invoice_id"]),
        ({"customer_id": "cust_none", "lines": [ONE]}, ["customer_id"]),
    ]

    answers = [shop.caller.post("/v1/credit-notes", body) for body, _ in bodies]

    assert [answer.fields for answer in answers] == [fields for _, fields in bodies]
    assert contents(shop.caller) == before
