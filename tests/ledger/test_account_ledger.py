"""GET /v1/accounts/{id}/ledger: the running balance is right on every page."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import Caller

DAYS = ("2024-01-10", "2024-01-10", "2024-01-31", "2024-02-01", "2024-02-15", "2024-04-30", "2024-04-30")


@pytest.fixture
def books(acme: Caller) -> Caller:
    """Cash +1, +2, +4, … on DAYS, entered in another order than dated."""
    for code, type_, subtype in (("1000", "asset", "current_asset"), ("4000", "revenue", "operating_revenue")):
        acme.post("/v1/accounts", {"code": code, "name": code, "type": type_, "subtype": subtype})
    for position in (6, 0, 1, 5, 2, 4, 3):
        amount = 2**position
        lines = [
            {"account_id": "acc_1000", "debit": amount, "description": f"no. {position}"},
            {"account_id": "acc_4000", "credit": amount},
        ]
        entry = {"date": DAYS[position], "description": "sold", "lines": lines}
        assert acme.post("/v1/journal-entries", entry).status == 201
    return acme


def _ledger(caller: Caller, query: str = "", account: str = "acc_1000") -> list[dict]:
    answer = caller.get(f"/v1/accounts/{account}/ledger?{query}")
    assert answer.status == 200, answer.text
    return answer.body["data"]


def test_the_last_balance_is_the_accounts(books: Caller) -> None:
    lines = _ledger(books)

    assert [line["date"] for line in lines] == sorted(DAYS)
    assert lines[-1]["balance"] == books.get("/v1/accounts/acc_1000").body["balance"] == Decimal("127.00")
    assert lines[0] | {"debit": Decimal("1.00"), "credit": Decimal("0.00"), "description": "no. 0"} == lines[0]
    assert lines[0]["journal_entry_number"].startswith("JE-2024-")


def test_it_is_signed_to_the_normal_side(books: Caller) -> None:
    lines = _ledger(books, account="acc_4000")

    assert [line["balance"] for line in lines] == [line["balance"] for line in _ledger(books)]
    assert lines[0]["description"] == "sold"


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_every_page_continues_the_one_before(books: Caller, limit: int, order: str) -> None:
    whole = _ledger(books, f"sort=date:{order}")
    pages = [_ledger(books, f"sort=date:{order}&limit={limit}&page={page}") for page in range(1, 8)]

    assert len(whole) == 7
    assert [line for page in pages for line in page] == whole
    assert (whole if order == "asc" else whole[::-1]) == _ledger(books)


def test_a_cursor_continues_as_well(books: Caller) -> None:
    first = books.get("/v1/accounts/acc_1000/ledger?limit=3&cursor=").body
    second = books.get(f"/v1/accounts/acc_1000/ledger?limit=9&cursor={first['meta']['next_cursor']}").body

    assert first["data"] + second["data"] == _ledger(books)


@pytest.mark.parametrize(
    "query", ["date[gte]=2024-01-31", "date[gt]=2024-01-10&date[lte]=2024-02-15", "date=2024-04-30", "date[lt]=2024-02"]
)
def test_a_stretch_of_days_keeps_the_true_balances(books: Caller, query: str) -> None:
    whole = {line["id"]: line for line in _ledger(books)}
    if query.endswith("2024-02"):
        assert books.get(f"/v1/accounts/acc_1000/ledger?{query}").fields == ["date[lt]"]
        return

    stretch = _ledger(books, query)

    assert 0 < len(stretch) < 7
    assert stretch == [whole[line["id"]] for line in stretch]


def test_a_filter_that_leaves_holes_is_unknown(books: Caller) -> None:
    refused = books.get("/v1/accounts/acc_1000/ledger?date[ne]=2024-01-10&status=posted")

    assert (refused.status, sorted(refused.fields)) == (400, ["date[ne]", "status"])


def test_the_number_of_queries_does_not_grow(books: Caller) -> None:
    with CaptureQueriesContext(connection) as few:
        _ledger(books, "limit=1")
    with CaptureQueriesContext(connection) as many:
        _ledger(books, "limit=7")

    assert len(many) == len(few) <= 10


def test_an_account_without_postings_has_an_empty_ledger(acme: Caller) -> None:
    acme.post("/v1/accounts", {"code": "1", "name": "1", "type": "asset", "subtype": "current_asset"})

    assert _ledger(acme, account="acc_1") == []
    assert acme.get("/v1/accounts/acc_2/ledger").status == 404
