"""How an amount is spread: the day and the part of each month, to the last cent.

Each part is counted from the beginning: after three of twelve months a quarter of the amount, rounded half up, is
spread, whatever the parts before were rounded to. So the parts add up to the amount.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import NamedTuple

from bigledger import money
from ledger.models import ScheduleMethod

_PRECISION = 60
_DAY = datetime.timedelta(days=1)


class Part(NamedTuple):
    """What is planned for a month: its place in the plan from 0, the day on which it is posted, the amount."""

    period: int
    date: datetime.date
    amount: Decimal


def last_day(start: datetime.date, months: int, method: str) -> datetime.date:
    """The end of `months` from `start`: that of the last calendar month when months are counted, else the day before
    the same day of the month (15 January after twelve months from 16 January)."""
    place = start.month - 1 + months
    if method == ScheduleMethod.MONTHS:
        return datetime.date(start.year + place // 12, place % 12 + 1, 1) - _DAY
    year, month = start.year + place // 12, place % 12 + 1
    return datetime.date(year, month, min(start.day, calendar.monthrange(year, month)[1])) - _DAY


def months_between(start: datetime.date, end: datetime.date) -> int:
    """In how many calendar months the days from `start` to `end` are."""
    return (end.year - start.year) * 12 + end.month - start.month + 1


def planned(amount: Decimal, currency: str, method: str, start: datetime.date, end: datetime.date) -> list[Part]:
    """A part for each calendar month, on its last day, the last on `end`; those that round to nothing are left out."""
    days, weights, first = [], [], start
    for _ in range(months_between(start, end)):
        last = min(end, first.replace(day=calendar.monthrange(first.year, first.month)[1]))
        days.append(last)
        weights.append(Decimal((last - first).days + 1 if method == ScheduleMethod.DAYS else 1))
        first = last + _DAY
    parts = spread(amount, currency, weights)
    return [Part(period, day, part) for period, (day, part) in enumerate(zip(days, parts, strict=True)) if part]


def spread(amount: Decimal, currency: str, weights: Sequence[Decimal]) -> list[Decimal]:
    """The amount in parts that are to each other as the weights."""
    whole, so_far, done = sum(weights, Decimal(0)), Decimal(0), money.to_currency(Decimal(0), currency)
    parts = []
    for weight in weights:
        so_far += weight
        with localcontext(prec=_PRECISION):
            until = (amount * so_far / whole).quantize(money.unit(currency), ROUND_HALF_UP)
        parts.append(until - done)
        done = until
    return parts
