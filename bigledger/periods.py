"""Stretches of days that reports are of, and those that they are compared with."""

from __future__ import annotations

import calendar
import datetime
from typing import Literal

Comparison = Literal["previous_period", "previous_year"]
COMPARISONS: tuple[Comparison, ...] = ("previous_period", "previous_year")


def year_before(day: datetime.date) -> datetime.date:
    """The same day one year earlier; the end of a month stays the end of that month."""
    last = calendar.monthrange(day.year - 1, day.month)[1]
    is_end = day.day == calendar.monthrange(day.year, day.month)[1]
    return day.replace(year=day.year - 1, day=last if is_end else min(day.day, last))


def month_end_before(day: datetime.date) -> datetime.date:
    """The last day of the month before the one that `day` is in."""
    return day.replace(day=1) - datetime.timedelta(days=1)


def period_before(start: datetime.date, end: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The period of the same length that ends the day before `start`: as many whole months for whole months, else as
    many days."""
    last = start - datetime.timedelta(days=1)
    if start.day == 1 and (end + datetime.timedelta(days=1)).day == 1:
        months = (end.year - start.year) * 12 + end.month - start.month
        first = last.replace(day=1)
        for _ in range(months):
            first = month_end_before(first).replace(day=1)
        return first, last
    return last - (end - start), last
