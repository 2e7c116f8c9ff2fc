"""Entries with the rates that are kept, for their foreign lines that were given none."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Context, Decimal

from bigledger.errors import ApiError, BusinessRuleViolation, Detail
from bigledger.tenants.context import current_tenant
from ledger.models import MAX_RATE_DECIMAL_PLACES
from ledger.rules import RATE_MISSING
from ledger.services.exchange_rates import rates_on
from ledger.services.posting.conversion import currency_of
from ledger.services.posting.entries import NewEntry, NewLine
from ledger.services.references import References

_EXACT = Context(prec=60)
_SMALLEST = Decimal(1).scaleb(-MAX_RATE_DECIMAL_PLACES)
Rates = Mapping[tuple[str, datetime.date], Decimal | None]


def rated(entries: Sequence[NewEntry], references: References) -> tuple[list[NewEntry], dict[int, ApiError]]:
    """The entries as they can be valued in base, and by its place each one for a currency of which no rate is known
    (`rate_missing`). One query, and none when every rate was given.

    The rate of a line is its own, else its entry's, else the one that is kept for the day of the entry.
    """
    base = current_tenant().base_currency
    entries = [_with_own_rates(entry) for entry in entries]
    wanted = {
        (currency, entry.date)
        for entry in entries
        if _takes_kept_rates(entry)
        for currency in _unrated(entry, references, base).values()
    }
    if not wanted:
        return entries, {}
    asked = sorted(wanted)
    rates: Rates = dict(zip(asked, rates_on(asked), strict=True))
    found: list[NewEntry] = []
    faults: dict[int, ApiError] = {}
    for position, entry in enumerate(entries):
        unrated = _unrated(entry, references, base) if _takes_kept_rates(entry) else {}
        missing = [
            Detail.of(RATE_MISSING, f"lines[{place}].exchange_rate", currency=currency, base=base, date=entry.date)
            for place, currency in unrated.items()
            if rates[currency, entry.date] is None
        ]
        if missing:
            faults[position] = BusinessRuleViolation(missing[0].message, missing)
            found.append(entry)
            continue
        lines = [
            replace(line, exchange_rate=rates[unrated[place], entry.date]) if place in unrated else line
            for place, line in enumerate(entry.lines)
        ]
        found.append(replace(entry, lines=lines) if unrated else entry)
    return found, faults


def _with_own_rates(entry: NewEntry) -> NewEntry:
    """A line that says what it is worth in base says its rate by that."""
    if not any(line.base_amount and line.exchange_rate is None for line in entry.lines):
        return entry
    return replace(entry, lines=[_with_own_rate(line) for line in entry.lines])


def _with_own_rate(line: NewLine) -> NewLine:
    if not line.base_amount or line.exchange_rate is not None or not line.amount:
        return line
    rate = _EXACT.divide(line.base_amount, line.amount).quantize(_SMALLEST, ROUND_HALF_UP, _EXACT)
    return replace(line, exchange_rate=rate) if rate else line


def _takes_kept_rates(entry: NewEntry) -> bool:
    """A mirror has the rates of what it reverses; one that has none reverses what had none."""
    return entry.exchange_rate is None and entry.reversal_of is None


def _unrated(entry: NewEntry, references: References, base: str) -> dict[int, str]:
    """The currencies of the foreign lines without a rate, by the places of the lines."""
    found = {}
    for place, line in enumerate(entry.lines):
        account = references.accounts.get(line.account)
        if account and line.exchange_rate is None and (currency := currency_of(line, account)) != base:
            found[place] = currency
    return found
