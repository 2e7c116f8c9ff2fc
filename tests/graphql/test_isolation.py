"""No field of the schema shows anything of another tenant's, and none takes its ids."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bigledger import ids
from tests.conftest import Caller
from tests.graphql.walk import (
    MUTATION,
    QUERY,
    ask,
    below,
    depth,
    leaves,
    list_query,
    lists,
    object_of,
    paths,
    value_for,
)
from tests.world import with_log

ONES = [name for name, field in QUERY.fields.items() if list(field.args) == ["id"]]
WITH_ID = [
    (name, argument)
    for name, field in MUTATION.fields.items()
    for argument in field.args
    if argument == "id" or argument.endswith("Id")
]


@pytest.fixture
def theirs(globex: Caller) -> dict[str, str]:
    return with_log(globex)


def _identifiers(text: str) -> set[str]:
    """Everything in an answer that has the form of an id."""
    return set(re.findall(r"\b[a-z]{2,5}_[0-9a-z]{26}\b", text))


def _full(name: str) -> list[str]:
    node = object_of(QUERY.fields[name])
    assert node is not None
    ways = [path for path in [(), *paths(node, 2, (node.name,))] if depth(node, path) <= 10]
    return [list_query(name, path, limit=10, full=True) for path in ways]


def test_no_list_shows_another_tenants_rows(acme: Caller, globex: Caller, theirs: dict[str, str]) -> None:
    mine = with_log(acme)
    seen: set[str] = set()
    other: set[str] = set()
    for name in lists():
        for query in _full(name):
            answer, foreign = ask(acme, query), ask(globex, query)
            assert "errors" not in answer.body and "errors" not in foreign.body, (query, answer.text, foreign.text)
            seen |= _identifiers(re.sub(r'"requestId":"[^"]*"|"cursor":"[^"]*"', "", answer.text))
            other |= _identifiers(re.sub(r'"requestId":"[^"]*"|"cursor":"[^"]*"', "", foreign.text))

    assert seen & other == set()
    assert {mine[name] for name in ("accounts", "invoices", "payments", "api_keys")} <= seen
    assert {theirs[name] for name in ("accounts", "invoices", "payments", "api_keys")} <= other


@pytest.mark.parametrize("name", ONES)
def test_another_tenants_id_is_as_good_as_none(acme: Caller, theirs: dict[str, str], name: str) -> None:
    resource = _resource(name)
    absent = ids.encode(theirs[resource].partition("_")[0], ids.new_id())
    node = object_of(QUERY.fields[name])
    assert node is not None
    query = f"query ($id: ID!) {{ {name}(id: $id) {{ {leaves(node)} }} }}"

    answer, unknown = ask(acme, query, id=theirs[resource]), ask(acme, query, id=absent)

    assert answer.body["data"] == {name: None}
    (error,) = answer.body["errors"]
    assert error["extensions"]["code"] == "RESOURCE_NOT_FOUND"
    assert error["message"].replace(theirs[resource], absent) == unknown.body["errors"][0]["message"]


def _resource(singular: str) -> str:
    """`journalEntry` is of `journal_entries`."""
    plural = next(name for name in lists() if object_of(QUERY.fields[name]) is object_of(QUERY.fields[singular]))
    return re.sub(r"(?<!^)(?=[A-Z])", "_", plural).lower()


@pytest.mark.parametrize(("name", "argument"), WITH_ID)
def test_no_mutation_takes_another_tenants_id(acme: Caller, theirs: dict[str, str], name: str, argument: str) -> None:
    field = MUTATION.fields[name]
    node = object_of(field)
    assert node is not None
    mine = with_log(acme)
    arguments: dict[str, Any] = {
        key: value_for(declared.type) for key, declared in field.args.items() if str(declared.type).endswith("!")
    }
    kinds = {"invoice": "invoices", "payment": "payments", "account": "accounts", "customer": "customers"}
    for key in arguments:
        if key == "id" or key.endswith("Id"):
            what = key.removesuffix("Id") if key != "id" else re.sub(r"^[a-z]+(Off)?", "", name)
            resource = kinds.get(
                what.lower(), next((r for r in mine if r.replace("_", "")[:6] == what.lower()[:6]), "")
            )
            arguments[key] = f'"{(theirs if key == argument else mine)[resource]}"'
    text = ", ".join(f"{key}: {value}" for key, value in arguments.items())

    answer = ask(acme, f"mutation {{ {name}({text}) {{ {below(node, ())} }} }}")

    assert answer.body["data"] == {name: None}, answer.text
    assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["RESOURCE_NOT_FOUND"], answer.text


def test_filters_know_nothing_of_other_tenants(acme: Caller, theirs: dict[str, str]) -> None:
    query = """query ($customer: ID!, $account: ID!) {
        invoices(filter: {customerId: $customer}) { totalCount }
        journalEntries(filter: {accountId: $account}) { totalCount } }"""

    answer = ask(acme, query, customer=theirs["customers"], account=theirs["accounts"])

    assert answer.body["data"] == {"invoices": {"totalCount": 0}, "journalEntries": {"totalCount": 0}}
