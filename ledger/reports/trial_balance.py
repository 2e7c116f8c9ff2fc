"""The trial balance: every account's balance on one day, in the debit or the credit column."""

from __future__ import annotations

import calendar
import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from bigledger import ids, money
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant

# Whole months from the kept balances, then the days of the one month that is cut: either the days up to
# `as_of` are added to the months before it, or the days after it are taken off the month as a whole.
_SQL = """
SELECT a.id, a.code, a.name, a.type, COALESCE(kept.net, 0) + %(sign)s * COALESCE(part.net, 0)
FROM ledger_account a
LEFT JOIN (
    SELECT account_id, sum(debit - credit) AS net FROM ledger_accountbalance
    WHERE tenant_id = app_tenant() AND month < %(boundary)s GROUP BY account_id
) kept ON kept.account_id = a.id
LEFT JOIN LATERAL (
    SELECT sum(debit - credit) AS net FROM ledger_journalline l
    WHERE l.tenant_id = app_tenant() AND l.account_id = a.id AND l.date BETWEEN %(first)s AND %(last)s
) part ON true
WHERE a.tenant_id = app_tenant() AND a.currency = %(currency)s
ORDER BY a.code
"""


class TrialBalanceAccount(Struct):
    id: str
    code: str
    name: str
    type: str


class TrialBalanceRow(Struct):
    """`lines_url` lists the lines that make up the figure."""

    account: TrialBalanceAccount
    debit: Decimal
    credit: Decimal
    lines_url: str


class TrialBalanceTotals(Struct):
    debit: Decimal
    credit: Decimal


class TrialBalance(Struct):
    type: str
    params: dict[str, Any]
    generated_at: datetime.datetime
    currency: str
    rows: list[TrialBalanceRow]
    totals: TrialBalanceTotals


def trial_balance(*, as_of: datetime.date | None = None, currency: str | None = None) -> TrialBalance:
    """The accounts in `currency` (the tenant's base when None) that have a balance on `as_of` (today).

    Both columns have the same total: each entry balances within its currency.
    """
    tenant = current_tenant()
    as_of = as_of or tenant.today()
    currency = currency or tenant.base_currency
    zero = money.to_currency(Decimal(0), currency)
    rows = []
    for account_id, code, name, type_, net in fetch_all(_SQL, {**_window(as_of), "currency": currency}):
        if not net:
            continue
        public_id = ids.encode("acc", account_id)
        amount = money.to_currency(abs(net), currency)
        rows.append(
            TrialBalanceRow(
                account=TrialBalanceAccount(public_id, code, name, type_),
                debit=amount if net > 0 else zero,
                credit=amount if net < 0 else zero,
                lines_url=f"/v1/accounts/{public_id}/ledger?date[lte]={as_of}",
            )
        )
    totals = TrialBalanceTotals(
        debit=sum((row.debit for row in rows), zero), credit=sum((row.credit for row in rows), zero)
    )
    return TrialBalance(
        type="trial_balance",
        params={"as_of": as_of, "currency": currency},
        generated_at=tenant.now(),
        currency=currency,
        rows=rows,
        totals=totals,
    )


def _window(as_of: datetime.date) -> dict[str, Any]:
    """Which months to take whole and which days to add or take off: the smaller part of the cut month.

    In the current month hardly anything is dated after today, so there it is the days to come.
    """
    month_start = as_of.replace(day=1)
    month_end = as_of.replace(day=calendar.monthrange(as_of.year, as_of.month)[1])
    today = current_tenant().today()
    if as_of.day >= 16 or (as_of.year, as_of.month) == (today.year, today.month):
        day = datetime.timedelta(days=1)
        return {"boundary": month_end + day, "sign": -1, "first": as_of + day, "last": month_end}
    return {"boundary": month_start, "sign": 1, "first": month_start, "last": as_of}
