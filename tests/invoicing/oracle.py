"""An oracle of sales: what an accountant would have in the books, worked out from dated facts and nothing else.

It shares no code with the application. A document is a list of facts with their days; every figure of every day is
added up from them anew, day by day. Whether an operation is allowed, and the day on which it counts, follows from one
thought: on no day is more paid, credited or given up of an invoice than it is over, or more taken from a payment or
credit note than there is.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from tests.invoicing.oracle_facts import LAST, NONE, Application, Day, Invoice, Source, WriteOff
from tests.invoicing.oracle_prices import Prices, priced, rounded, tax_in

D = Decimal
DAY = datetime.timedelta(days=1)
SMALL = D("1.00")
# The terms 2_10_net_30.
EARLY_PERCENTAGE, EARLY_DAYS = 2, 10 * DAY


class Refused(Exception):
    """The operation breaks a rule."""


class Oracle:
    def __init__(self) -> None:
        self.per_document = True
        self.by_allowance = False
        self.invoices: list[Invoice] = []
        self.sources: list[Source] = []
        self.applications: list[Application] = []

    def sell(self, date: Day, due_date: Day, prices: Prices, *, is_early: bool) -> Invoice:
        lines = priced(prices, per_document=self.per_document)
        net, tax = (sum(column, NONE) for column in zip(*lines, strict=True))
        invoice = Invoice(date, due_date, net, tax, prices, lines, is_early)
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
             "Small Differences", "Allowance for Doubtful Accounts", "Sales Discounts"), D(0),
        )  # fmt: skip
        for invoice in self.invoices:
            found["Accounts Receivable"] += self.due(invoice, day)
            if invoice.stands(day):
                found["Sales Revenue"] -= invoice.net
                found["Sales Tax Payable"] -= invoice.tax
            for row in invoice.write_offs:
                found[row.account] += row.standing(day) - row.relief(day)
                found["Sales Tax Payable"] += row.relief(day)
        for source in self.sources:
            found["Customer Deposits"] -= self.left(source, day)
            found["Cash"] -= source.refunded(day)
            if source.kind == "payment" and source.date <= day:
                gone = source.voided is not None and source.voided <= day
                found["Cash"] += source.refunded() if gone else source.amount
            if source.kind == "credit_note" and source.stands(day):
                found["Sales Discounts" if source.paid_early else "Sales Revenue"] += source.net
                found["Sales Discounts"] -= source.back - source.back_tax
                found["Sales Revenue"] += source.back - source.back_tax
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

    def relief(self, start: Day, end: Day) -> Decimal:
        rows = [row for invoice in self.invoices for row in invoice.write_offs]
        return sum((row.relief(end) - row.relief(start - DAY) for row in rows), D(0))

    def tax_due(self, start: Day, end: Day) -> Decimal:
        def within(day: Day | None) -> bool:
            return day is not None and start <= day <= end

        collected = sum((i.tax * (within(i.date) - within(i.voided)) for i in self.invoices), D(0))
        credited = sum((s.tax * (within(s.date) - within(s.voided)) for s in self.sources), D(0))
        return collected - credited - self.relief(start, end)

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
            row.undo(part, on)
        self.applications.append(Application(source, invoice, wanted, on))
        if source.kind == "payment":
            self._deduct(source, invoice, on)
        return on

    def _deduct(self, payment: Source, invoice: Invoice, on: Day) -> None:
        """What a payment in time leaves unpaid is credited, if it is no more than may be deducted."""
        rows = [a for a in self.applications if a.invoice is invoice and a.released is None]
        credited = sum((a.amount for a in rows if a.source.kind == "credit_note"), D(0))
        rest, most = self.due(invoice), rounded((invoice.total - credited) * EARLY_PERCENTAGE / 100)
        given = any(s.invoice is invoice and s.paid_early and s.voided is None for s in self.sources)
        if not invoice.is_early or given or not 0 < rest <= most or payment.date > invoice.date + EARLY_DAYS:
            return
        tax = rounded(tax_in(rest, invoice.prices.rate))
        note = Source("credit_note", on, rest, rest - tax, tax, invoice, paid_early=payment)
        self.sources.append(note)
        self.apply(note, invoice, None, None)

    def _take_back(self, payment: Source, given: Day | None, today: Day) -> None:
        """A discount goes with its payment, when nothing of that is on the invoice any more."""
        for note in [s for s in self.sources if s.paid_early is payment and s.voided is None]:
            if note.invoice and not self.live(payment, note.invoice):
                self.give_back(note, None, given, today, is_void=True, or_later=True)

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
        self._take_back(source, given, today)
        return on

    def give_back(
        self, source: Source, amount: Decimal | None, given: Day | None, today: Day, *, is_void: bool = False,
        or_later: bool = False,
    ) -> Day:  # fmt: skip
        """A refund, or the void of what was not refunded. `or_later`: on the first day from `given` on."""
        whole = source.amount - source.refunded()
        most = whole if is_void or source.kind == "payment" else self.left(source)
        if source.voided or most <= 0 or (amount is not None and amount > most):
            raise Refused
        if source.paid_early and not is_void:
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
        first = self.enough_from(start, amount, there)
        on = self.dated(max(given, first) if given and or_later else given, first, today)
        self._release(parts, on)
        if is_void:
            source.voided = on
        else:
            source.refunds.append((on, amount))
        self._take_back(source, given, today)
        return on

    def write_off(
        self, invoice: Invoice, kind: str, amount: Decimal | None, given: Day | None, today: Day, *, relief: bool
    ) -> WriteOff:
        held = sum((self.left(s) for s in self.sources if s.invoice is invoice and s.kind == "credit_note"), D(0))
        most = self.due(invoice) - held
        wanted = most if amount is None else amount
        if not self.is_open(invoice) or most <= 0 or wanted > most:
            raise Refused
        if kind == "small_difference" and invoice.lost(kind) + wanted > SMALL:
            raise Refused
        first = self.enough_from(invoice.date, wanted, lambda day: self.due(invoice, day))
        lost = "Allowance for Doubtful Accounts" if self.by_allowance else "Bad Debts"
        account = lost if kind == "bad_debt" else "Small Differences"
        tax = self._tax_in_loss(invoice, wanted) if relief else D(0)
        row = WriteOff(kind, wanted, self.dated(given, first, today), account, tax)
        invoice.write_offs.append(row)
        return row

    def _tax_in_loss(self, invoice: Invoice, amount: Decimal) -> Decimal:
        """The part that is lost by now of what was not credited, of the tax that was not, less what came back."""
        notes = [s for s in self.sources if s.invoice is invoice and s.voided is None]
        total = invoice.total - sum((s.amount for s in notes), D(0))
        tax = invoice.tax - sum((s.tax for s in notes), D(0))
        rows = [row for row in invoice.write_offs if row.tax]
        lost = sum((row.standing() for row in rows), amount)
        done = sum((row.relief() for row in rows), D(0))
        return min(max(rounded(tax * min(lost, total) / total) - done, D(0)), max(tax - done, D(0)))

    def undo_write_off(self, row: WriteOff, given: Day | None, today: Day) -> Day:
        if not row.standing():
            raise Refused
        on = self.dated(given, row.on, today)
        row.undo(row.standing(), on)
        return on

    def credit_line(self, invoice: Invoice, line: int, given: Day | None, today: Day) -> Source:
        """A line with its own tax, unless it is taken back already."""
        if any(line in s.lines for s in self.sources if s.invoice is invoice and s.voided is None):
            raise Refused
        return self._credit_lines(invoice, (line,), given, today)

    def credit_whole(self, invoice: Invoice, given: Day | None, today: Day) -> Source:
        return self._credit_lines(invoice, tuple(range(len(invoice.lines))), given, today)

    def _credit_lines(self, invoice: Invoice, lines: tuple[int, ...], given: Day | None, today: Day) -> Source:
        """With their own tax, less what was deducted of them for early payment."""
        net, tax = (sum(column, NONE) for column in zip(*(invoice.lines[n] for n in lines), strict=True))
        discount, back, back_tax = self._back(invoice, net + tax)
        note = self.credit(invoice, net - back + back_tax, tax - back_tax, given, today)
        note.lines, note.gross, note.back_of, note.back, note.back_tax = lines, net + tax, discount, back, back_tax
        return note

    def _back(self, invoice: Invoice, gross: Decimal) -> tuple[Source | None, Decimal, Decimal]:
        """The part of the discount that goes with `gross` of what was there when it was given; parts come to it."""
        notes = [s for s in self.sources if s.invoice is invoice and s.voided is None]
        for place, discount in enumerate(notes):
            if discount.paid_early:
                base = invoice.total - sum((s.gross for s in notes[:place]), D(0))
                part = Fraction(gross + sum((s.gross for s in notes[place:]), D(0))) / Fraction(base)
                done = [s for s in notes if s.back_of is discount]
                back = rounded(Fraction(discount.amount) * part) - sum((s.back for s in done), D(0))
                return discount, back, rounded(Fraction(discount.tax) * part) - sum((s.back_tax for s in done), D(0))
        return None, D(0), D(0)

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
