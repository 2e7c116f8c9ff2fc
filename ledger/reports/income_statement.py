"""The income statement: what was earned and spent from one day to another, in base."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from bigledger import money
from bigledger.periods import Comparison
from bigledger.tenants.context import current_tenant
from ledger.models import AccountType
from ledger.reports.statements import (
    ZERO,
    FinancialStatementRow,
    FlowFigures,
    beside,
    checked_period,
    compared_period,
    day_of,
    flows_on,
    set_beside,
)

# Sections in their order, and the subtypes of accounts in each.
SECTIONS = {
    "revenue": "operating_revenue",
    "cost_of_goods_sold": "cost_of_goods_sold",
    "operating_expense": "operating_expense",
    "other_revenue": "other_revenue",
    "other_expense": "other_expense",
}
RESULT_TYPES = (AccountType.REVENUE, AccountType.EXPENSE)


class IncomeStatementTotals(Struct):
    """`gross_profit` is revenue less cost of goods sold, `operating_income` that less operating expenses, and
    `net_income` that with other revenue and less other expenses."""

    revenue: Decimal
    cost_of_goods_sold: Decimal
    gross_profit: Decimal
    operating_expenses: Decimal
    operating_income: Decimal
    other_revenue: Decimal
    other_expenses: Decimal
    net_income: Decimal
    previous: IncomeStatementTotals | UnsetType = UNSET
    change: IncomeStatementTotals | UnsetType = UNSET


class IncomeStatement(Struct):
    type: str
    params: dict[str, Any]
    generated_at: datetime.datetime
    as_of_seq: int
    currency: str
    rows: list[FinancialStatementRow]
    totals: IncomeStatementTotals


def income_statement(
    *,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    compare: Comparison | None = None,
    known_at: datetime.datetime | None = None,
    include_closing: bool = False,
) -> IncomeStatement:
    """What was earned and spent from `from` (the first day of the fiscal year) to `to` (today), in the base currency.

    Entries that close a year are left out unless `include_closing`.
    Raises ValidationFailed when `start` is after `end`.
    """
    tenant = current_tenant()
    end = end or day_of(tenant, known_at)
    start = start or tenant.fiscal_year_of(end)[0]
    checked_period(start, end)
    periods = [(start, end)]
    params: dict[str, Any] = {"from": start, "to": end}
    if include_closing:
        params["include_closing"] = True
    if compare:
        first, last = compared_period(start, end, compare)
        periods.append((first, last))
        params |= {"compare": compare, "previous_from": first, "previous_to": last}
    standing, accounts = flows_on(periods, RESULT_TYPES, known_at, include_closing=include_closing)
    rows, totals = _of(accounts, 1, start, end, tenant.base_currency)
    if compare:
        earlier, previous = _of(accounts, 3, first, last, tenant.base_currency)
        rows, totals = beside(rows, earlier), set_beside(totals, previous)
    return IncomeStatement("income_statement", params, standing.at, standing.seq, tenant.base_currency, rows, totals)


def _of(
    accounts: list[FlowFigures], day: int, start: datetime.date, end: datetime.date, currency: str
) -> tuple[list[FinancialStatementRow], IncomeStatementTotals]:
    """Of the period whose last day is at this place; the day before it is at the one before."""
    rows = []
    sums = dict.fromkeys(SECTIONS, ZERO)
    for section, subtype in SECTIONS.items():
        for found in accounts:
            amount = found.amount(day, day - 1)
            if found.subtype == subtype and amount:
                row = FinancialStatementRow(
                    section=section,
                    subtype=subtype,
                    account=found.shown,
                    label=found.name,
                    amount=money.to_currency(amount, currency),
                    lines_url=f"/v1/accounts/{found.shown.id}/ledger?date[gte]={start}&date[lte]={end}"
                    + ("&include_closing=false" if found.leaves_out else ""),
                )
                rows.append(row)
                sums[section] += row.amount
    return rows, totals_of(sums, currency)


def totals_of(sums: dict[str, Decimal], currency: str) -> IncomeStatementTotals:
    """From the sums of the sections."""
    revenue, cost, expenses, other_revenue, other_expenses = (
        money.to_currency(sums[section], currency) for section in SECTIONS
    )
    return IncomeStatementTotals(
        revenue=revenue,
        cost_of_goods_sold=cost,
        gross_profit=revenue - cost,
        operating_expenses=expenses,
        operating_income=revenue - cost - expenses,
        other_revenue=other_revenue,
        other_expenses=other_expenses,
        net_income=revenue - cost - expenses + other_revenue - other_expenses,
    )
