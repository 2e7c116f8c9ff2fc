"""What has a natural key that another object has is refused, at that field, and nothing changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError

from bigledger.tenants.context import tenant_context
from bigledger.tenants.uniqueness import ensure_unique
from customers.models import Customer
from tests.breaking import contents
from tests.conftest import Answer, Caller

ACCOUNT = {"name": "Cash", "type": "asset", "subtype": "current_asset"}
KINDS = [
    ("accounts", "code", ACCOUNT, "An account"),
    ("customers", "number", {"name": "Buyer"}, "A customer"),
    ("products", "sku", {"name": "Advice", "unit_price": 1}, "A product"),
    ("tax-rates", "code", {"name": "VAT", "rate": 0}, "A tax rate"),
]


def assert_taken(refused: Answer, field: str, message: str) -> None:
    assert (refused.status, refused.error["code"]) == (409, "CONFLICT"), refused.text
    assert refused.error["details"] == [{"field": field, "code": "taken", "message": message}]


@pytest.mark.parametrize(("path", "field", "body", "name"), KINDS, ids=[kind[0] for kind in KINDS])
def test_a_key_is_given_once(acme: Caller, path: str, field: str, body: dict[str, Any], name: str) -> None:
    acme.post(f"/v1/{path}", {**body, field: "1000"})
    other = acme.post(f"/v1/{path}", {**body, field: "1001"}).body
    before = contents(acme)

    refused = [
        acme.post(f"/v1/{path}", {**body, field: "1000"}),
        acme.patch(f"/v1/{path}/{other['id']}", {field: "1000"}),
    ]

    for answer in refused:
        assert_taken(answer, field, f"{name} with {field} 1000 already exists.")
    assert contents(acme) == before


def test_a_document_has_its_reference_alone(acme: Caller) -> None:
    def upload() -> Answer:
        return acme.upload("/v1/documents", {"file": SimpleUploadedFile("a.txt", b"a"), "reference": "r"})

    upload()
    before = contents(acme)

    assert_taken(upload(), "reference", "A document with reference r already exists.")
    assert contents(acme) == before


def test_another_violation_is_not_taken_for_it(acme: Caller) -> None:
    acme.post("/v1/customers", {"name": "Buyer", "number": "1"})
    with tenant_context(acme.tenant), pytest.raises(IntegrityError):
        ensure_unique(Customer(number="1", name="Buyer"), "customers_customer", "number", force_insert=True)
