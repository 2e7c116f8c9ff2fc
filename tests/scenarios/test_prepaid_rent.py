"""Prepaid rent across a year end, moved to expense by a recurring entry.

On 1 October 2024 the firm pays 12,000, the rent of twelve months. It is an asset; 1,000 of it becomes an expense at
the end of each month, the last on 30 September 2025. Three months are of 2024.

    2024                                 31 December 2024
    fees            20,000               cash            8,000 = 20,000 - 12,000
    rent             3,000               prepaid rent    9,000 = 12,000 - 3 x 1,000
    net income      17,000               equity         17,000

The year is closed. Until 30 September 2025 rent is 9,000 and nothing is earned, so prepaid rent is 0 and equity 8,000.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tests.conftest import Caller
from tests.ledger.test_recurring_entries import run_clock
from tests.scenarios.test_accrued_wages import entry, totals

CHART = (
    ("1000", "Cash", "asset", "current_asset"),
    ("1400", "Prepaid Rent", "asset", "current_asset"),
    ("3200", "Retained Earnings", "equity", "equity"),
    ("4000", "Fees", "revenue", "operating_revenue"),
    ("6100", "Rent", "expense", "operating_expense"),
)


def test_each_year_has_the_rent_of_its_months(acme: Caller, at: Callable[[str], None]) -> None:
    at("2024-10-01T12:00:00+00:00")
    for code, name, type_, subtype in CHART:
        assert acme.post("/v1/accounts", {"code": code, "name": name, "type": type_, "subtype": subtype}).status == 201
    for one in (entry("2024-10-01", "1000", "4000", "20000.00"), entry("2024-10-01", "1400", "1000", "12000.00")):
        assert acme.post("/v1/journal-entries", one).status == 201
    lines = entry("2024-10-31", "6100", "1400", "1000.00")["lines"]
    template = {"template": {"description": "Rent of the month", "lines": lines}, "frequency": "monthly"}
    days = {"start_date": "2024-10-31", "end_date": "2025-09-30"}
    assert acme.post("/v1/recurring-journal-entries", template | days).status == 201
    at("2024-12-31T12:00:00+00:00")
    assert run_clock(acme) == 3

    income = totals(acme, "income_statement?from=2024-01-01&to=2024-12-31")
    assert (income["revenue"], income["operating_expenses"], income["net_income"]) == (20000, 3000, 17000)
    sheet = acme.get("/v1/reports/balance_sheet?as_of=2024-12-31").body
    assert {row["label"]: row["amount"] for row in sheet["rows"]} == {
        "Cash": 8000, "Prepaid Rent": 9000, "Net income 2024 (to date)": 17000,
    }  # fmt: skip
    assert sheet["totals"] == {"assets": 17000, "liabilities": 0, "equity": 17000}

    at("2025-10-01T12:00:00+00:00")
    assert acme.post("/v1/periods/close-year", {"year": 2024}).status == 200
    assert run_clock(acme) == 9

    income = totals(acme, "income_statement?from=2025-01-01&to=2025-09-30")
    assert (income["revenue"], income["operating_expenses"], income["net_income"]) == (0, 9000, -9000)
    sheet = acme.get("/v1/reports/balance_sheet?as_of=2025-09-30").body
    assert sheet["totals"] == {"assets": 8000, "liabilities": 0, "equity": 8000}
    prepaid = acme.get("/v1/accounts/acc_1400/ledger?sort=date:desc&limit=1").body["data"][0]
    assert (prepaid["date"], prepaid["balance"]) == ("2025-09-30", Decimal("0.00"))
