"""Balance sheet and income statement, as an accounting manual would have them.

Printing Plus is the example of OpenStax, *Principles of Accounting, Volume 1: Financial Accounting* (2019), chapters 3
to 5: its transactions of January 2019, its adjusting entries, and the statements that the book prints.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Caller

CHART = [
    ("1000", "Cash", "asset", "current_asset"),
    ("1100", "Accounts Receivable, Trade", "asset", "current_asset"),
    ("1150", "Interest Receivable", "asset", "current_asset"),
    ("1200", "Supplies", "asset", "current_asset"),
    ("1500", "Equipment", "asset", "fixed_asset"),
    ("1590", "Accumulated Depreciation: Equipment", "asset", "fixed_asset"),
    ("2000", "Accounts Payable", "liability", "current_liability"),
    ("2100", "Salaries Payable", "liability", "current_liability"),
    ("2200", "Unearned Revenue", "liability", "current_liability"),
    ("3000", "Common Stock", "equity", "equity"),
    ("3300", "Dividends", "equity", "equity"),
    ("4000", "Service Revenue", "revenue", "operating_revenue"),
    ("4900", "Interest Revenue", "revenue", "other_revenue"),
    ("5000", "Supplies Expense", "expense", "operating_expense"),
    ("5100", "Depreciation Expense: Equipment", "expense", "operating_expense"),
    ("5200", "Salaries Expense", "expense", "operating_expense"),
    ("5300", "Utility Expense", "expense", "operating_expense"),
]
JANUARY = [
    ("2019-01-03", "1000", "3000", 20_000),  # shares for cash
    ("2019-01-05", "1500", "2000", 3_500),  # equipment on account
    ("2019-01-09", "1000", "2200", 4_000),  # paid in advance
    ("2019-01-10", "1100", "4000", 5_500),  # services on account
    ("2019-01-12", "5300", "1000", 300),  # utility bill
    ("2019-01-14", "3300", "1000", 100),  # dividends
    ("2019-01-17", "1000", "4000", 2_800),  # services for cash
    ("2019-01-18", "2000", "1000", 3_500),  # the equipment is paid
    ("2019-01-20", "5200", "1000", 3_600),  # salaries
    ("2019-01-23", "1000", "1100", 5_500),  # the customer pays
    ("2019-01-27", "1100", "4000", 1_200),  # services on account
    ("2019-01-30", "1200", "2000", 500),  # supplies on account
]
ADJUSTMENTS = [
    ("2019-01-31", "5000", "1200", 100),  # supplies used
    ("2019-01-31", "5100", "1590", 75),  # depreciation
    ("2019-01-31", "2200", "4000", 600),  # earned of what was paid in advance
    ("2019-01-31", "1150", "4900", 140),  # interest earned
    ("2019-01-31", "5200", "2100", 1_500),  # salaries of the last days
]


def _post(caller: Caller, *entries: tuple[str, str, str, int]) -> None:
    for date, debited, credited, amount in entries:
        lines = [
            {"account_id": f"acc_{debited}", "debit": amount, "credit": 0},
            {"account_id": f"acc_{credited}", "debit": 0, "credit": amount},
        ]
        assert caller.post("/v1/journal-entries", {"date": date, "lines": lines}).status == 201


@pytest.fixture
def printing_plus(acme: Caller) -> Caller:
    for code, name, type_, subtype in CHART:
        made = acme.post(
            "/v1/accounts", {"code": code, "name": name, "type": type_, "subtype": subtype, "currency": "USD"}
        )
        assert made.status == 201
    _post(acme, *JANUARY, *ADJUSTMENTS)
    return acme


def _report(caller: Caller, path: str) -> Any:
    answer = caller.get(f"/v1/reports/{path}")
    assert answer.status == 200, answer.body
    return answer.body


def _amounts(report: Any, section: str) -> dict[str, Decimal]:
    return {row["label"]: row["amount"] for row in report["rows"] if row["section"] == section}


def test_a_service_companys_first_month(printing_plus: Caller) -> None:
    """The book: net income 4,665; assets 29,965; liabilities 5,400; stockholders' equity 24,565."""
    income = _report(printing_plus, "income_statement?from=2019-01-01&to=2019-01-31")

    assert _amounts(income, "revenue") == {"Service Revenue": Decimal("10100.00")}
    assert _amounts(income, "operating_expense") == {
        "Supplies Expense": Decimal("100.00"),
        "Depreciation Expense: Equipment": Decimal("75.00"),
        "Salaries Expense": Decimal("5100.00"),
        "Utility Expense": Decimal("300.00"),
    }
    assert _amounts(income, "other_revenue") == {"Interest Revenue": Decimal("140.00")}
    assert income["totals"] == {
        "revenue": Decimal("10100.00"),
        "cost_of_goods_sold": Decimal("0.00"),
        "gross_profit": Decimal("10100.00"),
        "operating_expenses": Decimal("5575.00"),
        "operating_income": Decimal("4525.00"),
        "other_revenue": Decimal("140.00"),
        "other_expenses": Decimal("0.00"),
        "net_income": Decimal("4665.00"),
    }

    sheet = _report(printing_plus, "balance_sheet?as_of=2019-01-31")

    assert _amounts(sheet, "assets") == {
        "Cash": Decimal("24800.00"),
        "Accounts Receivable, Trade": Decimal("1200.00"),
        "Interest Receivable": Decimal("140.00"),
        "Supplies": Decimal("400.00"),
        "Equipment": Decimal("3500.00"),
        "Accumulated Depreciation: Equipment": Decimal("-75.00"),
    }
    assert _amounts(sheet, "liabilities") == {
        "Accounts Payable": Decimal("500.00"),
        "Salaries Payable": Decimal("1500.00"),
        "Unearned Revenue": Decimal("3400.00"),
    }
    assert _amounts(sheet, "equity") == {
        "Common Stock": Decimal("20000.00"),
        "Dividends": Decimal("-100.00"),
        "Net income 2019 (to date)": Decimal("4665.00"),
    }
    assert sheet["totals"] == {
        "assets": Decimal("29965.00"),
        "liabilities": Decimal("5400.00"),
        "equity": Decimal("24565.00"),
    }


