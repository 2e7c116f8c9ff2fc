"""The trial balance: every account's balance on one day, in the debit or the credit column."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from bigledger import money
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant
from ledger.models import Account

_SQL = "SELECT id, code, name, type, net FROM ledger_trial_balance(%(currency)s, %(as_of)s)"


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
    """Each account's balance at the end of `as_of` (today), of the accounts in `currency` (the base currency).

    Both columns have the same total, as long as no entry is in several currencies: each balances within its own.
    """
    tenant = current_tenant()
    as_of = as_of or tenant.today()
    currency = currency or tenant.base_currency
    zero = money.to_currency(Decimal(0), currency)
    rows = []
    for account_id, code, name, type_, net in fetch_all(_SQL, {"as_of": as_of, "currency": currency}):
        public_id = Account.public_id_of(account_id)
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
