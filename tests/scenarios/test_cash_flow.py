"""The cash flow statement, as an accounting manual would have it.

Propensity Company is the example of OpenStax, *Principles of Accounting, Volume 1: Financial Accounting* (2019),
chapter 16: its balance sheets of 2017 and 2018, what happened to land, plant, notes and shares between them, and the
statement of cash flows that the book prints. What it earned and spent besides depreciation and the gain is one figure
here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Caller

# Code, name, type, subtype, class in the cash flow statement (by the subtype when None), balances of 2017 and 2018.
CHART: list[tuple[str, str, str, str, str | None, int, int]] = [
    ("1000", "Cash", "asset", "current_asset", "cash", 24_300, 47_500),
    ("1100", "Accounts Receivable", "asset", "current_asset", None, 26_000, 21_500),
    ("1200", "Prepaid Insurance", "asset", "current_asset", None, 1_800, 2_500),
    ("1300", "Inventory", "asset", "current_asset", None, 45_500, 48_000),
    ("1500", "Land", "asset", "fixed_asset", None, 10_000, 20_000),
    ("1600", "Plant Assets", "asset", "fixed_asset", None, 190_000, 230_000),
    ("1690", "Accumulated Depreciation", "asset", "fixed_asset", "operating", -71_100, -85_500),
    ("2000", "Accounts Payable", "liability", "current_liability", None, 19_000, 17_200),
    ("2100", "Salaries Payable", "liability", "current_liability", None, 1_500, 1_900),
    ("2700", "Notes Payable", "liability", "long_term_liability", None, 75_000, 85_000),
    ("3000", "Common Stock", "equity", "equity", None, 70_000, 115_000),
    ("3200", "Retained Earnings", "equity", "equity", None, 61_000, 61_000),
    ("3300", "Dividends", "equity", "equity", None, 0, -440),
    ("4000", "Sales", "revenue", "operating_revenue", None, 0, 238_000),
    ("4930", "Gain on Sale of Land", "revenue", "other_revenue", "investing", 0, 4_800),
    ("5000", "Cost of Goods Sold and Expenses", "expense", "operating_expense", None, 0, 224_060),
    ("6500", "Depreciation Expense", "expense", "operating_expense", None, 0, 14_400),
]
# What each side of a line is worth; the rest of a year that comes to the balances of 2018.
YEAR: list[list[tuple[str, int]]] = [
    [("1000", 14_800), ("1500", -10_000), ("4930", -4_800)],  # land is sold for more than it cost
    [("1500", 20_000), ("2700", -20_000)],  # other land, for a note: no cash
    [("1600", 40_000), ("1000", -40_000)],
    [("2700", 10_000), ("1000", -10_000)],
    [("1000", 45_000), ("3000", -45_000)],
    [("3300", 440), ("1000", -440)],
    [("6500", 14_400), ("1690", -14_400)],
    [("1100", 238_000), ("4000", -238_000)],
    [("1000", 242_500), ("1100", -242_500)],
    [("5000", 224_060), ("1200", 700), ("1300", 2_500), ("2000", -225_460), ("2100", -1_800)],
    [("2000", 227_260), ("2100", 1_400), ("1000", -228_660)],
]


def post(caller: Caller, date: str, *sides: tuple[str, int]) -> None:
    lines = [
        {"account_id": f"acc_{code}", "debit": max(amount, 0), "credit": max(-amount, 0)}
        for code, amount in sides
        if amount
    ]
    posted = caller.post("/v1/journal-entries", {"date": date, "lines": lines})
    assert posted.status == 201, posted.body


@pytest.fixture
def propensity(acme: Caller) -> Caller:
    for code, name, type_, subtype, flow, *_ in CHART:
        account = {"code": code, "name": name, "type": type_, "subtype": subtype, "cash_flow": flow}
        assert acme.post("/v1/accounts", account).status == 201
    opening = [(code, amount if type_ == "asset" else -amount) for code, _, type_, _, _, amount, _ in CHART]
    post(acme, "2017-12-31", *opening)
    for month, sides in enumerate(YEAR, 1):
        post(acme, f"2018-{month:02}-15", *sides)
    return acme


def report(caller: Caller, path: str) -> Any:
    answer = caller.get(f"/v1/reports/{path}")
    assert answer.status == 200, answer.body
    return answer.body


def amounts(found: Any, section: str) -> dict[str, Decimal]:
    return {row["label"]: row["amount"] for row in found["rows"] if row["section"] == section}


YEAR_2018 = "from=2018-01-01&to=2018-12-31"


def test_the_books_are_those_of_the_book(propensity: Caller) -> None:
    sheet = report(propensity, "balance_sheet?as_of=2018-12-31")

    shown = {row["account"]["code"]: row["amount"] for row in sheet["rows"] if row["account"]}
    assert shown == {code: closing for code, _, type_, *_, closing in CHART if type_ not in ("revenue", "expense")}
    assert sheet["totals"]["assets"] == Decimal("284000.00")


def test_the_indirect_method(propensity: Caller) -> None:
    """The book: operating 13,840; investing (25,200); financing 34,560; cash from 24,300 to 47,500."""
    statement = report(propensity, f"cash_flow?{YEAR_2018}")

    assert amounts(statement, "operating") == {
        "Net income": Decimal("4340.00"),
        "Gain on Sale of Land": Decimal("-4800.00"),
        "Accounts Receivable": Decimal("4500.00"),
        "Prepaid Insurance": Decimal("-700.00"),
        "Inventory": Decimal("-2500.00"),
        "Accumulated Depreciation": Decimal("14400.00"),
        "Accounts Payable": Decimal("-1800.00"),
        "Salaries Payable": Decimal("400.00"),
    }
    # The book has 14,800 for the land in one line: what it cost, and the gain.
    assert amounts(statement, "investing") == {
        "Land": Decimal("10000.00"),
        "Plant Assets": Decimal("-40000.00"),
        "Gain on Sale of Land": Decimal("4800.00"),
    }
    assert amounts(statement, "financing") == {
        "Notes Payable": Decimal("-10000.00"),
        "Common Stock": Decimal("45000.00"),
        "Dividends": Decimal("-440.00"),
    }
    assert statement["totals"] == {
        "operating": Decimal("13840.00"),
        "investing": Decimal("-25200.00"),
        "financing": Decimal("34560.00"),
        "net_change": Decimal("23200.00"),
        "opening_cash": Decimal("24300.00"),
        "closing_cash": Decimal("47500.00"),
    }


def test_the_direct_method_comes_to_the_same(propensity: Caller) -> None:
    """Sales of 238,000 and 4,500 of what customers owed; expenses of 224,060 and 4,600 for stock and debts; all of the
    depreciation is taken back by the account that collects it."""
    statement = report(propensity, f"cash_flow?{YEAR_2018}&method=direct")

    by_label: dict[str, Decimal] = {}
    for row in statement["rows"]:
        if row["section"] == "operating":
            by_label[row["label"]] = by_label.get(row["label"], Decimal(0)) + row["amount"]
    assert sum(by_label.values()) == Decimal("13840.00")
    assert statement["totals"] == report(propensity, f"cash_flow?{YEAR_2018}")["totals"]


@pytest.mark.parametrize("method", ["indirect", "direct"])
@pytest.mark.parametrize("start", ["2017-12-01", "2018-01-01", "2018-02-15", "2018-06-20"])
@pytest.mark.parametrize("end", ["2018-06-30", "2018-08-15", "2018-12-31"])
def test_opening_cash_and_its_change_are_closing_cash(propensity: Caller, method: str, start: str, end: str) -> None:
    totals = report(propensity, f"cash_flow?from={start}&to={end}&method={method}")["totals"]

    assert totals["opening_cash"] + totals["net_change"] == totals["closing_cash"]
    assert totals["net_change"] == totals["operating"] + totals["investing"] + totals["financing"]
    cash = propensity.get(f"/v1/accounts/acc_1000/ledger?date[lte]={end}&sort=date:desc&limit=1").body["data"]
    assert totals["closing_cash"] == cash[0]["balance"]


@pytest.mark.parametrize("method", ["indirect", "direct"])
def test_each_figure_leads_to_the_lines_that_add_up_to_it(propensity: Caller, method: str) -> None:
    for row in report(propensity, f"cash_flow?{YEAR_2018}&method={method}")["rows"]:
        found = propensity.get(row["lines_url"]).body
        if row["account"] is None:
            assert found["totals"]["net_income"] == row["amount"]
            continue
        came = sum(line["credit"] - line["debit"] for line in found["data"])
        is_taken_out = row["section"] == "operating" and row["label"].startswith("Gain")
        assert row["amount"] == (-came if is_taken_out else came), row


def test_two_years_side_by_side(propensity: Caller) -> None:
    statement = report(propensity, f"cash_flow?{YEAR_2018}&compare=previous_year")

    assert statement["params"]["previous_to"] == "2017-12-31"
    assert statement["totals"]["previous"]["closing_cash"] == Decimal("24300.00")
    assert statement["totals"]["change"]["closing_cash"] == Decimal("23200.00")
    stock = next(row for row in statement["rows"] if row["label"] == "Common Stock")
    assert (stock["amount"], stock["previous"]) == (Decimal("45000.00"), Decimal("70000.00"))


def test_an_account_can_move_to_another_section(propensity: Caller) -> None:
    changed = propensity.patch("/v1/accounts/acc_3300", {"cash_flow": "operating"})

    assert (changed.status, changed.body["cash_flow"]) == (200, "operating")
    statement = report(propensity, f"cash_flow?{YEAR_2018}")
    assert amounts(statement, "operating")["Dividends"] == Decimal("-440.00")
    assert statement["totals"]["net_change"] == Decimal("23200.00")
    assert propensity.patch("/v1/accounts/acc_3300", {"cash_flow": None}).body["cash_flow"] is None
    assert "Dividends" in amounts(report(propensity, f"cash_flow?{YEAR_2018}"), "financing")


@pytest.mark.parametrize(("code", "value"), [("3300", "cash"), ("4000", "cash"), ("1000", "Cash"), ("1000", "")])
def test_a_class_that_does_not_fit_is_refused(propensity: Caller, code: str, value: str) -> None:
    before = propensity.get(f"/v1/accounts/acc_{code}").body

    refused = propensity.patch(f"/v1/accounts/acc_{code}", {"cash_flow": value})

    assert (refused.status, refused.fields) == (400, ["cash_flow"])
    assert propensity.get(f"/v1/accounts/acc_{code}").body == before


@pytest.mark.parametrize(
    ("query", "field"),
    [("method=both", "method"), ("from=2018-02-01&to=2018-01-01", "from"), ("as_of=2018-01-01", "as_of")],
)
def test_what_it_does_not_know(propensity: Caller, query: str, field: str) -> None:
    refused = propensity.get(f"/v1/reports/cash_flow?{query}")

    assert (refused.status, refused.fields) == (400, [field])


def test_another_tenant_sees_nothing_of_it(propensity: Caller, globex: Caller) -> None:
    assert report(globex, f"cash_flow?{YEAR_2018}")["rows"] == []
