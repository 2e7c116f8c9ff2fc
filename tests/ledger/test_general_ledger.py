"""The general ledger: openings, lines and closings, page by page and as a table, all of one moment."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from ledger.reports import general_ledger
from tests.api.conftest import open_chart
from tests.conftest import Caller

SPAN = "from=2024-01-01&to=2024-03-31"


def post(caller: Caller, date: str, debited: str, credited: str, amount: str, description: str = "") -> None:
    lines = [
        {"account_id": f"acc_{debited}", "debit": Decimal(amount)},
        {"account_id": f"acc_{credited}", "credit": Decimal(amount)},
    ]
    entry = {"date": date, "description": description, "lines": lines}
    assert caller.post("/v1/journal-entries", entry).status == 201


@pytest.fixture
def books(acme: Caller) -> Caller:
    """Cash had 300 before; 500 of sales, and rent of 120 twice on the same day; 70 come later."""
    open_chart(acme)
    post(acme, "2023-12-30", "1000", "4000", "300")
    post(acme, "2024-01-10", "1000", "4000", "500", "Sold")
    post(acme, "2024-02-01", "6100", "1000", "120", "Rent")
    post(acme, "2024-02-01", "6100", "1000", "120", "Rent of the shop")
    post(acme, "2024-04-01", "1000", "4000", "70")
    return acme


def pages(caller: Caller, query: str = SPAN, cursor: str | None = None) -> list[Any]:
    found = []
    while True:
        answer = caller.get(f"/v1/reports/general_ledger?{query}" + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status == 200, answer.body
        found.append(answer.body)
        cursor = answer.body["next_cursor"]
        if cursor is None:
            return found


def shown(report: Any) -> list[Any]:
    return [
        (row["account"]["code"], row["opening"], [line["balance"] for line in row["lines"]], row["closing"])
        for row in report["rows"]
    ]


def test_every_account_with_what_it_had_and_has(books: Caller) -> None:
    [report] = pages(books)

    assert shown(report) == [
        ("1000", Decimal("300.00"), [Decimal("800.00"), Decimal("680.00"), Decimal("560.00")], Decimal("560.00")),
        ("4000", Decimal("300.00"), [Decimal("800.00")], Decimal("800.00")),
        ("6100", Decimal("0.00"), [Decimal("120.00"), Decimal("240.00")], Decimal("240.00")),
    ]
    sold = report["rows"][0]["lines"][0]
    assert (sold["date"], sold["description"], sold["debit"], sold["credit"]) == (
        "2024-01-10", "Sold", Decimal("500.00"), Decimal("0.00"),
    )  # fmt: skip
    assert books.get(f"/v1/journal-entries/{sold['entry']['id']}").body["number"] == sold["entry"]["number"]
    assert report["totals"] == {"debit": Decimal("740.00"), "credit": Decimal("740.00")}


def test_one_account(books: Caller) -> None:
    [report] = pages(books, f"{SPAN}&account_id=acc_6100")

    assert [row["account"]["code"] for row in report["rows"]] == ["6100"]
    assert report["totals"] == {"debit": Decimal("240.00"), "credit": Decimal("0.00")}
    assert books.get("/v1/reports/general_ledger?account_id=acc_9").status == 404


@pytest.mark.parametrize("most", [1, 2, 3, 4, 5, 6, 7])
def test_pages_join_without_a_gap(books: Caller, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    [whole] = pages(books)
    monkeypatch.setattr(general_ledger, "PAGE_LINES", most)

    found = pages(books)

    assert all(sum(len(row["lines"]) for row in page["rows"]) <= most for page in found)
    assert all(page["totals"] == whole["totals"] for page in found)
    joined: list[Any] = []
    for row in (row for page in found for row in page["rows"]):
        if joined and joined[-1]["account"] == row["account"]:
            assert joined[-1]["closing"] == row["opening"]
            joined[-1] |= {"lines": joined[-1]["lines"] + row["lines"], "closing": row["closing"]}
        else:
            joined.append(row)
    assert joined == whole["rows"]


def test_what_is_posted_between_two_pages_is_on_neither(books: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    [whole] = pages(books)
    monkeypatch.setattr(general_ledger, "PAGE_LINES", 2)
    first = books.get(f"/v1/reports/general_ledger?{SPAN}").body

    post(books, "2024-01-05", "1000", "4000", "7000")
    post(books, "2024-03-05", "6100", "1000", "7")
    assert books.patch("/v1/accounts/acc_6100", {"name": "Rents"}).status == 200

    rest = pages(books, SPAN, first["next_cursor"])
    assert [page["as_of_seq"] for page in rest] == [first["as_of_seq"]] * len(rest)
    lines = [line["id"] for page in [first, *rest] for row in page["rows"] for line in row["lines"]]
    assert lines == [line["id"] for row in whole["rows"] for line in row["lines"]]
    assert rest[-1]["rows"][-1] == whole["rows"][-1]
    assert rest[-1]["totals"] == whole["totals"]


def test_the_table_has_openings_lines_and_closings(books: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(general_ledger, "PAGE_LINES", 1)  # the table is whole all the same

    answer = books.get(f"/v1/reports/general_ledger?{SPAN}&format=csv")

    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["row"], row["account_code"], row["balance"]) for row in table] == [
        ("opening", "1000", "300.00"),
        ("line", "1000", "800.00"),
        ("line", "1000", "680.00"),
        ("line", "1000", "560.00"),
        ("closing", "1000", "560.00"),
        ("opening", "4000", "300.00"),
        ("line", "4000", "800.00"),
        ("closing", "4000", "800.00"),
        ("opening", "6100", "0.00"),
        ("line", "6100", "120.00"),
        ("line", "6100", "240.00"),
        ("closing", "6100", "240.00"),
    ]
    assert sum(Decimal(row["debit"] or 0) for row in table) == Decimal("740.00")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("cursor=x", "cursor"),
        ("cursor=WzEsMl0=", "cursor"),
        ("cursor=", "cursor"),
        ("from=2024-02-01&to=2024-01-01", "from"),
        ("account_id=1000", "account_id"),
        ("compare=previous_year", "compare"),
    ],
)
def test_what_it_refuses(books: Caller, query: str, field: str) -> None:
    refused = books.get(f"/v1/reports/general_ledger?{query}")

    assert (refused.status, refused.fields) == (400, [field])


def test_a_table_takes_no_cursor(books: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(general_ledger, "PAGE_LINES", 1)
    cursor = books.get(f"/v1/reports/general_ledger?{SPAN}").body["next_cursor"]

    refused = books.get(f"/v1/reports/general_ledger?{SPAN}&format=csv&cursor={cursor}")

    assert (refused.status, refused.fields) == (400, ["cursor"])


def test_another_tenant_sees_nothing_of_it(books: Caller, globex: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(general_ledger, "PAGE_LINES", 1)
    cursor = books.get(f"/v1/reports/general_ledger?{SPAN}").body["next_cursor"]

    for query in (SPAN, f"{SPAN}&cursor={cursor}"):
        assert globex.get(f"/v1/reports/general_ledger?{query}").body["rows"] == []
