"""Of each filter, what is equal and what is not: together the list it asks about, and nothing in both."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.test_every_parameter import SAMPLES
from tests.api.test_paging import several_of_everything, whole_list
from tests.conftest import Caller
from tests.sales import LINE, Shop
from tests.world import LISTS, Operation

# What a filter is about, where that is not the whole list.
ISSUED = "status[in]=sent,overdue,paid,written_off"
POPULATION = {("invoices", "payment_status"): ISSUED}


def ids_of(caller: Caller, path: str, question: str) -> list[str]:
    return whole_list(caller, path, "", question)


def values_of(caller: Caller, operation: Operation, path: str, name: str, made: dict[str, str]) -> list[str]:
    """Values that rows have, and one that none has."""
    assert operation.listing is not None
    field = operation.listing.filters[name]
    if field.values:
        return list(field.values)
    rows = caller.get(f"{path}?limit=20").body["data"]
    found = [str(row[name]) for row in rows if row.get(name) not in (None, "") and not isinstance(row[name], bool)]
    if field.kind == "boolean":
        return ["true", "false"]
    if field.kind == "id":
        return found[:2] + [f"{f.partition('_')[0]}_nobody" for f in found[:1]]
    return [*found[:2], SAMPLES[field.kind][0]]


@pytest.mark.parametrize("operation", [o for o in LISTS if o.action == "list" and o.route != "events"], ids=str)
def test_equal_and_not_equal_are_the_whole(acme: Caller, operation: Operation) -> None:
    made = several_of_everything(acme)
    shop = Shop(acme)
    shop.post(f"/v1/invoices/{shop.sent(customer=made['customers'])['id']}/void", reason="mistake")
    shop.post("/v1/recurring-invoices", frequency="weekly", customer_id=made["customers"], lines=[LINE])
    path = operation.path(made)
    assert operation.listing is not None
    for name, field in operation.listing.filters.items():
        if "ne" not in field.operators:
            continue
        whole = set(ids_of(acme, path, POPULATION.get((operation.route, name), "")))
        for value in values_of(acme, operation, path, name, made):
            if value == "deleted":
                continue
            equal, other = (set(ids_of(acme, path, f"{name}[{way}]={quote(value)}")) for way in ("eq", "ne"))
            assert equal | other == whole, (name, value)
            assert not equal & other, (name, value)
            if "in" in field.operators:
                assert set(ids_of(acme, path, f"{name}[in]={quote(value)}")) == equal, (name, value)


def test_not_paid_finds_issued_invoices_that_are_not_paid(acme: Caller) -> None:
    made = several_of_everything(acme)
    shop = Shop(acme)
    open_one = shop.sent(customer=made["customers"])
    shop.post(f"/v1/invoices/{shop.sent(customer=made['customers'])['id']}/void", reason="mistake")
    rows = acme.get("/v1/invoices?payment_status[ne]=paid&limit=100").body["data"]
    assert open_one["id"] in [row["id"] for row in rows]
    assert {row["status"] for row in rows} <= {"sent", "overdue"}


def _twice(operation: Operation) -> list[str]:
    names: list[Any] = ["fields", "expand"]
    if operation.listing:
        names += ["page", "limit", "cursor", "sort", "search", *operation.listing.filters]
        names += [f"{name}[{field.operators[0]}]" for name, field in operation.listing.filters.items()]
    for shape in getattr(operation.view, "query_shapes", ()):
        names += list(shape().fields)
    return names


def test_a_parameter_that_is_given_twice_is_refused_by_its_name(acme: Caller) -> None:
    made = several_of_everything(acme)
    for operation in {o.route: o for o in LISTS}.values():
        for name in _twice(operation):
            refused = acme.get(f"{operation.path(made)}?{name}=1&{name}=2")
            assert refused.status == 400, (operation.route, name)
            assert {"field": name, "code": "repeated", "message": "Given more than once."} in refused.error["details"]
    assert acme.get("/v1/invoices?status=sent&status[eq]=draft").fields == ["status[eq]"]
    assert acme.get("/v1/reports/trial_balance?as_of=2024-01-01&as_of=2025-01-01").fields == ["as_of"]
    twice = acme.post("/v1/customers?validate_only=false&validate_only=false", {"name": "n"})
    assert (twice.status, twice.fields) == (400, ["validate_only"])
