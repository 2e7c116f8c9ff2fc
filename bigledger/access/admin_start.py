"""What an app shows on the start page of the back office. An app names its function as `BusinessApp.start`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

MOST_COUNTED = 1000  # rows; how many more there are costs more than it tells


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount in the base currency. `address` is where the API shows what it is made of."""

    label: str
    amount: Decimal
    note: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for somebody: how many, what they are (`invoice to send`, `invoices to send`), and where."""

    count: int
    one: str
    several: str
    address: str

    @property
    def shown(self) -> str:
        """`3 invoices to send`."""
        number = f"{self.count:,}" if self.count < MOST_COUNTED else f"{MOST_COUNTED:,} or more"
        return f"{number} {self.one if self.count == 1 else self.several}"


@dataclass(frozen=True, slots=True)
class Months:
    """An amount for each month, by its first day."""

    title: str
    amounts: Sequence[tuple[datetime.date, Decimal]]


@dataclass(frozen=True, slots=True)
class Start:
    figures: Sequence[Figure] = field(default_factory=tuple)
    tasks: Sequence[Task] = field(default_factory=tuple)
    months: Months | None = None


def counted(rows: QuerySet[Any]) -> int:
    """How many rows, up to `MOST_COUNTED`."""
    return rows[:MOST_COUNTED].count()
