"""An oracle of sales: what an accountant would have in the books, worked out from dated facts and nothing else.

It shares no code with the application. A document is a list of facts with their days; every figure of every day is
added up from them anew, day by day. Whether an operation is allowed, and the day on which it counts, follows from one
thought: on no day is more paid, credited or given up of an invoice than it is over, or more taken from a payment or
credit note than there is.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

D = Decimal
DAY = datetime.timedelta(days=1)
FIRST, LAST = datetime.date(2023, 1, 1), datetime.date(2026, 1, 1)
Day = datetime.date
SMALL, NONE = D("1.00"), D(0)


class Refused(Exception):
    """The operation breaks a rule."""


def in_cents(exact: Decimal) -> int:
    """Half up; `exact` is in units."""
    return int(exact * 100 + D("0.5"))


def taxes_of(nets: list[Decimal], rate: Decimal, *, per_document: bool) -> list[Decimal]:
    """The tax of each line of a document with one rate: rounded line by line, or once, and then a cent at a time to the
    line that has been given least of what it should have (or taken from the one that has most too much)."""
    cents = [in_cents(net * rate) for net in nets]
    while per_document and (missing := in_cents(sum(nets) * rate) - sum(cents)):
        lacking = [net * rate * 100 - got for net, got in zip(nets, cents, strict=True)]
        cents[lacking.index(max(lacking) if missing > 0 else min(lacking))] += 1 if missing > 0 else -1
    return [D(each) / 100 for each in cents]


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
    kind: str
    amount: Decimal
    on: Day
    undone: list[tuple[Day, Decimal]] = field(default_factory=list)
    id: str = ""

    def standing(self, day: Day = LAST) -> Decimal:
        if day < self.on:
            return D(0)
        return self.amount - sum((part for on, part in self.undone if on <= day), D(0))


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
    rate: Decimal = NONE
    lines: list[tuple[Decimal, Decimal]] = field(default_factory=list)  # net and tax
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


class Oracle:
    def __init__(self) -> None:
        self.per_document = True
        self.invoices: list[Invoice] = []
        self.sources: list[Source] = []
        self.applications: list[Application] = []

    def sell(self, date: Day, due_date: Day, nets: list[Decimal], rate: Decimal) -> Invoice:
        taxes = taxes_of(nets, rate, per_document=self.per_document)
        lines = list(zip(nets, taxes, strict=True))
        invoice = Invoice(date, due_date, sum(nets, NONE), sum(taxes, NONE), rate, lines)
        self.invoices.append(invoice)
        return invoice

    # Figures of a day.

    def due(self, invoice: Invoice, day: Day = LAST) -> Decimal:
        if not invoice.stands(day):
            return D(0)
        applied = sum((a.amount for a in self.applications if a.invoice is invoice and a.counts(day)), D(0))
        return invoice.total - applied - sum((row.standing(day) for row in invoice.write_offs), D(0))

    def left(self, source: Source, day: Day = LAST) -> Decimal:
        if not source.stands(day):
            return D(0)
        applied = sum((a.amount for a in self.applications if a.source is source and a.counts(day)), D(0))
        return source.amount - applied - source.refunded(day)

    def balance(self, day: Day = LAST) -> Decimal:
        return sum((self.due(i, day) for i in self.invoices), D(0)) - sum(
            (self.left(s, day) for s in self.sources), D(0)
        )

    def books(self, day: Day) -> dict[str, Decimal]:
        """The trial balance: debit less credit by account, without zeros."""
        found = dict.fromkeys(
            ("Accounts Receivable", "Customer Deposits", "Cash", "Sales Revenue", "Sales Tax Payable", "Bad Debts",
             "Small Differences"), D(0),
        )  # fmt: skip
        for invoice in self.invoices:
            found["Accounts Receivable"] += self.due(invoice, day)
            if invoice.stands(day):
                found["Sales Revenue"] -= invoice.net
                found["Sales Tax Payable"] -= invoice.tax
            for row in invoice.write_offs:
                found["Bad Debts" if row.kind == "bad_debt" else "Small Differences"] += row.standing(day)
        for source in self.sources:
            found["Customer Deposits"] -= self.left(source, day)
            found["Cash"] -= source.refunded(day)
            if source.kind == "payment" and source.date <= day:
                gone = source.voided is not None and source.voided <= day
                found["Cash"] += source.refunded() if gone else source.amount
            if source.kind == "credit_note" and source.stands(day):
                found["Sales Revenue"] += source.net
                found["Sales Tax Payable"] += source.tax
        return {name: amount for name, amount in found.items() if amount}

    def aging(self, day: Day) -> dict[str, Decimal]:
        names = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90")
        found = dict.fromkeys((*names, "unapplied_credit", "total"), D(0))
        for invoice in self.invoices:
            late = (day - invoice.due_date_on(day)).days
            age = names[0 if late <= 0 else min((late + 29) // 30, 4)]
            found[age] += self.due(invoice, day)
            found["total"] += self.due(invoice, day)
        found["unapplied_credit"] = sum((self.left(source, day) for source in self.sources), D(0))
        return found

    def tax_due(self, start: Day, end: Day) -> Decimal:
        def within(day: Day | None) -> bool:
            return day is not None and start <= day <= end

        collected = sum((i.tax * (within(i.date) - within(i.voided)) for i in self.invoices), D(0))
        credited = sum((s.tax * (within(s.date) - within(s.voided)) for s in self.sources), D(0))
        return collected - credited

    # Operations. Each returns the day that it counts from, or raises Refused and changes nothing.

    def is_open(self, invoice: Invoice) -> bool:
        return invoice.voided is None and self.due(invoice) > 0

    def is_lost(self, invoice: Invoice) -> bool:
        return invoice.voided is None and self.due(invoice) == 0 and invoice.lost("bad_debt") > 0

    def enough_from(self, start: Day, amount: Decimal, there: Callable[[Day], Decimal]) -> Day:
        """The first day from `start` after which `amount` is there on every day."""
        day = LAST
        while day >= start and there(day) >= amount:
            day -= DAY
        return max(day + DAY, start)

    def dated(self, given: Day | None, first: Day, today: Day | None) -> Day:
        if given is not None and given < first:
            raise Refused
        return given or (max(first, today) if today else first)

    def apply(self, source: Source, invoice: Invoice, amount: Decimal | None, given: Day | None) -> Day:
        left = self.left(source)
        lost = invoice.lost("bad_debt") if source.kind == "payment" else D(0)
        open_ = self.is_open(invoice) or (source.kind == "payment" and self.is_lost(invoice))
        most = self.due(invoice) + lost
        wanted = min(left, most) if amount is None else amount
        if source.voided or not open_ or left <= 0 or wanted > min(left, most):
            raise Refused
        recovered = max(wanted - self.due(invoice), D(0))
        parts, rest = [], recovered
        for row in reversed([row for row in invoice.write_offs if row.kind == "bad_debt" and row.standing()]):
            if part := min(rest, row.standing()):
                parts.append((row, part))
                rest -= part
        start = max([source.date, invoice.date, *(row.on for row, _ in parts)])
        first = max(
            self.enough_from(start, wanted, lambda day: self.left(source, day)),
            self.enough_from(start, wanted - recovered, lambda day: self.due(invoice, day)),
        )
        on = self.dated(given, first, None)
        for row, part in parts:
            row.undone.append((on, part))
        self.applications.append(Application(source, invoice, wanted, on))
        return on

    def _release(self, parts: list[tuple[Application, Decimal]], on: Day) -> None:
        for row, part in parts:
            row.released = max(on, row.on)
            if part < row.amount:
                kept = Application(row.source, row.invoice, row.amount - part, row.released)
                self.applications.append(kept)

    def live(self, source: Source, invoice: Invoice | None = None) -> list[Application]:
        """The latest first."""
        rows = [a for a in self.applications if a.source is source and a.released is None]
        return [a for a in reversed(rows) if invoice in (None, a.invoice)]

    def unapply(self, source: Source, invoice: Invoice, given: Day | None, today: Day) -> Day:
        rows = self.live(source, invoice)
        if source.voided or not rows:
            raise Refused
        on = self.dated(given, max(row.on for row in rows), today)
        self._release([(row, row.amount) for row in rows], on)
        return on

    def give_back(
        self, source: Source, amount: Decimal | None, given: Day | None, today: Day, *, is_void: bool = False
    ) -> Day:
        """A refund, or the void of what was not refunded."""
        whole = source.amount - source.refunded()
        most = whole if is_void or source.kind == "payment" else self.left(source)
        if source.voided or most <= 0 or (amount is not None and amount > most):
            raise Refused
        if is_void and source.kind == "credit_note" and source.refunds:
            raise Refused
        amount = most if amount is None else amount
        parts, rest = [], max(amount - self.left(source), D(0))
        for row in self.live(source):
            if part := min(rest, row.amount):
                parts.append((row, part))
                rest -= part

        def there(day: Day) -> Decimal:
            return self.left(source, day) + sum((part for row, part in parts if row.on <= day), D(0))

        start = max([source.date, *(day for day, _ in source.refunds if is_void)])
        on = self.dated(given, self.enough_from(start, amount, there), today)
        self._release(parts, on)
        if is_void:
            source.voided = on
        else:
            source.refunds.append((on, amount))
        return on

    def write_off(self, invoice: Invoice, kind: str, amount: Decimal | None, given: Day | None, today: Day) -> WriteOff:
        held = sum((self.left(s) for s in self.sources if s.invoice is invoice and s.kind == "credit_note"), D(0))
        most = self.due(invoice) - held
        wanted = most if amount is None else amount
        if not self.is_open(invoice) or most <= 0 or wanted > most:
            raise Refused
        if kind == "small_difference" and invoice.lost(kind) + wanted > SMALL:
            raise Refused
        first = self.enough_from(invoice.date, wanted, lambda day: self.due(invoice, day))
        row = WriteOff(kind, wanted, self.dated(given, first, today))
        invoice.write_offs.append(row)
        return row

    def undo_write_off(self, row: WriteOff, given: Day | None, today: Day) -> Day:
        if not row.standing():
            raise Refused
        on = self.dated(given, row.on, today)
        row.undone.append((on, row.standing()))
        return on

    def credit_line(self, invoice: Invoice, line: int, given: Day | None, today: Day) -> Source:
        """A line with its own tax, unless it is taken back already."""
        if any(line in s.lines for s in self.sources if s.invoice is invoice and s.voided is None):
            raise Refused
        note = self.credit(invoice, *invoice.lines[line], given, today)
        note.lines = (line,)
        return note

    def credit_whole(self, invoice: Invoice, given: Day | None, today: Day) -> Source:
        note = self.credit(invoice, invoice.net, invoice.tax, given, today)
        note.lines = tuple(range(len(invoice.lines)))
        return note

    def credit(self, invoice: Invoice, net: Decimal, tax: Decimal, given: Day | None, today: Day) -> Source:
        notes = [s for s in self.sources if s.invoice is invoice and s.voided is None]
        left = invoice.total - sum((s.amount for s in notes), D(0)) - invoice.lost()
        if invoice.voided or net + tax > left:
            raise Refused
        note = Source("credit_note", self.dated(given, invoice.date, today), net + tax, net, tax, invoice)
        self.sources.append(note)
        if self.is_open(invoice):
            self.apply(note, invoice, None, None)
        return note

    def void(self, invoice: Invoice, given: Day | None, today: Day) -> Day:
        credited = any(s.invoice is invoice and s.voided is None for s in self.sources)
        if invoice.voided or credited or invoice.lost() or self.due(invoice) != invoice.total:
            raise Refused
        first = self.enough_from(invoice.date, invoice.total, lambda day: self.due(invoice, day))
        invoice.voided = self.dated(given, first, today)
        return invoice.voided

    def move_due_date(self, invoice: Invoice, to: Day, today: Day) -> None:
        if not self.is_open(invoice) or to < invoice.date:
            raise Refused
        if to != invoice.due_date:
            invoice.due_dates.append((today, invoice.due_date))
            invoice.due_date = to
