"""Rounding several amounts so that they come to a given total."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bigledger import money

# Quantities of 15 digits times prices of 25 times rates of 9: exact before it is rounded.
PRECISION = 60


def spread(exact: Sequence[Decimal], total: Decimal, currency: str) -> list[Decimal]:
    """The amounts rounded half up, and then, unit by unit, changed so that they come to `total`: up where they were
    rounded down most, or down where they were rounded up most, ties from the first."""
    unit = money.unit(currency)
    rounded = [money.to_currency(amount, currency) for amount in exact]
    missing = total - sum(rounded)
    if not missing:
        return rounded
    sign = 1 if missing > 0 else -1
    order = sorted(range(len(exact)), key=lambda n: (rounded[n] - exact[n]) * sign)
    for n in range(int(abs(missing) / unit)):
        rounded[order[n % len(order)]] += sign * unit
    return rounded
