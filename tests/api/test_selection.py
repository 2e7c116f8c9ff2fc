"""`?expand=` and `?fields=`."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bigledger.postgres.execute import fetch_all
from tests.api.conftest import rent
from tests.conftest import Caller


def test_fields_leaves_the_rest_out(books: Caller) -> None:
    assert books.get("/v1/accounts/acc_1000?fields=code,name").body == {"code": "1000", "name": "Cash"}


def test_fields_reaches_into_lists(books: Caller) -> None:
    created = books.post("/v1/journal-entries?fields=lines.account.code", rent())

    assert created.body == {"lines": [{"account": {"code": "6100"}}, {"account": {"code": "1000"}}]}


def test_expand_puts_the_object_in_place_of_its_reference(books: Caller) -> None:
    created = books.post("/v1/journal-entries?expand=lines.account", rent())

    whole = created.body["lines"][1]["account"]
    assert whole == books.get("/v1/accounts/acc_1000").body
    assert whole["balance"] < 0


def test_expand_continues_from_an_expanded_object(books: Caller) -> None:
    for code, parent in (("100", None), ("10", "acc_100"), ("1", "acc_10")):
        books.post("/v1/accounts", {"code": code, "name": code, "type": "asset", "subtype": "current_asset",
                                    "parent_id": parent})  # fmt: skip

    got = books.get("/v1/accounts/acc_1?expand=parent.parent&fields=code,parent.code,parent.parent.code")

    assert got.body == {"code": "1", "parent": {"code": "10", "parent": {"code": "100"}}}


def test_nothing_to_expand_is_null(books: Caller) -> None:
    assert books.get("/v1/accounts/acc_1000?expand=parent").body["parent"] is None


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("fields=nam", "fields", "There is no field nam. Did you mean name?"),
        ("fields=code,", "fields", "There is no field ."),
        ("fields=parent.code", "fields", "There is no field parent.code. Did you mean parent_id?"),
        ("expand=lines", "expand", "lines cannot be expanded."),
        ("expand=paren", "expand", "paren cannot be expanded. Did you mean parent?"),
        ("expand=", "expand", "Must name at least one relation to expand."),
        ("expand=parent.parent.parent.parent.parent", "expand", "Can expand at most 4 levels."),
        ("expands=parent", "expands", "Unknown parameter. Did you mean expand?"),
    ],
)
def test_an_unknown_name_is_refused_with_the_closest_valid_one(
    books: Caller, query: str, field: str, message: str
) -> None:
    for path in ("/v1/accounts/acc_1000", "/v1/accounts"):
        refused = books.get(f"{path}?{query}")

        assert refused.status == 400
        assert (field, message) in [(d["field"], d["message"]) for d in refused.error["details"]]


def test_the_number_of_queries_does_not_grow_with_the_list(books: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[str] = []

    def counted(sql: str, *args: Any, **kwargs: Any) -> Any:
        prepared.append(sql)
        return fetch_all(sql, *args, **kwargs)

    monkeypatch.setattr("ledger.selectors.fetch_all", counted)

    def queries(path: str) -> int:
        prepared.clear()
        with CaptureQueriesContext(connection) as captured:
            assert books.get(path).status == 200
        return len(captured) + len(prepared)

    path = "/v1/journal-entries?expand=lines.account.parent&limit=100"
    books.post("/v1/journal-entries", rent())
    with_one = queries(path)
    for _ in range(20):
        books.post("/v1/journal-entries", rent())

    assert queries(path) == with_one
    assert with_one < 15
