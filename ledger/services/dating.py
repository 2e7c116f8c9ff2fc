"""The day of a correction: whatever is undone, reversed or settled is dated by this one rule.

A correction is never dated before what it corrects. Without a given date it is dated on the later of today and that
day or, when the books are closed then, on the first open day after it.
"""

from __future__ import annotations

import datetime

from bigledger.errors import BusinessRuleViolation
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant
from ledger.rules import DATE_BEFORE_SOURCE

_CLOSED = "SELECT closed_until FROM ledger_books WHERE tenant_id = app_tenant()"


def correction_date(
    given: datetime.date | None, *, first: datetime.date, what: str, waits_for_today: bool = True
) -> datetime.date:
    """`given`, or the later of today and `first`, which is the earliest day that there is; `what` is its reason.

    Without `waits_for_today` it is `first` itself: what is set against each other counts from that day, whenever it is
    recorded. Raises BusinessRuleViolation (`date_before_source`).
    """
    if given is not None:
        if given < first:
            raise BusinessRuleViolation.of(DATE_BEFORE_SOURCE, "date", date=given, first=first, what=what)
        return given
    return first_open_day(max(first, current_tenant().today()) if waits_for_today else first)


def first_open_day(day: datetime.date) -> datetime.date:
    """`day`, or the first day after it that the books are open on."""
    rows = fetch_all(_CLOSED)
    closed_until: datetime.date | None = rows[0][0] if rows else None
    if closed_until is None or day > closed_until:
        return day
    return closed_until + datetime.timedelta(days=1)
