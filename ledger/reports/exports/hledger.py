"""The ledger as a journal of hledger.

Source: https://hledger.org/1.25/hledger.html#journal-format
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterator, Sequence

from bigledger import money
from ledger.reports.exports.entries import Entry, NamedAccount, amounts, books, public_account

_TOPS = {
    "asset": ("assets", "A"),
    "liability": ("liabilities", "L"),
    "equity": ("equity", "E"),
    "revenue": ("revenues", "R"),
    "expense": ("expenses", "X"),
}
_SPACES = re.compile(r"\s+")
# In a comment a word with a colon is a tag, and one of them (`date:`) moves the posting; so does a day in brackets.
_PLAIN = str.maketrans({":": " -", "[": "(", "]": ")", ";": ","})


def as_hledger(*, start: datetime.date | None = None, end: datetime.date | None = None) -> Iterator[str]:
    """The text, entry by entry. Inside a transaction."""
    found = books(start, end)
    names = account_names(found.accounts)
    yield f"; {_plain(found.name)}\ndecimal-mark .\n"
    for currency in sorted({found.base} | {account.currency for account in found.accounts}):
        yield f"commodity 1000.{'0' * money.decimal_places(currency)} {currency}\n"
    for account in found.accounts:
        kind = _TOPS[account.type][1]
        yield f"account {names[account.id]}\n    ; type: {kind}, account_id: {public_account(account)}\n"
    for entry in found.entries:
        yield _transaction(entry, names, found.base)


def account_names(accounts: Sequence[NamedAccount]) -> dict[uuid.UUID, str]:
    """`assets:1000 Cash` for the asset 1000 Cash. Codes differ, but not always in what hledger can tell apart."""
    found: dict[uuid.UUID, str] = {}
    taken: set[str] = set()
    for account in accounts:
        name = whole = f"{_TOPS[account.type][0]}:{_plain(f'{account.code} {account.name}')}"
        count = 1
        while name in taken:
            count += 1
            name = f"{whole} ({count})"
        taken.add(name)
        found[account.id] = name
    return found


def _transaction(entry: Entry, names: dict[uuid.UUID, str], base: str) -> str:
    number = "" if entry.number is None else f" ({_plain(entry.number).replace(')', '')})"
    lines = [f"\n{entry.date} *{number} {_plain(entry.description)}\n"]
    if entry.id is not None:
        lines.append(f"    ; entry_id: {entry.id}\n")
    for posting in entry.postings:
        comment = f"  ; {_plain(posting.description)}" if posting.description else ""
        lines += [f"    {names[posting.account]}  {amount}{comment}\n" for amount in amounts(posting, base)]
    return "".join(lines)


def _plain(text: str) -> str:
    """One line that means nothing to hledger but itself."""
    return _SPACES.sub(" ", text.translate(_PLAIN)).strip()
