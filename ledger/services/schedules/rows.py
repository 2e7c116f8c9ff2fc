"""The rows of a schedule: written from its plan, posted when they are due, and spread anew when less of it is left."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from bigledger import ids, money
from bigledger.access.principal import Principal
from bigledger.tenants.context import current_tenant
from ledger.models import Account, Schedule, ScheduleRow, ScheduleRowKind, ScheduleStatus
from ledger.services.posting import NewEntry, NewLine, post_journal_entries
from ledger.services.schedules.plan import Part, planned, spread

ZERO = Decimal(0)
_PRECISION = 60


def plan_of(schedule: Schedule) -> list[Part]:
    amount = money.to_currency(schedule.amount, schedule.currency)
    return planned(amount, schedule.currency, schedule.method, schedule.start_date, schedule.end_date)


def spread_rest(schedule: Schedule, *, keeps: Fraction, on: datetime.date) -> Decimal:
    """What is left is `keeps` of what was planned for the months that are still to come; the difference is released on
    `on`, and negative when it comes back. Returns it.

    A month is still to come if its row is not posted, or if it has none and ends on `on` or later.
    """
    rows = list(ScheduleRow.objects.filter(schedule=schedule))
    waiting = [row for row in rows if row.period is not None and row.journal_entry_id is None]
    posted = {row.period for row in rows if row.journal_entry_id is not None}
    has_row = {row.period for row in waiting}
    parts = [
        part for part in plan_of(schedule) if part.period not in posted and (part.period in has_row or part.date >= on)
    ]
    before = sum((row.amount for row in waiting), ZERO)
    left = _share(sum((part.amount for part in parts), ZERO), keeps, schedule.currency)
    ScheduleRow.objects.filter(pk__in=[row.pk for row in waiting]).delete()
    if left:
        _write(schedule, parts, spread(left, schedule.currency, [part.amount for part in parts]))
    release = money.to_currency(before - left, schedule.currency)
    if release:
        ScheduleRow.objects.create(schedule=schedule, kind=ScheduleRowKind.RELEASE, date=on, amount=release)
    return release


def write_plan(schedule: Schedule) -> None:
    parts = plan_of(schedule)
    _write(schedule, parts, [part.amount for part in parts])


def post_due(schedule: Schedule, *, acting: Principal, is_correction: bool = False) -> int:
    """Posts the rows whose day has come, an entry each; returns how many. Sets the status, unsaved. Raises what posting
    does."""
    waiting = list(ScheduleRow.objects.filter(schedule=schedule, journal_entry=None).order_by("date", "id"))
    due = [row for row in waiting if row.date <= current_tenant().today()]
    entries = [new_entry(schedule, row.date, row.amount, is_correction=is_correction) for row in due]
    if entries:
        post_journal_entries(entries=entries, acting=acting)
        for row, entry in zip(due, entries, strict=True):
            row.journal_entry_id = entry.id
        ScheduleRow.objects.bulk_update(due, ["journal_entry"])
    if schedule.status in (ScheduleStatus.ACTIVE, ScheduleStatus.COMPLETED):
        is_done = len(due) == len(waiting)
        schedule.status = ScheduleStatus.COMPLETED if is_done else ScheduleStatus.ACTIVE
    return len(due)


def new_entry(
    schedule: Schedule, date: datetime.date, amount: Decimal, *, is_correction: bool = False, description: str = ""
) -> NewEntry:
    """An entry over a part of the schedule, on the other sides when it is negative."""
    debit, credit = schedule.debit_account_id, schedule.credit_account_id
    if amount < 0:
        debit, credit = credit, debit
    size = money.to_currency(abs(amount), schedule.currency)
    return NewEntry(
        id=ids.new_id(),
        date=date,
        description=description or schedule.description,
        source=schedule.public_id,
        is_correction=is_correction,
        lines=[
            NewLine(Account.public_id_of(debit), size, ZERO),
            NewLine(Account.public_id_of(credit), ZERO, size),
        ],
    )


def _write(schedule: Schedule, parts: Sequence[Part], amounts: Sequence[Decimal]) -> None:
    ScheduleRow.objects.bulk_create(
        ScheduleRow(schedule=schedule, kind=ScheduleRowKind.PERIOD, period=part.period, date=part.date, amount=amount)
        for part, amount in zip(parts, amounts, strict=True)
        if amount
    )


def _share(amount: Decimal, keeps: Fraction, currency: str) -> Decimal:
    with localcontext(prec=_PRECISION):
        exact = amount * keeps.numerator / keeps.denominator
        return exact.quantize(money.unit(currency), ROUND_HALF_UP)
