"""`details[].code`: a closed list, and every fault that a field can name is in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework import serializers

from bigledger import errors
from bigledger.detail_codes import _SYNONYMS, MEANINGS, DetailCode, word
from bigledger.docs.openapi import document
from tests.api.conftest import open_chart, rent
from tests.architecture.test_sizes import SOURCES
from tests.conftest import Caller
from tests.sales import card
from tests.security.test_input_has_bounds import EVERY_FIELD

ROOT = Path(__file__).parent.parent.parent
# What a field of REST framework's never says of JSON that a program sends.
UNUSED = {"invalid_unicode", "no_files"}
# A value of another form than the message describes: nothing better can be said of it in a word.
ILL_FORMED = {"base64", "invalid", "email", "key", "name", "network", "prefix", "reference", "terms", "uri", "value"}
ILL_FORMED_PLACES = {
    ("bigledger/identity/services/passkeys.py", "'credential'"),
    ("bigledger/api/sheets/reading.py", "place(line)"),
    ("bigledger/api/idempotency.py", "'Idempotency-Key'"),
    ("bigledger/api/listing.py", "'cursor'"),
    ("bigledger/mail/services.py", "f'{field}[{position}]'"),
    ("ledger/reports/general_ledger.py", "'cursor'"),
    ("ledger/services/central_bank.py", "place(line)"),
    ("ledger/services/accounts/checks.py", "'code'"),
    ("webhooks/services/endpoints.py", "'url'"),
}
# Errors whose details have a word of their own when they name none.
WITH_A_WORD = {error.__name__ for error in errors.CATALOGUE if error.detail_code != "invalid"}


def test_every_word_has_a_meaning() -> None:
    assert tuple(MEANINGS) == get_args(DetailCode)
    assert all(meaning.endswith(".") for meaning in MEANINGS.values())


def test_every_message_of_every_field_has_a_word() -> None:
    """A field's own names for its faults are those of the list, or are translated to them."""
    names = {(name, path) for path, field in EVERY_FIELD for name in field.error_messages if name not in UNUSED}
    assert {(name, path) for name, path in names if word(name) is None} == set()


def test_every_validator_of_every_field_has_a_word() -> None:
    found = {
        (getattr(validator, "code", "invalid"), path)
        for path, field in EVERY_FIELD
        for validator in getattr(field, "validators", ())
    }
    assert {(code, path) for code, path in found if word(code) is None} == set()


def test_every_error_has_a_word_for_its_details() -> None:
    assert {error.detail_code for error in errors.CATALOGUE} <= set(MEANINGS)


