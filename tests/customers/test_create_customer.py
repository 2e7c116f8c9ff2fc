"""create_customer: POST /v1/customers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Caller
from tests.sales import Shop

PATH = "/v1/customers/cust_123456"


def test_numbers_are_given_in_turn_around_those_taken_by_hand(acme: Caller) -> None:
    shop = Shop(acme)
    shop.customer(number="1002")

    assert [shop.customer()["number"] for _ in range(3)] == ["1001", "1003", "1004"]


def test_a_number_is_taken_once(shop: Shop) -> None:
    again = shop.caller.post("/v1/customers", {"name": "Other", "number": "123456"})

    assert (again.status, again.error["code"], again.fields) == (409, "CONFLICT", ["number"])
    assert shop.read("/v1/customers")["meta"]["total"] == 1


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
