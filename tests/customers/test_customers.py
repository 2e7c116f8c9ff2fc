"""Customers over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Caller
from tests.sales import Shop, shop

__all__ = ["shop"]
PATH = "/v1/customers/cust_123456"


def test_numbers_are_given_in_turn_around_those_taken_by_hand(acme: Caller) -> None:
    shop = Shop(acme)
    shop.customer(number="1002")

    assert [shop.customer()["number"] for _ in range(3)] == ["1001", "1003", "1004"]


def test_a_number_is_taken_once(shop: Shop) -> None:
    again = shop.caller.post("/v1/customers", {"name": "Other", "number": "123456"})

    assert (again.status, again.error["code"], again.fields) == (409, "CONFLICT", ["number"])
    assert shop.read("/v1/customers")["meta"]["total"] == 1


def test_addresses_and_contacts_are_replaced_as_a_whole(shop: Shop) -> None:
    address = {"line1": "1 Pier", "country": "US"}
    contacts = [{"name": "Ann", "email": "ann@acme.com", "is_primary": True}, {"name": "Bob"}]
    changed = shop.done(shop.caller.patch(PATH, {"shipping_addresses": [address, address], "contacts": contacts}))
    assert len(changed["shipping_addresses"]) == 2
    assert [contact["name"] for contact in changed["contacts"]] == ["Ann", "Bob"]

    fewer = shop.done(shop.caller.patch(PATH, {"contacts": contacts[1:], "billing_address": address}))
    assert [contact["name"] for contact in fewer["contacts"]] == ["Bob"]
    assert len(fewer["shipping_addresses"]) == 2
    assert shop.done(shop.caller.patch(PATH, {"billing_address": None}))["billing_address"] is None
    assert shop.events() == ["customer.created", *["customer.updated"] * 3]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("website", "ftp://acme.com"),
        ("payment_terms", "net_0"),
        ("payment_terms", "soon"),
        ("currency", "XXX"),  # ISO 4217's code for "no currency"
        ("credit_limit", Decimal("1.001")),
        ("credit_limit", -1),
        ("status", "gone"),
        ("custom_fields.a", {"a": [1]}),
        ("custom_fields", []),
        ("billing_address.country", {"line1": "1 Pier", "country": "usa"}),
        ("billing_address.line1", {"country": "US"}),
        ("contacts[0].name", [{}]),
    ],
)
def test_a_fault_is_named_on_creation_and_on_change(shop: Shop, field: str, value: Any) -> None:
    body = {field.split(".")[0].split("[")[0]: value}
    before = shop.read(PATH)

    for refused in (shop.caller.post("/v1/customers", {"name": "New", **body}), shop.caller.patch(PATH, body)):
        assert (refused.status, refused.fields) == (400, [field])
    assert shop.read(PATH) == before
    assert shop.read("/v1/customers")["meta"]["total"] == 1


def test_a_customer_with_documents_stays(shop: Shop) -> None:
    shop.invoice()
    refused = [shop.caller.delete(PATH), shop.caller.patch(PATH, {"currency": "EUR"})]

    assert [(answer.status, answer.error["details"][0]["rule"]) for answer in refused] == [(422, "customer_in_use")] * 2
    assert shop.read(PATH)["currency"] == "USD"


def test_a_customer_without_documents_goes(shop: Shop) -> None:
    assert shop.caller.delete(PATH).status == 204
    assert shop.caller.get(PATH).status == 404
    assert shop.events()[-1] == "customer.deleted"


def test_exceeding_the_credit_limit_is_recorded_once_and_again_after_a_return(shop: Shop) -> None:
    """A limit of 1000.00: 900, 1100 (told), 1200, back to 700, 1000 (not over it), 1000.01 (told)."""
    shop.caller.patch(PATH, {"credit_limit": 1000})
    crossings = []
    for step in ("900", "200", "100", "-500", "300", "0.01"):
        if step.startswith("-"):
            shop.pay(step[1:])
        else:
            shop.sent(step)
        crossings.append((str(shop.balance()), shop.events().count("customer.credit_limit_exceeded")))

    assert crossings == [
        ("900.00", 0), ("1100.00", 1), ("1200.00", 1), ("700.00", 1), ("1000.00", 1), ("1000.01", 2),
    ]  # fmt: skip


def test_a_tenant_may_refuse_invoices_over_the_limit(shop: Shop) -> None:
    shop.caller.patch(PATH, {"credit_limit": 1000})
    shop.done(shop.caller.patch("/v1/sales-settings", {"refuse_over_credit_limit": True}))
    draft = shop.invoice("1000.01")
    refused = shop.caller.post(f"/v1/invoices/{draft['id']}/send")

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "credit_limit_exceeded")
    assert (shop.again(draft)["status"], shop.balance(), shop.books()) == ("draft", Decimal("0.00"), {})


def test_a_blocked_customer_gets_no_invoice(shop: Shop) -> None:
    draft = shop.invoice("10.00")
    shop.caller.patch(PATH, {"status": "blocked"})
    line = {"description": "Work", "quantity": 1, "unit_price": 1}
    answers = [
        shop.caller.post("/v1/invoices", {"customer_id": "cust_123456", "lines": [line]}),
        shop.caller.post(f"/v1/invoices/{draft['id']}/send"),
    ]

    assert [(a.status, a.error["details"][0]["rule"]) for a in answers] == [(422, "customer_blocked")] * 2


def test_another_tenant_sees_nothing(shop: Shop, globex: Caller) -> None:
    invoice = shop.sent()
    payment = shop.pay("1.00")
    paths = [
        PATH, f"{PATH}/statement", f"/v1/invoices/{invoice['id']}", f"/v1/invoices/{invoice['id']}/pdf",
        f"/v1/payments/{payment['id']}",
    ]  # fmt: skip

    assert [globex.get(path).status for path in paths] == [404] * 5
    assert globex.post(f"/v1/payments/{payment['id']}/refund").status == 404
    assert [globex.get(f"/v1/{name}").body["meta"]["total"] for name in ("customers", "invoices", "payments")] == [
        0
    ] * 3


def test_a_viewer_reads_and_does_not_write(shop: Shop, acme_viewer: Caller) -> None:
    assert acme_viewer.get(PATH).status == 200
    for path in ("customers", "products", "tax-rates", "invoices", "payments", "credit-notes", "recurring-invoices"):
        assert (path, acme_viewer.post(f"/v1/{path}", {}).status) == (path, 403)
    assert acme_viewer.patch("/v1/sales-settings", {}).status == 403