def test_faults_are_never_raised_without_one() -> None:
    """A bare text (`ValidationError("…")`) would be the word `invalid`: fields name their faults with `fail`."""
    bare = [
        f"{path.name}:{node.lineno}"
        for path in SOURCES
        if "tests" not in path.parts and "bench" not in path.parts
        for node in ast.walk(ast.parse(Path(path).read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "ValidationError"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    assert bare == []


def calls() -> Iterator[tuple[str, ast.Call, set[str]]]:
    """Every call in the product's source: its file, and the names of the calls that it is an argument of."""
    for path in SOURCES:
        if not {"tests", "bench"} & set(path.parts):
            yield from _calls(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text()), set())


def _calls(place: str, node: ast.AST, inside: set[str]) -> Iterator[tuple[str, ast.Call, set[str]]]:
    if isinstance(node, ast.Call):
        yield place, node, inside
        inside = inside | {ast.unparse(node.func).rpartition(".")[2]}
    for child in ast.iter_child_nodes(node):
        yield from _calls(place, child, inside)


def test_every_detail_has_a_word() -> None:
    """Its own, or that of the error that carries it; `bulk.py` takes over the word of the item's error."""
    wordless = {
        f"{place}:{call.lineno}"
        for place, call, inside in calls()
        if ast.unparse(call.func) in ("Detail", "errors.Detail")
        and not {keyword.arg for keyword in call.keywords} & {"code", "limit"}
        and not inside & WITH_A_WORD
        and place not in ("bigledger/errors.py", "bigledger/api/bulk.py")
    }
    assert wordless == set()


def test_the_general_word_is_for_what_is_ill_formed() -> None:
    """`invalid` is said where the list is made longer on purpose, and nowhere else."""
    said = {
        (place, ast.unparse(_field(call)))
        for place, call, _ in calls()
        if ast.unparse(call.func).endswith(("Detail", "ValidationFailed.at"))
        and any(isinstance(given, ast.Constant) and given.value == "invalid" for given in _given(call))
    }
    assert said == ILL_FORMED_PLACES
    assert {name for name in (*_SYNONYMS, "invalid") if word(name) == "invalid"} == ILL_FORMED


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _field(call: ast.Call) -> ast.expr:
    return next((keyword.value for keyword in call.keywords if keyword.arg == "field"), call.args[0])


def test_the_contract_lists_the_words() -> None:
    detail = document()["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["details"]["items"]
    assert detail["properties"]["code"]["enum"] == list(MEANINGS)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {("name", "required")}),
        ({"name": None}, {("name", "null")}),
        ({"name": ""}, {("name", "blank")}),
        ({"name": 5}, {("name", "not_a_string")}),
        ({"name": "x" * 201}, {("name", "too_long")}),
        ({"name": "x", "nmae": "y"}, {("nmae", "unknown_field")}),
        ({"name": "x", "email": "y"}, {("email", "invalid")}),
        ({"name": "x\x00"}, {("name", "invalid_characters")}),
        ({"name": "x", "credit_limit": "5"}, {("credit_limit", "not_a_number")}),
        ({"name": "x", "credit_limit": -1}, {("credit_limit", "too_small")}),
        ({"name": "x", "credit_limit": 10**15}, {("credit_limit", "too_large")}),
        ({"name": "x", "status": "gone"}, {("status", "not_a_choice")}),
        ({"name": "x", "currency": "XYZ"}, {("currency", "unknown_code")}),
        (
            {"name": "x", "billing_address": {"line1": "x", "country": "XY"}},
            {("billing_address.country", "unknown_code")},
        ),
        ({"name": "x", "custom_fields": []}, {("custom_fields", "not_an_object")}),
        ({"name": "x", "contacts": {}}, {("contacts", "not_a_list")}),
        ({"name": "x", "contacts": [5]}, {("contacts[0]", "not_an_object")}),
        ({"name": "x", "contacts": [{"name": "y", "is_primary": 1}]}, {("contacts[0].is_primary", "not_a_boolean")}),
        ({"name": "x", "contacts": [{"name": "y"}] * 51}, {("contacts", "too_many")}),
        ([], {(None, "not_an_object")}),
    ],
)
def test_the_word_fits_the_fault(acme: Caller, body: object, expected: set[tuple[str | None, str]]) -> None:
    refused = acme.post("/v1/customers", body)

    assert {(detail.get("field"), detail["code"]) for detail in refused.error["details"]} == expected


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("tax-rates", {"code": "x", "name": "x"}, ("components", "required")),
        ("tax-rates", {"code": "x", "name": "x", "rate": 0, "components": [{"name": "x", "rate": 0}]},
         ("components", "incompatible")),
        ("products", {"sku": "x", "name": "x", "unit_price": 1, "revenue_account_id": "acc_1000"},
         ("revenue_account_id", "wrong_kind")),
        ("products", {"sku": "x", "name": "x", "unit_price": 1, "tax_rate_id": "tax_old"}, ("tax_rate_id", "inactive")),
        ("products", {"sku": "x", "name": "x", "unit_price": "1"}, ("unit_price", "not_a_number")),
        ("accounts", {"code": "1001", "name": "x", "type": "asset", "subtype": "current_asset", "currency": "EUR",
                      "parent_id": "acc_1000"}, ("parent_id", "wrong_currency")),
        ("accounts", {"code": "4001", "name": "x", "type": "revenue", "subtype": "operating_revenue",
                      "parent_id": "acc_1000"}, ("parent_id", "wrong_kind")),
        ("accounts/acc_1000", {"parent_id": "acc_1000"}, ("parent_id", "circular")),
        ("journal-entries", rent(lines=[{"account_id": "acc_1000", "debit": 1, "credit": 1}] * 2),
         ("lines[0]", "incompatible")),
        ("credit-notes", {}, ("customer_id", "required")),
        ("payments", {"customer_id": "cust_1", "amount": 1, "method": "card"}, ("card", "required")),
        ("payments", {"customer_id": "cust_1", "amount": 1, "method": "cash", "card": card("4242")},
         ("card", "incompatible")),
        ("payments", {"customer_id": "cust_1", "amount": 1, "method": "cash", "currency": "XXQ"},
         ("currency", "unknown_code")),
        ("oauth-applications", {"name": "x"}, ("redirect_uris", "required")),
        ("webhooks", {"url": "ftp://example.com", "events": ["*"]}, ("url", "invalid")),
    ],
)  # fmt: skip
def test_what_is_wrong_with_what_a_field_names(
    acme: Caller, path: str, body: object, expected: tuple[str, str]
) -> None:
    open_chart(acme)
    acme.post("/v1/customers", {"number": "1", "name": "x"})
    acme.post("/v1/tax-rates", {"code": "old", "name": "x", "rate": 0, "is_active": False})

    refused = acme.request("PATCH" if "/" in path else "POST", f"/v1/{path}", body)

    assert refused.status == 400, refused.text
    assert expected in {(detail.get("field"), detail["code"]) for detail in refused.error["details"]}


def test_a_file_has_a_type_and_a_content(acme: Caller) -> None:
    for content, expected in ((b"\x00\x01", "unsupported_type"), (b"", "blank")):
        refused = acme.upload("/v1/documents", {"file": SimpleUploadedFile("a.bin", content)})
        assert [detail["code"] for detail in refused.error["details"]] == [expected]


def test_a_role_that_is_missing_is_no_scope_that_is_missing(acme_viewer: Caller) -> None:
    refused = acme_viewer.post("/v1/customers", {"name": "x"})

    assert [(detail["code"], detail.get("scope")) for detail in refused.error["details"]] == [("missing_role", None)]


def test_serializers_of_our_own_are_walked() -> None:
    assert any(isinstance(field, serializers.CharField) for _, field in EVERY_FIELD)
