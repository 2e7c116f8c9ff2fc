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
from bigledger.events.standing import fetch_standing
from bigledger.periods import Comparison
from bigledger.tenants.context import current_tenant
from bigledger.tenants.models import Tenant
from ledger.models import SUBTYPES, AccountType
from ledger.reports.statements import (
    FIGURES,
    RESULT_ENDS,
    ZERO,
    AccountFigures,
    FinancialStatementRow,
    beside,
    compared_day,
    day_of,
    set_beside,
)

SECTIONS = {"assets": AccountType.ASSET, "liabilities": AccountType.LIABILITY, "equity": AccountType.EQUITY}
_SUBTYPES = [subtype for type_ in SECTIONS.values() for subtype in SUBTYPES[type_]]
# The accounts, and the results by fiscal year in one statement, so that they are of one moment.
_SQL = """
SELECT 'account', found.id, found.code, found.name, found.type, found.subtype, found.base_nets,
    NULL::date, NULL::integer FROM ({figures}) found
UNION ALL
SELECT 'result', NULL, NULL, NULL, NULL, NULL, ARRAY[result.net], result.day, result.year
FROM ledger_results(%(month)s, %(days)s, standing.known) result
""".replace("{figures}", FIGURES)


class _Result(Struct):
    """What a fiscal year, named by the year it begins in, came to at the end of `day`."""

    day: datetime.date
    year: int
    net: Decimal


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
    as_of_seq: int
    currency: str
    rows: list[FinancialStatementRow]
    totals: BalanceSheetTotals


def balance_sheet(
    *,
    as_of: datetime.date | None = None,
    compare: Comparison | None = None,
    known_at: datetime.datetime | None = None,
) -> BalanceSheet:
    """What the tenant has and owes at the end of `as_of` (today), in the base currency."""
    tenant = current_tenant()
    as_of = as_of or day_of(tenant, known_at)
    params: dict[str, Any] = {"as_of": as_of}
    days = [as_of]
    if compare:
        days.append(compared_day(as_of, compare))
        params |= {"compare": compare, "previous_as_of": days[1]}
    wanted = {"types": list(SECTIONS.values()), "days": days, "month": tenant.fiscal_year_start_month}
    standing, found = fetch_standing(_SQL, wanted, known_at)
    accounts = [AccountFigures(*row[1:7]) for row in found if row[0] == "account"]
    accounts.sort(key=lambda account: (_SUBTYPES.index(account.subtype), account.code))
    results = [_Result(row[7], row[8], row[6][0]) for row in found if row[0] == "result"]
    sheets = [_of(place, day, accounts, results, tenant) for place, day in enumerate(days)]
    rows, totals = sheets[0]
    if compare:
        rows, totals = beside(rows, sheets[1][0]), set_beside(totals, sheets[1][1])
    return BalanceSheet("balance_sheet", params, standing.at, standing.seq, tenant.base_currency, rows, totals)


def _of(
    place: int, day: datetime.date, accounts: list[AccountFigures], results: list[_Result], tenant: Tenant
) -> tuple[list[FinancialStatementRow], BalanceSheetTotals]:
    """At the end of `day`, whose figures stand at this place."""
    rows = [
        *_accounts(place, day, accounts, tenant.base_currency),
        *_results(day, [result for result in results if result.day == day], tenant),
    ]
    zero = money.to_currency(ZERO, tenant.base_currency)
    sums = {name: sum((row.amount for row in rows if row.section == name), zero) for name in SECTIONS}
    return rows, BalanceSheetTotals(sums["assets"], sums["liabilities"], sums["equity"])


def _accounts(
    place: int, day: datetime.date, accounts: list[AccountFigures], currency: str
) -> Iterator[FinancialStatementRow]:
    for section, type_ in SECTIONS.items():
        for found in accounts:
            amount = found.amount(place)
            if found.type == type_ and amount:
                yield FinancialStatementRow(
                    section=section,
                    subtype=found.subtype,
                    account=found.shown,
                    label=found.name,
                    amount=money.to_currency(amount, currency),
                    lines_url=f"/v1/accounts/{found.shown.id}/ledger?date[lte]={day}",
                )


def _results(day: datetime.date, results: list[_Result], tenant: Tenant) -> Iterator[FinancialStatementRow]:
    month = tenant.fiscal_year_start_month
    running = tenant.fiscal_year_of(day)[0].year
    for result in sorted(results, key=lambda found: found.year):
        start, end = tenant.fiscal_year_of(datetime.date(result.year, month, 1))
        name = str(result.year) if month == 1 else f"{result.year}/{(result.year + 1) % 100:02}"
        yield FinancialStatementRow(
            section="equity",
            subtype=None,
            account=None,
            label=f"Net income {name}{RESULT_ENDS}{'to date' if result.year == running else 'not closed'})",
            amount=money.to_currency(result.net, tenant.base_currency),
            lines_url=f"/v1/reports/income_statement?from={start}&to={min(end, day)}",
        )
