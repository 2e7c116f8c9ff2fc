"""The trial balance: every account's balance on one day, in the debit or the credit column."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from bigledger import money
from bigledger.events.standing import fetch_standing
from bigledger.periods import Comparison
from bigledger.tenants.context import current_tenant
from ledger.models import Account, AccountType
from ledger.reports.statements import compared_day, day_of, set_beside

_SQL = """
SELECT a.id, a.code, a.name, a.type, CASE WHEN %(one)s::text IS NULL THEN f.base_nets ELSE f.nets END
FROM ledger_figures(%(types)s, %(days)s, standing.known) f
JOIN ledger_accounts_known(standing.known) a ON a.id = f.account
WHERE COALESCE(a.currency = %(one)s, 0 <> ANY (f.base_nets)) AND (0 <> ANY (f.nets) OR 0 <> ANY (f.base_nets))
ORDER BY a.code
"""


class TrialBalanceAccount(Struct):
    id: str
    code: str
    name: str
    type: str


class TrialBalanceColumns(Struct, kw_only=True):
    debit: Decimal
    credit: Decimal


class TrialBalanceRow(Struct, kw_only=True):
    """`lines_url` lists the lines that make up the figure."""

    account: TrialBalanceAccount
    debit: Decimal
    credit: Decimal
    lines_url: str
    previous: TrialBalanceColumns | UnsetType = UNSET
    change: TrialBalanceColumns | UnsetType = UNSET


class TrialBalanceTotals(Struct):
    debit: Decimal
    credit: Decimal
    previous: TrialBalanceTotals | UnsetType = UNSET
    change: TrialBalanceTotals | UnsetType = UNSET


class TrialBalance(Struct):
    type: str
    params: dict[str, Any]
    generated_at: datetime.datetime
    as_of_seq: int
    currency: str
    rows: list[TrialBalanceRow]
    totals: TrialBalanceTotals


def trial_balance(
    *,
    as_of: datetime.date | None = None,
    currency: str | None = None,
    compare: Comparison | None = None,
    known_at: datetime.datetime | None = None,
) -> TrialBalance:
    """Each account's balance in base at the end of `as_of` (today); with `currency` the accounts in it, each in it.

    In base both columns have the same total. In one currency they have when every entry is in that one alone.
    """
    tenant = current_tenant()
    as_of = as_of or day_of(tenant, known_at)
    one, currency = currency, currency or tenant.base_currency
    params: dict[str, Any] = {"as_of": as_of, "currency": currency}
    days = [as_of]
    if compare:
        days.append(compared_day(as_of, compare))
        params |= {"compare": compare, "previous_as_of": days[1]}
    wanted = {"types": AccountType.values, "days": days, "one": one}
    standing, found = fetch_standing(_SQL, wanted, known_at)
    rows = [
        _row(TrialBalanceAccount(Account.public_id_of(key), *rest), nets, as_of, currency) for key, *rest, nets in found
    ]
    totals = _total(rows, currency)
    if compare:
        totals = set_beside(totals, _total([row.previous for row in rows if row.previous], currency))
    return TrialBalance("trial_balance", params, standing.at, standing.seq, currency, rows, totals)


def _row(account: TrialBalanceAccount, nets: list[Decimal], as_of: datetime.date, currency: str) -> TrialBalanceRow:
    now, *before = (_columns(net, currency) for net in nets)
    row = TrialBalanceRow(
        account=account,
        debit=now.debit,
        credit=now.credit,
        lines_url=f"/v1/accounts/{account.id}/ledger?date[lte]={as_of}",
    )
    for previous in before:
        row.previous = previous
        row.change = TrialBalanceColumns(debit=now.debit - previous.debit, credit=now.credit - previous.credit)
    return row


def _columns(net: Decimal, currency: str) -> TrialBalanceColumns:
    zero, amount = money.to_currency(Decimal(0), currency), money.to_currency(abs(net), currency)
    return TrialBalanceColumns(debit=amount if net > 0 else zero, credit=amount if net < 0 else zero)


def _total(rows: Sequence[TrialBalanceRow | TrialBalanceColumns], currency: str) -> TrialBalanceTotals:
    zero = money.to_currency(Decimal(0), currency)
    return TrialBalanceTotals(
        debit=sum((row.debit for row in rows), zero), credit=sum((row.credit for row in rows), zero)
    )
