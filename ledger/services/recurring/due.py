"""Making what is due, of any kind of template: the claim, the attempt, and pausing when it cannot be made."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q

from bigledger.errors import ApiError
from bigledger.tenants.context import current_tenant
from ledger.models import Recurring, RecurringStatus
from ledger.services.recurring.calendar import advance

MAX_FAILURES = 6
FIRST_WAIT = datetime.timedelta(minutes=15)  # doubled with each failure; about eight hours in all
logger = structlog.get_logger(__name__)


def claim_next(model: type[Recurring], pause: Callable[[Any], object]) -> uuid.UUID | None:
    """Claims one template that is due in the tenant in context; None if there is none.

    The claim is a separate transaction and counts as a failure until the thing exists: so an attempt that ends the
    whole process is counted and postponed as well. After MAX_FAILURES `pause` saves the template as paused.
    """
    today, now = current_tenant().today(), current_tenant().now()
    with transaction.atomic():
        row = (
            model._default_manager.select_for_update(skip_locked=True)
            .filter(Q(retry_at=None) | Q(retry_at__lte=now), status=RecurringStatus.ACTIVE, next_date__lte=today)
            .order_by("next_date", "id")
            .first()
        )
        if row is None:
            return None
        if row.failures >= MAX_FAILURES:
            _stop(row, f"It could not be made in {row.failures} attempts, for an internal reason that is in the log.")
            pause(row)
            return row.id
        row.failures += 1
        row.retry_at = now + FIRST_WAIT * 2 ** (row.failures - 1)
        row.save(update_fields=["failures", "retry_at"])
    return row.id


def is_due(row: Recurring) -> bool:
    """Whether it is still to be made, once the row is locked."""
    return row.status == RecurringStatus.ACTIVE and bool(row.next_date and row.next_date <= current_tenant().today())


def make_next(row: Recurring, make: Callable[[datetime.date], None]) -> bool:
    """Makes what the template wants on its next date and moves its calendar, both unsaved; false when it cannot be made
    any more: then the template is paused with the reason."""
    if row.next_date is None:
        return False
    try:
        with transaction.atomic():
            make(row.next_date)
    except ApiError as fault:
        details = "; ".join(detail.message for detail in fault.details)
        _stop(row, (details or fault.message)[:500])
        return False
    row.failures, row.retry_at = 0, None
    advance(row)
    return True


def _stop(row: Recurring, reason: str) -> None:
    row.status, row.pause_reason, row.failures, row.retry_at = RecurringStatus.PAUSED, reason, 0, None
    logger.warning("recurring_paused", recurring=row.public_id, reason=reason)