def test_each_figure_leads_to_the_lines_that_add_up_to_it(printing_plus: Caller) -> None:
    for path in ("income_statement?from=2019-01-10&to=2019-01-31", "balance_sheet?as_of=2019-01-20"):
        for row in _report(printing_plus, path)["rows"]:
            found = printing_plus.get(row["lines_url"] + ("&limit=100" if "ledger" in row["lines_url"] else "")).body
            if row["account"] is None:
                assert found["totals"]["net_income"] == row["amount"]
                continue
            net = sum(line["debit"] - line["credit"] for line in found["data"])
            assert abs(net) == abs(row["amount"]), row


def test_years_that_nobody_closed_stand_in_equity_one_by_one(printing_plus: Caller) -> None:
    """2019 earned 4,665, 2020 lost 200 and 2021 earned 50 by 3 March: three rows, and the sheet balances."""
    _post(printing_plus, ("2020-06-30", "5300", "1000", 200), ("2021-03-03", "1000", "4000", 50))

    sheet = _report(printing_plus, "balance_sheet?as_of=2021-03-03")

    assert _amounts(sheet, "equity") == {
        "Common Stock": Decimal("20000.00"),
        "Dividends": Decimal("-100.00"),
        "Net income 2019 (not closed)": Decimal("4665.00"),
        "Net income 2020 (not closed)": Decimal("-200.00"),
        "Net income 2021 (to date)": Decimal("50.00"),
    }
    assert (
        sheet["totals"]["assets"] == sheet["totals"]["liabilities"] + sheet["totals"]["equity"] == Decimal("29815.00")
    )


