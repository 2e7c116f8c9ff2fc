"""update_customer: PATCH /v1/customers/{id}."""

from __future__ import annotations

from tests.conftest import Caller
from tests.sales import Shop

PATH = "/v1/customers/cust_123456"


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


def test_a_blocked_customer_gets_no_invoice(shop: Shop) -> None:
    draft = shop.invoice("10.00")
    shop.caller.patch(PATH, {"status": "blocked"})
    line = {"description": "Work", "quantity": 1, "unit_price": 1}
    answers = [
        shop.caller.post("/v1/invoices", {"customer_id": "cust_123456", "lines": [line]}),
        shop.caller.post(f"/v1/invoices/{draft['id']}/send"),
    ]

    assert [(a.status, a.error["details"][0]["rule"]) for a in answers] == [(422, "customer_blocked")] * 2


def test_the_etag_of_the_answer_holds_whatever_the_order_of_custom_fields(acme: Caller) -> None:
    made = acme.post("/v1/customers", {"name": "A", "custom_fields": {"longer": 1, "b": 2, "a": "x"}})

    changed = acme.patch(f"/v1/customers/{made.body['id']}", {"name": "B"}, if_match=made.response["ETag"])

    assert (changed.status, changed.body["name"]) == (200, "B")
