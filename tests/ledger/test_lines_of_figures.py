"""Every figure of the ledger's reports leads to the lines that add up to it, whatever the books."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from bigledger.reports import REPORTS
from tests.conftest import Caller
from tests.ledger.test_known_at import CHART, entry

# Those of sales have tests of their own.
ELSEWHERE = {"aged_receivables", "open_receivables", "sales_tax", "customer_statement"}
SPAN = "from=2024-03-10&to=2024-09-20"
QUERIES = {
    "trial_balance": ["as_of=2024-06-17", "as_of=2024-12-31&compare=previous_year"],
    "balance_sheet": ["as_of=2024-06-17", "as_of=2025-01-31&compare=previous_period"],
    "income_statement": [SPAN, f"{SPAN}&compare=previous_year"],
    "cash_flow": [SPAN, f"{SPAN}&method=direct", f"{SPAN}&compare=previous_period"],
    "general_ledger": [SPAN],
}


def test_every_report_of_the_ledger_is_here() -> None:
    assert set(REPORTS) - ELSEWHERE == set(QUERIES)


@pytest.fixture(scope="module")
def draw() -> random.Random:
    return random.Random(17)


@pytest.fixture
def books(acme: Caller, draw: random.Random) -> Caller:
    """150 entries of any accounts, and ten between the accounts of investing and financing alone."""
    for code, type_, subtype, flow in CHART:
        account = {"code": code, "name": f"Account {code}", "type": type_, "subtype": subtype, "cash_flow": flow}
        assert acme.post("/v1/accounts", account).status == 201
    entries = [entry(draw) for _ in range(150)]
    for n in range(10):
        sides = [{"account_id": "acc_1500", "debit": n + 1}, {"account_id": "acc_2700", "credit": n + 1}]
        entries.append({"date": f"2024-05-{n + 1:02}", "lines": sides})
    operations = [{"operation": "create", "data": one} for one in entries]
    done = acme.post("/v1/journal-entries/bulk", {"operations": operations}).body
    assert {result["status"] for result in done["results"]} == {201}
    return acme


def total(caller: Caller, url: str) -> Decimal:
    """Debit less credit of all the lines at an address, page by page."""
    net, page = Decimal(0), 1
    while True:
        found = caller.get(f"{url}&limit=100&page={page}").body
        net += sum(line["debit"] - line["credit"] for line in found["data"])
        if page >= found["meta"]["pages"]:
            return net
        page += 1


def worth(name: str, row: Any) -> Decimal:
    """What the lines of a row are to add up to, but for its sign."""
    if name == "trial_balance":
        return Decimal(row["debit"] - row["credit"])
    return Decimal(row["closing"] - row["opening"] if name == "general_ledger" else row["amount"])


@pytest.mark.parametrize(("name", "query"), [(name, query) for name in QUERIES for query in QUERIES[name]])
def test_following_a_figure_adds_up_to_it(books: Caller, name: str, query: str) -> None:
    report = books.get(f"/v1/reports/{name}?{query}").body

    assert len(report["rows"]) >= 4
    for row in report["rows"]:
        if row["lines_url"].startswith("/v1/reports/income_statement"):
            assert books.get(row["lines_url"]).body["totals"]["net_income"] == row["amount"]
        else:
            assert abs(total(books, row["lines_url"])) == abs(worth(name, row)), row
