"""Every documented parameter of every read works, with rows in the list: an empty one hides what cannot be shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from msgspec import structs

from bigledger import exact_json
from bigledger.docs.openapi import encoded
from tests.conftest import Answer, Caller
from tests.scenarios.test_issued_documents import picture
from tests.world import LISTS, OPERATIONS, READS, Operation, with_histories

# A value of each kind that some row may have or not; what matters is that the answer is a list.
SAMPLES: dict[str, list[str]] = {
    "string": ["secret", "a%b_c\\", "é"],
    "boolean": ["true", "false"],
    "date": ["2024-01-15", "9999-12-31"],
    "date-time": ["2024-01-15", "2024-01-15T10:30:00.123456+02:00", "0001-01-01T00:00:00Z"],
    "number": ["0", "-1.5", "999999999999999.9999", "1e3"],
    "integer": ["0", "7", str(2**63 - 1)],
}


@pytest.fixture
def ids(acme: Caller) -> dict[str, str]:
    return with_histories(acme)


def _values(name: str, kind: str, values: Any, ids: dict[str, str]) -> list[str]:
    if values:
        return list(values)
    if kind != "id":
        return SAMPLES[kind]
    resource = {"tax_rate_id": "tax_rates", "parent_id": "accounts", "endpoint_id": "webhook_endpoints"}.get(name)
    prefix = {"customer_id": "cust", "invoice_id": "inv", "account_id": "acc", "user_id": "user", "event_id": "evt"}
    of = name.removeprefix("debit_").removeprefix("credit_")
    return [ids[resource]] if resource else [f"{prefix[of]}_secret"]


def questions(operation: Operation, ids: dict[str, str]) -> Iterator[str]:
    """Every filter with every operator, every order, and the parameters that all lists have."""
    listing = operation.listing
    assert listing is not None
    yield from ("page=1", "page=2&limit=1", "limit=1", "limit=100", "cursor=", "cursor=&limit=1")
    if listing.search:
        yield from ("search=", "search=secret", f"search={quote('a%b_c')}")
    for name in listing.sort:
        yield from (f"sort={name}", f"sort={name}:asc", f"sort={name}:desc", f"sort={name}:desc&cursor=&limit=1")
    for name, field in listing.filters.items():
        for value in _values(name, field.kind, field.values, ids):
            yield f"{name}={quote(value)}"
            for operator in field.operators:
                given = f"{value},{value}" if operator == "in" else value
                yield f"{name}[{operator}]={quote(given)}"


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_every_list_takes_each_of_its_parameters(acme: Caller, ids: dict[str, str], operation: Operation) -> None:
    path = operation.path(ids)
    whole = acme.get(f"{path}?limit=100")
    assert whole.status == 200, whole.text
    assert whole.body["data"], "a list without rows proves nothing"

    faults = []
    for question in questions(operation, ids):
        answer = acme.get(f"{path}?{question}")
        if answer.status != 200 or not isinstance(answer.body["data"], list):
            faults.append((question, answer.text[:300]))
    assert faults == []


def _shown(answer: Answer) -> Any:
    """The object of an answer, or the first of its list."""
    body = answer.body
    return body["data"][0] if set(body) == {"data", "meta"} else body


@pytest.mark.parametrize("operation", [read for read in READS if "reports" not in read.route], ids=str)
def test_fields_and_expand_work_or_are_refused(acme: Caller, ids: dict[str, str], operation: Operation) -> None:
    """`fields` gives each field as it stands in the whole; what has no fields to choose refuses the parameter."""
    path = operation.path(ids)
    view = operation.view(action=operation.action)
    selectable = view.selectable if operation.action != "statement" else None
    if selectable is None:
        for parameter in ("fields=id", "expand=customer"):
            refused = acme.get(f"{path}?{parameter}")
            assert (refused.status, refused.fields) == (400, [parameter.partition("=")[0]]), refused.text
        return
    whole = _shown(acme.get(path))
    body, expansions = selectable
    for name in (field.encode_name for field in structs.fields(body)):
        shown = _shown(acme.get(f"{path}?fields={name}"))
        assert shown == ({name: whole[name]} if name in whole else {}), name
    assert whole == _shown(acme.get(f"{path}?fields={','.join(field.encode_name for field in structs.fields(body))}"))
    for name in expansions:
        answer = acme.get(f"{path}?expand={name}&fields={name}")
        assert answer.status == 200, answer.text
        assert answer.body


@pytest.mark.parametrize("operation", [read for read in READS if read.action == "retrieve"], ids=str)
def test_a_single_object_is_304_for_its_holder(acme: Caller, ids: dict[str, str], operation: Operation) -> None:
    if operation.view.resource == "reports":
        return
    path = operation.path(ids)
    for query in ("", "?fields=id", "?expand=customer"):
        first = acme.get(path + query)
        if first.status == 200:
            assert acme.get(path + query, if_none_match=first.response["ETag"]).status == 304
            assert acme.get(path + query, if_none_match='"other"').status == 200


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.description and o.description.media], ids=str)
def test_a_file_takes_no_parameter_that_chooses_fields(acme: Caller, ids: dict[str, str], operation: Operation) -> None:
    assert acme.patch("/v1/tenant", {"logo": picture()}).status == 200
    assert acme.get(operation.path(ids)).status == 200
    document = exact_json.decode(encoded().encode() if isinstance(encoded(), str) else encoded())
    route = f"/v1/{operation.route.replace('{pk}', '{id}')}"
    documented = [parameter["name"] for parameter in document["paths"][route]["get"].get("parameters", [])]
    assert not {"fields", "expand"} & set(documented)
