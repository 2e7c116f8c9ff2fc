"""The ledger in the language of beancount, as `bean-check` takes it.

Source: https://beancount.github.io/docs/beancount_language_syntax.html
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterator, Sequence

from ledger.reports.exports.entries import Entry, NamedAccount, amounts, books, public_account

_ROOTS = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "revenue": "Income",
    "expense": "Expenses",
}
# No posting is earlier, so that is when every account is open.
_OPEN = "1900-01-01 open"
_NOT_IN_A_NAME = re.compile("[^A-Za-z0-9]+")


def as_beancount(*, start: datetime.date | None = None, end: datetime.date | None = None) -> Iterator[str]:
    """The text, entry by entry. Inside a transaction."""
    found = books(start, end)
    names = account_names(found.accounts)
    yield f'option "title" {_quoted(found.name)}\noption "operating_currency" "{found.base}"\n\n'
    for account in found.accounts:
        yield (
            f"{_OPEN} {names[account.id]}\n"
            f"  code: {_quoted(account.code)}\n"
            f"  name: {_quoted(account.name)}\n"
            f'  account_id: "{public_account(account)}"\n'
        )
    for entry in found.entries:
        yield _transaction(entry, names, found.base)


def account_names(accounts: Sequence[NamedAccount]) -> dict[uuid.UUID, str]:
    """`Assets:1000-Cash` for the asset 1000 Cash: each name once, in letters that beancount knows."""
    found: dict[uuid.UUID, str] = {}
    taken: set[str] = set()
    for account in accounts:
        words = _NOT_IN_A_NAME.sub("-", f"{account.code}-{account.name}").strip("-") or "Account"
        name = whole = f"{_ROOTS[account.type]}:{words[0].upper()}{words[1:]}"
        count = 1
        while name in taken:
            count += 1
            name = f"{whole}-{count}"
        taken.add(name)
        found[account.id] = name
    return found


def _transaction(entry: Entry, names: dict[uuid.UUID, str], base: str) -> str:
    head = f"\n{entry.date} * {_quoted(entry.description)}\n"
    if entry.number is not None:
        head += f'  number: {_quoted(entry.number)}\n  entry_id: "{entry.id}"\n'
    lines = []
    for posting in entry.postings:
        for amount in amounts(posting, base):
            lines.append(f"  {names[posting.account]}  {amount}\n")
            if posting.description:
                lines.append(f"    description: {_quoted(posting.description)}\n")
    return head + "".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
