"""The cash flow statement: where cash came from and what it was spent on from one day to another, in base.

Both methods read kept balances only, and differ in operations alone. The indirect one (IAS 7.18 b) begins with the
result and goes on with what accounts changed that are not cash. The direct one (IAS 7.18 a, as 7.19 b has it) adjusts
what was earned and spent by those same changes, and says by its labels whether it came from customers or went to
suppliers. Both come to what the accounts that are cash changed, because every entry balances.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from bigledger import money
from bigledger.events.standing import fetch_standing
from bigledger.periods import Comparison
from bigledger.tenants.context import current_tenant
from ledger.models import CASH_FLOWS, AccountPurpose, AccountSubtype, AccountType, CashFlow
from ledger.reports.income_statement import RESULT_TYPES
from ledger.reports.statements import (
    ZERO,
    CashFlowRow,
    FlowFigures,
    beside,
    checked_period,
    compared_period,
    day_of,
    days_of,
    set_beside,
)

Method = Literal["indirect", "direct"]
METHODS: tuple[Method, ...] = ("indirect", "direct")
SECTIONS = (CashFlow.OPERATING, CashFlow.INVESTING, CashFlow.FINANCING)
_SQL = """
WITH found AS MATERIALIZED (
    SELECT a.id, a.code, a.name, a.type, a.subtype, f.base_nets, f.leaves_out, a.purpose, COALESCE(
        a.cash_flow, CASE WHEN a.purpose = 'cash_receipts' THEN 'cash' END, %(flows)s::jsonb ->> a.subtype, 'operating'
    ) AS flow
    FROM ledger_flows(%(types)s, %(days)s, standing.known) f
    JOIN ledger_accounts_known(standing.known) a ON a.id = f.account
)
SELECT found.*, COALESCE(moved.amounts, '{0, 0}') FROM found
LEFT JOIN ledger_without_cash(
    ARRAY(SELECT id FROM found WHERE flow IN ('investing', 'financing')), %(days)s, standing.known
) moved ON moved.account = found.id
"""
_CUSTOMERS, _TAX, _SUPPLIERS = "Received from customers", "Sales tax", "Paid to suppliers and employees"
_OF_SUBTYPE: dict[str, str] = {
    AccountSubtype.OPERATING_REVENUE: _CUSTOMERS,
    AccountSubtype.OTHER_REVENUE: "Other receipts",
    AccountSubtype.OTHER_EXPENSE: "Other payments",
}
_OF_PURPOSE: dict[str, str] = {
    AccountPurpose.ACCOUNTS_RECEIVABLE: _CUSTOMERS,
    AccountPurpose.CUSTOMER_DEPOSITS: _CUSTOMERS,
    AccountPurpose.BAD_DEBT: _CUSTOMERS,
    AccountPurpose.SALES_TAX_PAYABLE: _TAX,
}


class CashFlowTotals(Struct):
    """`net_change` is the sum of the three sections, and what is between `opening_cash` and `closing_cash`."""

    operating: Decimal
    investing: Decimal
    financing: Decimal
    net_change: Decimal
    opening_cash: Decimal
    closing_cash: Decimal
    previous: CashFlowTotals | UnsetType = UNSET
    change: CashFlowTotals | UnsetType = UNSET


class CashFlowStatement(Struct):
    type: str
    params: dict[str, Any]
    generated_at: datetime.datetime
    as_of_seq: int
    currency: str
    rows: list[CashFlowRow]
    totals: CashFlowTotals


class _Flow(FlowFigures):
    """`flow` is where its changes stand; `without_cash` what it changed without any, in each period."""

    purpose: str
    flow: str
    without_cash: list[Decimal]


class _Period(Struct):
    """Whose last day is at the place `day` of an account's figures; the day before it is at the one before."""

    start: datetime.date
    end: datetime.date
    day: int


def cash_flow(
    *,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    method: Method = "indirect",
    compare: Comparison | None = None,
    known_at: datetime.datetime | None = None,
) -> CashFlowStatement:
    """Where cash came from and went, from `from` (the first day of the fiscal year) to `to` (today), in the base
    currency.

    Raises ValidationFailed when `start` is after `end`.
    """
    tenant = current_tenant()
    end = end or day_of(tenant, known_at)
    start = start or tenant.fiscal_year_of(end)[0]
    checked_period(start, end)
    params: dict[str, Any] = {"from": start, "to": end, "method": method}
    periods = [_Period(start, end, 1)]
    if compare:
        first, last = compared_period(start, end, compare)
        periods.append(_Period(first, last, 3))
        params |= {"compare": compare, "previous_from": first, "previous_to": last}
    days = days_of(*((period.start, period.end) for period in periods))
    wanted = {"types": AccountType.values, "days": days, "flows": json.dumps(CASH_FLOWS)}
    standing, found = fetch_standing(_SQL, wanted, known_at)
    accounts = sorted((_Flow(*row) for row in found), key=lambda account: account.code)
    statements = [_of(period, accounts, method, tenant.base_currency) for period in periods]
    rows, totals = statements[0]
    if compare:
        rows, totals = beside(rows, statements[1][0]), set_beside(totals, statements[1][1])
    return CashFlowStatement("cash_flow", params, standing.at, standing.seq, tenant.base_currency, rows, totals)


