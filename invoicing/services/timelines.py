"""What is due on an invoice, and what is left of a payment or credit note, on every day: past and to come.

Neither is ever below zero on any day. So an operation that takes from them counts from the first day on which, and
after which, enough is there; this is what keeps open items and the receivable account equal on every day.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from invoicing.models import CreditNote, Invoice, Payment, PaymentApplication, Refund, WriteOff, WriteOffUndo
from invoicing.totals import ZERO

Changes = Sequence[tuple[datetime.date, Decimal]]
# What an operation would change if it were dated on a day.
Effect = Callable[[datetime.date], Changes]


def due_changes(invoice: Invoice) -> Changes:
    """What increased and reduced the amount due on an issued invoice."""
    changes = [(invoice.booked_on, invoice.total), *_applied(PaymentApplication.objects.filter(invoice=invoice))]
    for day, amount in WriteOff.objects.filter(invoice=invoice).values_list("written_off_on", "amount"):
        changes.append((day, -amount))
    changes += WriteOffUndo.objects.filter(write_off__invoice=invoice).values_list("undone_on", "amount")
    if invoice.voided_on:
        changes.append((invoice.voided_on, -invoice.total))
    return changes


def left_changes(source: Payment | CreditNote) -> Changes:
    """What increased and reduced what is left of a payment or credit note."""
    if isinstance(source, Payment):
        day, amount, column = source.payment_date, source.amount, "payment_id"
    else:
        day, amount, column = source.credit_date, source.total, "credit_note_id"
    rows = {column: source.id}
    changes = [(day, amount), *_applied(PaymentApplication.objects.filter(**rows))]
    refunded = [(on, -part) for on, part in Refund.objects.filter(**rows).values_list("refund_date", "amount")]
    if source.voided_on:
        changes.append((source.voided_on, -amount - sum((part for _, part in refunded), ZERO)))
    return changes + refunded


def _applied(rows: Iterable[PaymentApplication]) -> list[tuple[datetime.date, Decimal]]:
    changes = []
    for row in rows:
        changes.append((row.applied_on, -row.amount))
        if row.released_on:
            changes.append((row.released_on, row.amount))
    return changes


def first_day(start: datetime.date, *timelines: tuple[Changes, Effect]) -> datetime.date:
    """The first day from `start` on which the operation leaves nothing below zero on any day after it.

    On the last day that anything changes, it always does, because what the operation takes is there in the end.
    """
    days = sorted({start, *(day for changes, _ in timelines for day, _ in changes if day > start)})
    for day in days[:-1]:
        if all(_stays_above_zero([*changes, *effect(day)], day) for changes, effect in timelines):
            return day
    return days[-1]


def _stays_above_zero(changes: Changes, since: datetime.date) -> bool:
    by_day: dict[datetime.date, Decimal] = defaultdict(Decimal)
    for day, amount in changes:
        by_day[day] += amount
    balance = ZERO
    for day in sorted(by_day):
        balance += by_day[day]
        if day >= since and balance < 0:
            return False
    return True
