"""`details[].code`: a closed list, and every fault that a field can name is in it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest
from rest_framework import serializers

from bigledger import errors
from bigledger.detail_codes import MEANINGS, DetailCode, word
from bigledger.docs.openapi import document
from tests.architecture.test_sizes import SOURCES
from tests.conftest import Caller
from tests.security.test_input_has_bounds import EVERY_FIELD

# What a field of REST framework's never says of JSON that a program sends.
UNUSED = {"invalid_unicode", "no_files"}


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


def test_serializers_of_our_own_are_walked() -> None:
    assert any(isinstance(field, serializers.CharField) for _, field in EVERY_FIELD)
