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
    beside,
    checked_period,
    compared_period,
    movements,
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
    currency: str
    rows: list[FinancialStatementRow]
    totals: IncomeStatementTotals


def income_statement(
    *, start: datetime.date | None = None, end: datetime.date | None = None, compare: Comparison | None = None
) -> IncomeStatement:
    """What was earned and spent from `from` (the first day of the fiscal year) to `to` (today), in the base currency.

    Raises ValidationFailed when `start` is after `end`.
    """
    tenant = current_tenant()
    end = end or tenant.today()
    start = start or tenant.fiscal_year_of(end)[0]
    checked_period(start, end)
    rows, totals = _of(start, end, tenant.base_currency)
    params: dict[str, Any] = {"from": start, "to": end}
    if compare:
        first, last = compared_period(start, end, compare)
        earlier, previous = _of(first, last, tenant.base_currency)
        rows, totals = beside(rows, earlier), set_beside(totals, previous)
        params |= {"compare": compare, "previous_from": first, "previous_to": last}
    return IncomeStatement("income_statement", params, tenant.now(), tenant.base_currency, rows, totals)


def _of(
    start: datetime.date, end: datetime.date, currency: str
) -> tuple[list[FinancialStatementRow], IncomeStatementTotals]:
    rows = []
    sums = dict.fromkeys(SECTIONS, ZERO)
    balances = sorted(movements(start, end, RESULT_TYPES).values(), key=lambda balance: balance.code)
    for section, subtype in SECTIONS.items():
        for balance in balances:
            if balance.subtype == subtype and balance.net:
                row = FinancialStatementRow(
                    section=section,
                    subtype=subtype,
                    account=balance.shown,
                    label=balance.name,
                    amount=money.to_currency(balance.amount, currency),
                    lines_url=f"/v1/accounts/{balance.shown.id}/ledger?date[gte]={start}&date[lte]={end}",
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
