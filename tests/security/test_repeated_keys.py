"""An object that gives a key twice is refused: two programs may read it as two different things."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigledger import exact_json
from tests.api.conftest import open_chart
from tests.conftest import Caller

ENTRY = b"""{"date": "2024-01-15", "lines": [
    {"account_id": "acc_6100", "debit": 5}, {"account_id": "acc_1000", "credit": 5%s}]%s}"""
_TEXTS = st.text(st.sampled_from('":\\,{}[] a\u00e9\n'), max_size=6)
_VALUES = st.recursive(
    st.one_of(_TEXTS, st.integers(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("line", "entry", "fields"),
    [
        (b', "credit": 9', b"", ["lines[1].credit"]),
        (b"", b', "date": "2024-01-15"', ["date"]),
        (b', "credit": 5, "credit" : 5', b', "lines": []', ["lines"]),
        (b"", b', "d\\u0061te": "2025-01-15"', ["date"]),
        (b', "x": {"a": 1, "b": {"c": [{"d": 1, "d": 2}]}}', b"", ["lines[1].x.b.c[0].d"]),
    ],
)
def test_the_path_of_the_key_is_named(acme: Caller, line: bytes, entry: bytes, fields: list[str]) -> None:
    open_chart(acme)
    refused = acme.post("/v1/journal-entries", ENTRY % (line, entry))

    assert refused.status == 400
    assert [(d["field"], d["code"]) for d in refused.error["details"]] == [(field, "repeated") for field in fields]
    assert acme.get("/v1/journal-entries").body["meta"]["total"] == 0


def test_keys_and_colons_in_text_are_no_keys(acme: Caller) -> None:
    open_chart(acme)
    odd = b', "description": "at 10:30, \\"date\\": {\\"date\\":1,\\"date\\":2}"'

    assert acme.post("/v1/journal-entries", ENTRY % (odd, odd)).status == 201


@given(value=_VALUES, indent=st.sampled_from([None, 2]))
def test_no_value_that_a_program_writes_is_refused(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent).encode()

    assert exact_json.decode_request(text) == exact_json.decode(text)


@given(value=st.dictionaries(_TEXTS, _VALUES, min_size=1, max_size=3), wrap=st.booleans())
def test_a_repeated_key_is_always_found(value: dict[str, object], wrap: bool) -> None:
    key = next(iter(value))
    text = json.dumps(value)[:-1] + f", {json.dumps(key)}: 1}}"

    with pytest.raises(exact_json.RepeatedKeys):
        exact_json.decode_request(f"[{text}]".encode() if wrap else text.encode())


def test_the_token_endpoint_refuses_it_too(acme: Caller) -> None:
    body = b'{"grant_type": "client_credentials", "grant_type": "password", "client_id": "a", "client_secret": "b"}'

    assert acme.post("/oauth/token", body).status in (400, 401)
