"""Closing, reopening and locking periods. The functions of `sql/periods.sql` do it; nobody else can."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation
from bigledger.events.record import record
from bigledger.events.registry import EventType
from bigledger.postgres.execute import fetch_all, fetch_one
from bigledger.tenants.context import current_tenant
from ledger.bodies import PeriodBody
from ledger.events import PERIOD_CLOSED, PERIOD_LOCKED, PERIOD_REOPENED
from ledger.models import Period
from ledger.period_selectors import period_bodies
from ledger.rules import (
    CHECKLIST_OPEN,
    PERIOD_ALREADY_CLOSED,
    PERIOD_NOT_CLOSED,
    PERIOD_NOT_OVER,
)
from ledger.rules import PERIOD_LOCKED as LOCKED
from ledger.services.periods.checklist import checklist_of

OWNERS_ONLY = "lock_exceptions"  # whoever may write those may reopen and lock


@transaction.atomic
def close_period(*, period: Period, scope: str = "all", acting: Principal) -> PeriodBody:
    """Closes the period and every earlier one for `scope` (`all`, `sales`, `purchases`).

    Raises BusinessRuleViolation: `period_not_over`, `period_already_closed`, `checklist_open` when the checklist of the
    period has a blocking item and all of it is to be closed.
    """
    if period.end >= current_tenant().today():
        raise BusinessRuleViolation.of(PERIOD_NOT_OVER, period=f"The period {period.name}", end=period.end)
    if scope == "all" and (blocking := [item for item in checklist_of(period).items if item.blocking]):
        reason = blocking[0].message.rstrip(".")
        raise BusinessRuleViolation.of(CHECKLIST_OPEN, period=period.name, reason=reason)
    if not close_months(period.end, scope, acting):
        raise BusinessRuleViolation.of(PERIOD_ALREADY_CLOSED, period=period.name)
    return _shown(period)


def close_months(last: datetime.date, scope: str, acting: Principal) -> bool:
    """Closes every period up to and with the one of the day `last`, each with its event; false when all were closed."""
    rows = fetch_all("SELECT ledger_close_periods(%s, %s, %s)", [last, scope, acting.user_id])
    return _recorded(PERIOD_CLOSED, (row[0] for row in rows), acting)


@transaction.atomic
def reopen_period(*, period: Period, reason: str, acting: Principal) -> PeriodBody:
    """Opens this one period again, for every scope. Only owners may.

    Raises PermissionDenied; BusinessRuleViolation: `period_locked`, `period_not_closed`.
    """
    acting.require("write", OWNERS_ONLY)
    if period.status == "locked":
        raise BusinessRuleViolation.of(LOCKED, period=period.name)
    if not fetch_one("SELECT ledger_reopen_period(%s, %s, %s)", [period.start, acting.user_id, reason])[0]:
        raise BusinessRuleViolation.of(PERIOD_NOT_CLOSED, period=period.name)
    _recorded(PERIOD_REOPENED, [period.start], acting)
    return _shown(period)


@transaction.atomic
def lock_period(*, period: Period, acting: Principal) -> PeriodBody:
    """Locks the period and every earlier one for ever. Only owners may.

    Raises PermissionDenied; BusinessRuleViolation: `period_locked`, and `period_not_closed` when this period or an
    earlier one is open.
    """
    acting.require("write", OWNERS_ONLY)
    if period.status == "locked":
        raise BusinessRuleViolation.of(LOCKED, period=period.name)
    if still_open := Period.objects.filter(start__lte=period.start, status="open").order_by("start").first():
        raise BusinessRuleViolation.of(PERIOD_NOT_CLOSED, period=still_open.name)
    rows = fetch_all("SELECT ledger_lock_periods(%s, %s)", [period.start, acting.user_id])
    _recorded(PERIOD_LOCKED, (row[0] for row in rows), acting)
    return _shown(period)


def _recorded(event: EventType, months: Iterable[datetime.date], acting: Principal) -> bool:
    """An event for each of the months; whether there is any."""
    periods = list(Period.objects.filter(start__in=list(months)).order_by("start"))
    for period, body in zip(periods, period_bodies(periods), strict=True):
        record(event, uuid.UUID(str(period.id)), body, acting=acting)
    return bool(periods)


def _shown(period: Period) -> PeriodBody:
    period.refresh_from_db()
    return period_bodies([period])[0]
