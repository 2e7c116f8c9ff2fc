"""What the lines of an entry are worth in the base currency, to the last cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal

from bigledger import money
from ledger.services.posting.entries import ZERO, NewEntry, NewLine
from ledger.services.references import NamedAccount

_ONE = Decimal(1)
_EXACT = Context(prec=60)  # 15 digits times 20, summed


@dataclass(frozen=True, slots=True)
class Worth:
    """The currency of a line, base units for one unit of it, and its amount in base; None and None without a rate."""

    currency: str
    rate: Decimal | None
    base: Decimal | None


def in_base(amount: Decimal, rate: Decimal, base: str) -> Decimal:
    """An amount at a rate, rounded half up to the digits of `base`."""
    return _EXACT.multiply(amount, rate).quantize(money.unit(base), ROUND_HALF_UP, _EXACT)


def currency_of(line: NewLine, account: NamedAccount) -> str:
    return line.currency or account.currency


def worths(entry: NewEntry, accounts: Mapping[str, NamedAccount], base: str) -> list[Worth]:
    """Of each line, in order.

    Converted amounts are rounded to the digits of `base`; what rounding leaves of the entry goes, one smallest unit
    each, to the converted lines that rounding changed the most, the larger first. An amount that the line gives itself
    stays. Without a rounding that explains it, a difference stays: the entry does not balance.
    """
    found = [_worth(entry, line, currency_of(line, accounts[line.account]), base) for line in entry.lines]
    if all(worth.currency == base for worth in found) or any(worth.base is None for worth in found):
        return found
    return _balanced(entry.lines, found, base)


def _worth(entry: NewEntry, line: NewLine, currency: str, base: str) -> Worth:
    if currency == base:
        return Worth(currency, _ONE, line.amount)
    rate = line.exchange_rate or entry.exchange_rate
    if rate is None:
        return Worth(currency, None, None)
    if line.base_amount is not None:
        return Worth(currency, rate, line.base_amount)
    return Worth(currency, rate, in_base(line.amount, rate, base))


def _balanced(lines: Sequence[NewLine], found: list[Worth], base: str) -> list[Worth]:
    signs = [1 if line.debit else -1 for line in lines]
    amounts = [worth.base or ZERO for worth in found]
    residue = sum((sign * amount for sign, amount in zip(signs, amounts, strict=True)), ZERO)
    # How much rounding added to the residue, line by line; nothing where the amount was given.
    added = [
        sign * _EXACT.subtract(amount, _EXACT.multiply(line.amount, worth.rate or ZERO))
        if worth.currency != base and line.base_amount is None
        else ZERO
        for sign, amount, line, worth in zip(signs, amounts, lines, found, strict=True)
    ]
    unit = money.unit(base)
    given = sum(1 for line, worth in zip(lines, found, strict=True) if worth.currency == base or line.base_amount)
    units = int(abs(residue) / unit)
    direction = 1 if residue > 0 else -1
    changed = sorted(
        (index for index, share in enumerate(added) if direction * share > 0),
        key=lambda index: (-direction * added[index], -amounts[index], index),
    )
    unexplained = abs(residue - sum(added, ZERO))
    if not 0 < units <= len(changed) or unexplained > max(given, 1) * unit / 2:
        return found
    balanced = list(found)
    for index in changed[:units]:
        balanced[index] = replace(found[index], base=amounts[index] - direction * signs[index] * unit)
    return balanced
