"""The facts of the oracle: invoices, payments and credit notes, and what was applied, written off and taken back."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from tests.invoicing.oracle_prices import NetAndTax, Prices, rounded

D = Decimal
FIRST, LAST = datetime.date(2023, 1, 1), datetime.date(2026, 1, 1)
Day = datetime.date
NONE = D(0)


@dataclass
class Application:
    source: Source
    invoice: Invoice
    amount: Decimal
    on: Day
    released: Day | None = None

    def counts(self, day: Day) -> bool:
        return self.on <= day and (self.released is None or day < self.released)


@dataclass
class WriteOff:
    """`tax` of the amount is not owed any more; `account` has the rest."""

    kind: str
    amount: Decimal
    on: Day
    account: str = ""
    tax: Decimal = NONE
    undone: list[tuple[Day, Decimal, Decimal]] = field(default_factory=list)  # the amount and the tax in it
    id: str = ""

    def standing(self, day: Day = LAST) -> Decimal:
        if day < self.on:
            return D(0)
        return self.amount - sum((part for on, part, _ in self.undone if on <= day), D(0))

    def relief(self, day: Day = LAST) -> Decimal:
        if day < self.on:
            return D(0)
        return self.tax - sum((tax for on, _, tax in self.undone if on <= day), D(0))

    def undo(self, amount: Decimal, on: Day) -> None:
        """The tax in it is counted from the first part on, and rounded once."""
        back = rounded(self.tax * (self.amount - self.standing() + amount) / self.amount)
        self.undone.append((on, amount, back - (self.tax - self.relief())))


@dataclass
class Source:
    """A payment, or a credit note over `net` and `tax`."""

    kind: str
    date: Day
    amount: Decimal
    net: Decimal = NONE
    tax: Decimal = NONE
    invoice: Invoice | None = None
    lines: tuple[int, ...] = ()  # which of the invoice's lines it takes back
    gross: Decimal = NONE  # what those come to
    paid_early: Source | None = None  # the payment that it is the discount of
    back_of: Source | None = None  # the discount that it takes a part of back: `back`, with `back_tax` in it
    back: Decimal = NONE
    back_tax: Decimal = NONE
    refunds: list[tuple[Day, Decimal]] = field(default_factory=list)
    voided: Day | None = None
    id: str = ""

    def refunded(self, day: Day = LAST) -> Decimal:
        return sum((part for on, part in self.refunds if on <= day), D(0))

    def stands(self, day: Day) -> bool:
        return self.date <= day and (self.voided is None or day < self.voided)


@dataclass
class Invoice:
    date: Day
    due_date: Day
    net: Decimal
    tax: Decimal
    prices: Prices
    lines: list[NetAndTax] = field(default_factory=list)
    is_early: bool = False  # a discount may be deducted by who pays in time
    due_dates: list[tuple[Day, Day]] = field(default_factory=list)  # until which day it was due when
    write_offs: list[WriteOff] = field(default_factory=list)
    voided: Day | None = None
    id: str = ""

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    def stands(self, day: Day) -> bool:
        return self.date <= day and (self.voided is None or day < self.voided)

    def due_date_on(self, day: Day) -> Day:
        return next((before for changed, before in self.due_dates if changed > day), self.due_date)

    def lost(self, kind: str | None = None) -> Decimal:
        return sum((row.standing() for row in self.write_offs if kind in (None, row.kind)), D(0))