def _of(
    period: _Period, accounts: list[_Flow], method: Method, currency: str
) -> tuple[list[CashFlowRow], CashFlowTotals]:
    found = [
        *(_direct(period, accounts, currency) if method == "direct" else _indirect(period, accounts, currency)),
        *_invested_and_financed(period, accounts, currency),
    ]
    rows = sorted((row for row in found if row.amount), key=lambda row: SECTIONS.index(CashFlow(row.section)))
    zero = money.to_currency(ZERO, currency)
    sums = {section: sum((row.amount for row in rows if row.section == section), zero) for section in SECTIONS}
    cash = [account.nets for account in accounts if account.flow == CashFlow.CASH]
    opening, closing = (sum((nets[day] for nets in cash), ZERO) for day in (period.day - 1, period.day))
    return rows, CashFlowTotals(
        operating=sums[CashFlow.OPERATING],
        investing=sums[CashFlow.INVESTING],
        financing=sums[CashFlow.FINANCING],
        net_change=sum(sums.values(), zero),
        opening_cash=money.to_currency(opening, currency),
        closing_cash=money.to_currency(closing, currency),
    )


def _change(account: _Flow, period: _Period) -> Decimal:
    """What cash it is worth: an asset that grew took some, a debt that grew gave some."""
    return account.nets[period.day - 1] - account.nets[period.day]


def _indirect(period: _Period, accounts: list[_Flow], currency: str) -> Iterator[CashFlowRow]:
    """The result, without what of it belongs to investing and financing, and what accounts of operations changed."""
    result = sum((_change(account, period) for account in accounts if account.type in RESULT_TYPES), ZERO)
    yield CashFlowRow(
        section=CashFlow.OPERATING,
        account=None,
        label="Net income",
        amount=money.to_currency(result, currency),
        lines_url=f"/v1/reports/income_statement?from={period.start}&to={period.end}",
    )
    for account in accounts:
        if account.type in RESULT_TYPES and account.flow != CashFlow.OPERATING:
            yield _row(CashFlow.OPERATING, account, -_change(account, period), period, currency)
    for account in accounts:
        if account.type not in RESULT_TYPES and account.flow == CashFlow.OPERATING:
            yield _row(CashFlow.OPERATING, account, _change(account, period), period, currency)


def _direct(period: _Period, accounts: list[_Flow], currency: str) -> Iterator[CashFlowRow]:
    """What was earned and spent, and what of it is not received or paid yet, by whom it came from or went to."""
    rows = []
    for account in sorted(accounts, key=lambda account: account.type not in RESULT_TYPES):
        if account.flow == CashFlow.OPERATING:
            row = _row(CashFlow.OPERATING, account, _change(account, period), period, currency)
            row.label = _OF_PURPOSE.get(account.purpose) or _OF_SUBTYPE.get(account.subtype, _SUPPLIERS)
            rows.append(row)
    labels = [_CUSTOMERS, _SUPPLIERS, _TAX, *_OF_SUBTYPE.values()]
    yield from sorted(rows, key=lambda row: labels.index(row.label))


def _invested_and_financed(period: _Period, accounts: list[_Flow], currency: str) -> Iterator[CashFlowRow]:
    for account in accounts:
        if account.flow in (CashFlow.INVESTING, CashFlow.FINANCING):
            without = account.without_cash[period.day // 2]
            row = _row(account.flow, account, _change(account, period) - without, period, currency)
            if without:
                row.lines_url += "&without_cash=false"
            yield row


def _row(section: str, account: _Flow, amount: Decimal, period: _Period, currency: str) -> CashFlowRow:
    return CashFlowRow(
        section=section,
        account=account.shown,
        label=account.name,
        amount=money.to_currency(amount, currency),
        lines_url=f"/v1/accounts/{account.shown.id}/ledger?date[gte]={period.start}&date[lte]={period.end}"
        + ("&include_closing=false" if account.leaves_out else ""),
    )
