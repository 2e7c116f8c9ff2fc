"""What the lines of a sale come to, for the oracle: in whole cents, from fractions, without the code under test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Amount = Decimal | Fraction
NetAndTax = tuple[Decimal, Decimal]
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Prices:
    """What an invoice says of its lines: the price of each and whether it is a charge, and one rate for all of them.

    `discount` is on the whole document: a percentage (0 to 100) or an amount.
    """

    lines: tuple[tuple[Decimal, bool], ...]
    rate: Decimal = Decimal(0)
    includes_tax: bool = False
    discount: tuple[str, Decimal] | None = None


def rounded(exact: Amount) -> Decimal:
    """Half up, to the cent."""
    return Decimal(_half_up(Fraction(exact) * 100)) / 100


def tax_in(gross: Amount, rate: Decimal) -> Fraction:
    return Fraction(gross) * Fraction(rate) / (1 + Fraction(rate))


def priced(prices: Prices, *, per_document: bool) -> list[NetAndTax]:
    """The revenue and the tax of each line."""
    asked = [Fraction(price) * 100 for price, _ in prices.lines]
    less = _discounts(prices, asked)
    left = [price - part for price, part in zip(asked, less, strict=True)]
    exact = [tax_in(each, prices.rate) if prices.includes_tax else each * Fraction(prices.rate) for each in left]
    taxes = _fair(exact, _half_up(sum(exact, Fraction()))) if per_document else [_half_up(each) for each in exact]
    nets = [each - tax if prices.includes_tax else each for each, tax in zip(left, taxes, strict=True)]
    return [(Decimal(int(net)) / 100, Decimal(tax) / 100) for net, tax in zip(nets, taxes, strict=True)]


def _discounts(prices: Prices, asked: Sequence[Fraction]) -> list[int]:
    """The share of each line in the discount on the whole; a charge has none."""
    bases = [Fraction(0) if is_charge else price for price, (_, is_charge) in zip(asked, prices.lines, strict=True)]
    if prices.discount is None or not sum(bases):
        return [0] * len(bases)
    kind, value = prices.discount
    percentage = sum(bases) * Fraction(value) / 100
    total = _half_up(percentage if kind == "discount_percentage" else Fraction(value) * 100)
    return _fair([base * total / sum(bases) for base in bases], total)


def _half_up(exact: Fraction) -> int:
    return math.floor(exact + HALF)


def _fair(exact: Sequence[Fraction], total: int) -> list[int]:
    """Rounded so that they come to `total`: a cent at a time to the one that has been given least of what it should
    have, or taken from the one that has most too much."""
    cents = [_half_up(each) for each in exact]
    while missing := total - sum(cents):
        lacking = [each - got for each, got in zip(exact, cents, strict=True)]
        cents[lacking.index(max(lacking) if missing > 0 else min(lacking))] += 1 if missing > 0 else -1
    return cents
