"""A natural key that is taken works in a path, in a body and in a filter; the rest is refused where it is given."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from hypothesis import given, settings
from hypothesis import strategies as st

from bigledger import ids
from bigledger.tenants.models import TenantModel
from customers.models import Customer
from ledger.models import DraftLine
from tests.conftest import Answer, Caller
from tests.world import with_log

AN_ID = "01k5x3q8w7e6r5t4y3z2a1s0d9"
REFUSED = [
    "A/1", "A?1", "A#1", "A%1", "A\\1", "A,1", "/", ".", "..", "a\nb", "a\tb", "a\x7fb", "a\u2028b", "\x01",
    "a\x00b", "x" * 300, "", " ",
]  # fmt: skip
TAKEN = [
    "A.1",
    "A 1",
    "A+1",
    "A&B=C",
    "ümlaut",
    "数字",
    "a:b;c",
    "(1)",
    "-1",
    "null",
    "cust_1",
    "é'\"<>",
    "1e5",
    "_",
    "~",
]
LINE = {"description": "x", "quantity": 1, "unit_price": 1}


def make(caller: Caller, resource: str, key: str) -> Answer:
    account = {"name": "n", "type": "asset", "subtype": "other_asset"}
    lines = [{"account_id": "acc_1000", "debit": 1}, {"account_id": "acc_4000", "credit": 1}]
    bodies: dict[str, dict[str, Any]] = {
        "customers": {"name": "n", "number": key},
        "products": {"name": "n", "sku": key, "unit_price": 1},
        "tax-rates": {"name": "n", "code": key, "rate": 0},
        "accounts": {"code": key, **account},
        "journal-entries": {"date": "2024-01-15", "lines": lines, "reference": key},
    }
    return caller.post(f"/v1/{resource}", bodies[resource])


# How each key is named: the field it is given by, its prefix, the longest it may be.
KEYS = {
    "customers": ("number", "cust", 40),
    "products": ("sku", "prod", 60),
    "tax-rates": ("code", "tax", 40),
    "accounts": ("code", "acc", 20),
    "journal-entries": ("reference", "je", 64),
}


def works(caller: Caller, resource: str, key: str) -> None:
    field, prefix, _ = KEYS[resource]
    made = make(caller, resource, key)
    assert made.status == 201, (resource, key, made.text)
    name = f"{prefix}_{made.body[field]}"
    assert caller.get(f"/v1/{resource}/{quote(name, safe='')}").body["id"] == made.body["id"], key
    if resource == "customers":
        sale = caller.post("/v1/invoices", {"customer_id": name, "lines": [LINE]})
        assert sale.status == 201, sale.text
        for question in (f"customer_id={quote(name)}", f"customer_id[in]={quote(name)},cust_x"):
            found = caller.get(f"/v1/invoices?{question}").body["data"]
            assert [row["id"] for row in found] == [sale.body["id"]], (key, question)
    if resource == "accounts":
        child = {"code": f"c{uuid.uuid4().hex[:8]}", "name": "n", "type": "asset", "subtype": "other_asset"}
        below = caller.post("/v1/accounts", {**child, "parent_id": name})
        assert below.status == 201, below.text
        assert caller.get(f"/v1/accounts?parent_id={quote(name)}").body["meta"]["total"] == 1


@pytest.mark.parametrize("resource", KEYS)
def test_keys_that_are_taken_work_everywhere(acme: Caller, resource: str) -> None:
    with_log(acme)
    for key in [*TAKEN, "x" * KEYS[resource][2]]:
        works(acme, resource, key)


@pytest.mark.parametrize("resource", KEYS)
def test_keys_that_cannot_stand_in_a_path_or_a_list_are_refused(acme: Caller, resource: str) -> None:
    with_log(acme)
    field, _, _ = KEYS[resource]
    for key in REFUSED if resource != "journal-entries" else [key for key in REFUSED if key.strip()]:
        refused = make(acme, resource, key)
        assert (refused.status, refused.fields) == (400, [field]), (key, refused.text)
    if KEYS[resource][2] >= len(AN_ID):
        assert make(acme, resource, AN_ID).fields == [field]


def test_any_key_is_refused_or_works(acme: Caller) -> None:
    with_log(acme)

    @settings(max_examples=40, derandomize=True)
    @given(st.text(min_size=1, max_size=20))
    def check(key: str) -> None:
        if any(0xD800 <= ord(character) < 0xE000 for character in key):
            return
        made = make(acme, "customers", key)
        assert made.status in (201, 400, 409), made.text
        if made.status == 201:
            name = quote(f"cust_{made.body['number']}", safe="")
            assert acme.get(f"/v1/customers/{name}").body["id"] == made.body["id"]
            assert acme.get(f"/v1/invoices?customer_id={name}").status == 200

    check()


def test_a_value_in_the_form_of_an_id_is_an_id_in_paths_bodies_and_filters(acme: Caller) -> None:
    """A number of before that looks like another customer's id names nobody; F33."""
    made = with_log(acme)
    wanted = acme.get(f"/v1/customers/{made['customers']}").body
    other = acme.post("/v1/customers", {"name": "other"}).body
    number = wanted["id"].partition("_")[2]
    Customer.objects.filter(pk=ids.decode("cust", other["id"])).update(number=number)
    sold = acme.post("/v1/invoices", {"customer_id": other["id"], "lines": [LINE]}).body
    assert sold["customer_id"] == other["id"]

    assert acme.get(f"/v1/customers/{wanted['id']}").body["name"] == wanted["name"]
    by_body = acme.post("/v1/invoices", {"customer_id": wanted["id"], "lines": [LINE]}).body
    assert by_body["customer_id"] == wanted["id"]
    for question in (f"customer_id={wanted['id']}", f"customer_id[in]={wanted['id']}"):
        found = acme.get(f"/v1/invoices?{question}&limit=100").body["data"]
        assert {row["customer_id"] for row in found} == {wanted["id"]}
    other_than = acme.get(f"/v1/invoices?customer_id[ne]={wanted['id']}&limit=100").body["data"]
    assert [row["id"] for row in other_than] == [sold["id"]]


def test_no_prefix_is_two_things() -> None:
    # A draft's line is the entry's line before it is posted.
    models = [model for model in apps.get_models() if issubclass(model, TenantModel) and model is not DraftLine]
    prefixes = [model.id_prefix for model in models]
    assert sorted(prefixes) == sorted(set(prefixes))
