"""The ledger as a CSV: a row for each journal line."""

from __future__ import annotations

import csv
import datetime
import io
import uuid
from collections.abc import Iterator

from bigledger import money
from bigledger.tables import guarded
from ledger.reports.exports.entries import ZERO, Entry, NamedAccount, books

HEADER = (
    "date", "number", "entry_id", "description", "account_code", "account_name", "line_description", "currency",
    "debit", "credit", "exchange_rate", "base_currency", "base_debit", "base_credit",
)  # fmt: skip


def as_table(*, start: datetime.date | None = None, end: datetime.date | None = None) -> Iterator[str]:
    """The text, entry by entry. Inside a transaction."""
    found = books(start, end)
    accounts = {account.id: account for account in found.accounts}
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for entry in found.entries:
        writer.writerows(_rows(entry, accounts, found.base))
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()  # the header alone, when nothing was posted


def _rows(entry: Entry, accounts: dict[uuid.UUID, NamedAccount], base: str) -> Iterator[list[object]]:
    base_zero = money.to_currency(ZERO, base)
    for posting in entry.postings:
        zero = money.to_currency(ZERO, posting.currency)
        account, net, worth = accounts[posting.account], posting.net, posting.base_net
        yield [
            entry.date,
            guarded(entry.number or ""),
            entry.id or "",
            guarded(entry.description),
            guarded(account.code),
            guarded(account.name),
            guarded(posting.description),
            posting.currency,
            max(net, zero),
            max(-net, zero),
            "" if posting.rate is None else f"{posting.rate.normalize():f}",
            base,
            "" if worth is None else max(worth, base_zero),
            "" if worth is None else max(-worth, base_zero),
        ]
