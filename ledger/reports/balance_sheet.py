"""The balance sheet: what the tenant has and owes on one day, in base.

It is right before anybody closes a year: the results of the running fiscal year and of earlier ones that are not closed
are rows of equity without an account, so assets are liabilities and equity on every day.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from bigledger import money
from bigledger.periods import Comparison
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant
from bigledger.tenants.models import Tenant
from ledger.models import SUBTYPES, AccountType
from ledger.reports.income_statement import RESULT_TYPES
from ledger.reports.statements import (
    RESULT_ENDS,
    ZERO,
    FinancialStatementRow,
    balances_on,
    beside,
    compared_day,
    set_beside,
)

SECTIONS = {"assets": AccountType.ASSET, "liabilities": AccountType.LIABILITY, "equity": AccountType.EQUITY}
_SUBTYPES = [subtype for type_ in SECTIONS.values() for subtype in SUBTYPES[type_]]
# Results by fiscal year, which is named by the year it begins in: whole months, then the days of the month that is cut,
# then slots.
_RESULTS = """
WITH results AS (SELECT id FROM ledger_account WHERE tenant_id = app_tenant() AND type = ANY (%(types)s))
SELECT extract(year FROM day - make_interval(months => %(month)s - 1))::integer, sum(net) FROM (
    SELECT month AS day, base_credit - base_debit AS net FROM ledger_accountmonth
    WHERE tenant_id = app_tenant() AND account_id IN (SELECT id FROM results) AND month < %(first)s
    UNION ALL
    SELECT day, base_credit - base_debit FROM ledger_accountday
    WHERE tenant_id = app_tenant() AND account_id IN (SELECT id FROM results) AND day BETWEEN %(first)s AND %(day)s
    UNION ALL
    SELECT day, base_credit - base_debit FROM ledger_accountbalance
    WHERE tenant_id = app_tenant() AND account_id IN (SELECT id FROM results) AND day <= %(day)s
) facts GROUP BY 1 HAVING sum(net) <> 0 ORDER BY 1
"""


class BalanceSheetTotals(Struct):
    assets: Decimal
    liabilities: Decimal
    equity: Decimal
    previous: BalanceSheetTotals | UnsetType = UNSET
    change: BalanceSheetTotals | UnsetType = UNSET


class BalanceSheet(Struct):
    type: str
    params: dict[str, Any]
    generated_at: datetime.datetime
    currency: str
    rows: list[FinancialStatementRow]
    totals: BalanceSheetTotals


def balance_sheet(*, as_of: datetime.date | None = None, compare: Comparison | None = None) -> BalanceSheet:
    """What the tenant has and owes at the end of `as_of` (today), in the base currency."""
    tenant = current_tenant()
    as_of = as_of or tenant.today()
    rows, totals = _of(as_of, tenant)
    params: dict[str, Any] = {"as_of": as_of}
    if compare:
        day = compared_day(as_of, compare)
        earlier, previous = _of(day, tenant)
        rows, totals = beside(rows, earlier), set_beside(totals, previous)
        params |= {"compare": compare, "previous_as_of": day}
    return BalanceSheet("balance_sheet", params, tenant.now(), tenant.base_currency, rows, totals)


def _of(as_of: datetime.date, tenant: Tenant) -> tuple[list[FinancialStatementRow], BalanceSheetTotals]:
    rows = [*_accounts(as_of, tenant.base_currency), *_results(as_of, tenant)]
    zero = money.to_currency(ZERO, tenant.base_currency)
    sums = {name: sum((row.amount for row in rows if row.section == name), zero) for name in SECTIONS}
    return rows, BalanceSheetTotals(sums["assets"], sums["liabilities"], sums["equity"])


def _accounts(as_of: datetime.date, currency: str) -> Iterator[FinancialStatementRow]:
    balances = sorted(
        balances_on(as_of, SECTIONS.values()).values(), key=lambda found: (_SUBTYPES.index(found.subtype), found.code)
    )
    for section, type_ in SECTIONS.items():
        for balance in balances:
            if balance.type == type_ and balance.net:
                yield FinancialStatementRow(
                    section=section,
                    subtype=balance.subtype,
                    account=balance.shown,
                    label=balance.name,
                    amount=money.to_currency(balance.amount, currency),
                    lines_url=f"/v1/accounts/{balance.shown.id}/ledger?date[lte]={as_of}",
                )


def _results(as_of: datetime.date, tenant: Tenant) -> Iterator[FinancialStatementRow]:
    month = tenant.fiscal_year_start_month
    wanted = {"types": list(RESULT_TYPES), "month": month, "first": as_of.replace(day=1), "day": as_of}
    running = tenant.fiscal_year_of(as_of)[0].year
    for year, net in fetch_all(_RESULTS, wanted):
        start, end = tenant.fiscal_year_of(datetime.date(year, month, 1))
        name = str(year) if month == 1 else f"{year}/{(year + 1) % 100:02}"
        yield FinancialStatementRow(
            section="equity",
            subtype=None,
            account=None,
            label=f"Net income {name}{RESULT_ENDS}{'to date' if year == running else 'not closed'})",
            amount=money.to_currency(net, tenant.base_currency),
            lines_url=f"/v1/reports/income_statement?from={start}&to={min(end, as_of)}",
        )
