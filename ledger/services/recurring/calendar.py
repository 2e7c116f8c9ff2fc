"""The dates of a template: which is next, which have passed."""

from __future__ import annotations

import calendar
import datetime

from bigledger.errors import ValidationFailed
from bigledger.tenants.context import current_tenant
from ledger.models import Frequency, Recurring, RecurringStatus

_MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.YEARLY: 12}
_LAST_YEAR = 2199
# As much as a template may owe at once: five years of months, more than a year of weeks.
MAX_MISSED = 60


def date_of(start: datetime.date, frequency: str, occurrence: int) -> datetime.date:
    """The date of an occurrence, counted from the start: a 31st falls on the last day of shorter months."""
    if frequency == Frequency.WEEKLY:
        return start + datetime.timedelta(weeks=occurrence)
    months = start.month - 1 + _MONTHS[Frequency(frequency)] * occurrence
    year, month = start.year + months // 12, months % 12 + 1
    return datetime.date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def reopen(row: Recurring) -> None:
    """Lets an ended template go on with its first date from today, if it has one."""
    following = date_of(row.start_date, row.frequency, row.occurrences)
    if following.year <= _LAST_YEAR and not (row.end_date and following > row.end_date):
        row.status, row.next_date = RecurringStatus.ACTIVE, following
        skip_past_dates(row)


def skip_past_dates(row: Recurring) -> None:
    """Moves the next date forward until it is today or later."""
    while row.next_date and row.next_date < current_tenant().today():
        advance(row)


def check_missed(row: Recurring) -> None:
    """Refuses a calendar that would make more than MAX_MISSED at once."""
    limit = date_of(row.start_date, row.frequency, row.occurrences + MAX_MISSED)
    if limit <= min(current_tenant().today(), row.end_date or current_tenant().today()):
        first = date_of(row.start_date, row.frequency, row.occurrences)
        message = f"From {first} until today more than {MAX_MISSED} {row.makes} would be made; start later."
        raise ValidationFailed.at("start_date", message, "too_small")


def advance(row: Recurring) -> None:
    """Moves to the next date, or ends the template when there is none."""
    row.occurrences += 1
    following = date_of(row.start_date, row.frequency, row.occurrences)
    if following.year > _LAST_YEAR or (row.end_date and following > row.end_date):
        row.status, row.next_date = RecurringStatus.ENDED, None
    else:
        row.next_date = following
