"""The posted entries of a span of days, one after the other, with the balances of the day before as the first."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from bigledger import money
from bigledger.postgres.execute import fetch_all, fetch_in_batches
from bigledger.tenants.context import current_tenant
from ledger.models import Account, JournalEntry

ZERO = Decimal(0)
OPENING = "Opening balances"

_LINES = """
SELECT entry.id, entry.date, entry.number, entry.description, line.account_id, line.description, line.currency,
    line.debit, line.credit, line.base_debit, line.base_credit, line.exchange_rate
FROM ledger_journalentry entry
JOIN ledger_journalline line ON line.tenant_id = entry.tenant_id AND line.entry_id = entry.id
WHERE entry.tenant_id = app_tenant() AND entry.status = 'posted'
  AND entry.date >= COALESCE(%(start)s, '-infinity'::date) AND entry.date <= COALESCE(%(end)s, 'infinity'::date)
ORDER BY entry.date, entry.id, line.position
"""
# Lines with a rate apart from those without: each of the two balances by itself.
_BEFORE = """
SELECT account_id, currency, sum(debit - credit), sum(base_debit - base_credit)
FROM ledger_journalline
WHERE tenant_id = app_tenant() AND date < %(start)s
GROUP BY account_id, currency, base_debit IS NULL
HAVING sum(debit - credit) <> 0 OR sum(base_debit - base_credit) <> 0
ORDER BY account_id, currency, base_debit IS NULL
"""
_ACCOUNTS = """
SELECT id, code, name, type, currency FROM ledger_account WHERE tenant_id = app_tenant() ORDER BY code_order, code
"""


@dataclass(frozen=True, slots=True)
class NamedAccount:
    id: uuid.UUID
    code: str
    name: str
    type: str
    currency: str


@dataclass(frozen=True, slots=True)
class Posting:
    """Debit less credit in `currency` and in base; None in base without a rate."""

    account: uuid.UUID
    currency: str
    net: Decimal
    base_net: Decimal | None
    description: str = ""
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """`id` and `number` are None for the balances that a span begins with."""

    date: datetime.date
    description: str
    postings: Sequence[Posting]
    id: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """Whose books, what they are kept in, their accounts in the order of their codes, and the entries, each once."""

    name: str
    base: str
    accounts: Sequence[NamedAccount]
    entries: Iterator[Entry]


def books(start: datetime.date | None, end: datetime.date | None) -> Books:
    """What was posted from `start` to `end`, both included and each open when None. What the accounts had before
    `start` is the first entry, so the whole adds up to the trial balance of `end`. Inside a transaction."""
    tenant = current_tenant()
    lines = fetch_in_batches(_LINES, {"start": start, "end": end})
    first = next(lines, [])  # the cursor sees the books as they are now; accounts of all its lines are there after it
    accounts = [NamedAccount(*row) for row in fetch_all(_ACCOUNTS)]
    return Books(tenant.name, tenant.base_currency, accounts, _entries(start, first, lines))


def _entries(
    start: datetime.date | None, first: list[tuple[Any, ...]], more: Iterator[list[tuple[Any, ...]]]
) -> Iterator[Entry]:
    if start and (before := fetch_all(_BEFORE, {"start": start})):
        postings = [_posting(account, "", currency, net, base_net) for account, currency, net, base_net in before]
        yield Entry(start - datetime.timedelta(days=1), OPENING, postings)
    rows = (row for batch in _chained(first, more) for row in batch)
    for (entry_id, date, number, description), lines in groupby(rows, itemgetter(0, 1, 2, 3)):
        postings = [
            _posting(account, text, currency, debit - credit, None if base is None else base - base_credit, rate)
            for *_, account, text, currency, debit, credit, base, base_credit, rate in lines
        ]
        yield Entry(date, description, postings, JournalEntry.public_id_of(entry_id), number)


def _chained(first: list[tuple[Any, ...]], more: Iterator[list[tuple[Any, ...]]]) -> Iterator[list[tuple[Any, ...]]]:
    yield first
    yield from more


def _posting(
    account: uuid.UUID,
    description: str,
    currency: str,
    net: Decimal,
    base_net: Decimal | None,
    rate: Decimal | None = None,
) -> Posting:
    base = current_tenant().base_currency
    return Posting(
        account=account,
        currency=currency,
        net=money.to_currency(net, currency),
        base_net=None if base_net is None else money.to_currency(base_net, base),
        description=description,
        rate=rate,
    )


def amounts(posting: Posting, base: str) -> Iterator[str]:
    """The posting as beancount and hledger write amounts: in its currency, and `@@` what that is worth in base.

    Both put the sign on the amount alone; what it cannot say (a difference of rates, without an amount or on the other
    side of it) is an amount in base of its own.
    """
    net, base_net = posting.net, posting.base_net
    if posting.currency == base or base_net is None:
        yield f"{net} {posting.currency}"
        return
    is_one = bool(net) and (net > 0) == (base_net > 0)
    if net:
        yield f"{net} {posting.currency} @@ {abs(base_net) if is_one else money.to_currency(ZERO, base)} {base}"
    if base_net and not is_one:
        yield f"{base_net} {base}"


def public_account(account: NamedAccount) -> str:
    return Account.public_id_of(account.id)
