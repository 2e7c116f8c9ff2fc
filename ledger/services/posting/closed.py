"""Entries that are dated in a closed period: who may post them there all the same, and where they can go instead."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation
from bigledger.postgres.execute import fetch_all
from ledger.rules import PERIOD_CLOSED
from ledger.services.posting.entries import NewEntry

_moves: ContextVar[bool] = ContextVar("moves_out_of_closed_periods", default=False)

# For each entry that is refused: its place, the first open day, and the member's exception for its month, if any helps.
_REFUSED = """
SELECT e.place - 1, ledger_first_open_day(e.date, e.scope), (
    SELECT x.id FROM ledger_lockexception x
    WHERE x.month = date_trunc('month', e.date) AND (x.user_id IS NULL OR x.user_id = %(user)s)
        AND NOT ledger_is_closed(e.date, e.scope, NULL, x.id)
    ORDER BY x.created_at LIMIT 1)
FROM unnest(%(dates)s::date[], %(scopes)s::text[], %(years)s::integer[]) WITH ORDINALITY AS e(date, scope, year, place)
WHERE ledger_is_closed(e.date, e.scope, e.year)
"""


@contextmanager
def moving_out_of_closed_periods() -> Iterator[None]:
    """Entries that are dated in a closed period go to the first open day; `requested_date` keeps the day asked for."""
    token = _moves.set(True)
    try:
        yield
    finally:
        _moves.reset(token)


def admitted(entries: Sequence[NewEntry], acting: Principal) -> list[NewEntry | BusinessRuleViolation]:
    """Each entry as it can be posted: under an exception, or moved if wanted; else why not (`period_closed`)."""
    wanted = {
        "user": acting.user_id,
        "dates": [entry.date for entry in entries],
        "scopes": [entry.scope for entry in entries],
        "years": [entry.closing_year for entry in entries],
    }
    outcomes: list[NewEntry | BusinessRuleViolation] = list(entries)
    for place, first_open, exception in fetch_all(_REFUSED, wanted):
        outcomes[place] = _admitted(entries[place], first_open, exception)
    return outcomes


def _admitted(
    entry: NewEntry, first_open: datetime.date, exception: uuid.UUID | None
) -> NewEntry | BusinessRuleViolation:
    if exception:
        return replace(entry, lock_exception_id=exception)
    if _moves.get() and not entry.is_revaluation:
        return replace(entry, date=first_open, requested_date=entry.date)
    return BusinessRuleViolation.of(PERIOD_CLOSED, "date", period=f"{entry.date:%Y-%m}", first_open=first_open)
