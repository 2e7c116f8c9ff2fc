"""The day of a correction: whatever is undone, reversed or settled is dated by this one rule.

A correction is never dated before what it corrects. Without a given date it is dated on the later of today and that
day or, when its period is closed, on the first open day after it.
"""

from __future__ import annotations

import datetime

from bigledger.errors import BusinessRuleViolation
from bigledger.postgres.execute import fetch_one
from bigledger.tenants.context import current_tenant
from ledger.rules import DATE_BEFORE_SOURCE


def correction_date(
    given: datetime.date | None,
    *,
    first: datetime.date,
    what: str,
    scope: str | None = None,
    waits_for_today: bool = True,
) -> datetime.date:
    """`given`, or the later of today and `first`, which is the earliest day that there is; `what` is its reason,
    `scope` that of its document (`sales`, `purchases`), for which a period can be closed alone.

    Without `waits_for_today` it is `first` itself: what is set against each other counts from that day, whenever it is
    recorded. Raises BusinessRuleViolation (`date_before_source`).
    """
    if given is not None:
        if given < first:
            raise BusinessRuleViolation.of(DATE_BEFORE_SOURCE, "date", date=given, first=first, what=what)
        return given
    return first_open_day(max(first, current_tenant().today()) if waits_for_today else first, scope)


def first_open_day(day: datetime.date, scope: str | None = None) -> datetime.date:
    """`day`, or the first day after it whose period is open to the scope."""
    found: datetime.date = fetch_one("SELECT ledger_first_open_day(%s, %s)", [day, scope])[0]
    return found