def test_a_fiscal_year_from_july(printing_plus: Caller) -> None:
    """The year 2018/19 ends on 30 June 2019; 80 of July are of 2019/20."""
    before = printing_plus.get("/v1/tenant").body
    assert before["fiscal_year_start_month"] == 1
    assert printing_plus.patch("/v1/tenant", {"fiscal_year_start_month": 7}).status == 200
    _post(printing_plus, ("2019-07-01", "1000", "4000", 80))

    sheet = _report(printing_plus, "balance_sheet?as_of=2019-07-31")

    assert _amounts(sheet, "equity") == {
        "Common Stock": Decimal("20000.00"),
        "Dividends": Decimal("-100.00"),
        "Net income 2018/19 (not closed)": Decimal("4665.00"),
        "Net income 2019/20 (to date)": Decimal("80.00"),
    }
    income = _report(printing_plus, "income_statement?to=2019-07-31")
    assert (income["params"]["from"], income["totals"]["net_income"]) == ("2019-07-01", Decimal("80.00"))


@pytest.mark.parametrize("month", [0, 13, -1, 1.5, "1", None])
def test_a_month_that_does_not_exist_begins_no_fiscal_year(printing_plus: Caller, month: Any) -> None:
    refused = printing_plus.patch("/v1/tenant", {"fiscal_year_start_month": month})

    assert (refused.status, refused.fields) == (400, ["fiscal_year_start_month"])
    assert printing_plus.get("/v1/tenant").body["fiscal_year_start_month"] == 1


def test_two_periods_side_by_side(printing_plus: Caller) -> None:
    """February: services 1,000, salaries 900. January had 4,665; the change is 100 less 4,665, so -4,565."""
    _post(printing_plus, ("2019-02-11", "1000", "4000", 1_000), ("2019-02-28", "5200", "1000", 900))

    income = _report(printing_plus, "income_statement?from=2019-02-01&to=2019-02-28&compare=previous_period")

    assert income["params"]["previous_from"] == "2019-01-01"
    assert income["params"]["previous_to"] == "2019-01-31"
    by_label = {row["label"]: (row["amount"], row["previous"], row["change"]) for row in income["rows"]}
    assert by_label["Service Revenue"] == (Decimal("1000.00"), Decimal("10100.00"), Decimal("-9100.00"))
    assert by_label["Utility Expense"] == (Decimal("0.00"), Decimal("300.00"), Decimal("-300.00"))
    totals = income["totals"]
    assert totals["net_income"] == Decimal("100.00")
    assert totals["previous"]["net_income"] == Decimal("4665.00")
    assert totals["change"]["net_income"] == Decimal("-4565.00")

    sheet = _report(printing_plus, "balance_sheet?as_of=2020-01-31&compare=previous_year")
    assert sheet["params"]["previous_as_of"] == "2019-01-31"
    assert sheet["totals"]["previous"]["assets"] == Decimal("29965.00")
    assert sheet["totals"]["assets"] == Decimal("30065.00")
    results = {row["label"]: (row["amount"], row["previous"]) for row in sheet["rows"] if row["account"] is None}
    assert results == {"Net income 2019 (not closed)": (Decimal("4765.00"), Decimal("4665.00"))}


def test_nothing_is_shown_as_less_than_nothing(printing_plus: Caller) -> None:
    """An account that stands on its other side now had 0.00 before, and not -0.00."""
    text = printing_plus.get("/v1/reports/balance_sheet?as_of=2019-01-31&compare=previous_period").text

    assert '"previous":0.00' in text
    assert "-0.00" not in text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("income_statement?from=2019-02-01&to=2019-01-01", "from"),
        ("balance_sheet?compare=last_week", "compare"),
        ("balance_sheet?as_of=2019-02-30", "as_of"),
        ("balance_sheet?as_on=2019-02-28", "as_on"),
    ],
)
def test_a_report_refuses_what_it_does_not_know(printing_plus: Caller, query: str, field: str) -> None:
    refused = printing_plus.get(f"/v1/reports/{query}")

    assert (refused.status, refused.fields) == (400, [field])


def test_another_tenant_sees_nothing_of_it(printing_plus: Caller, globex: Caller) -> None:
    assert _report(globex, "balance_sheet?as_of=2019-01-31")["rows"] == []
    assert _report(globex, "income_statement?from=2019-01-01&to=2019-01-31")["rows"] == []
