"""Exceptions: somebody may post into a closed period for a time."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from django.db import transaction

from bigledger.access.models import Membership
from bigledger.access.principal import Principal
from bigledger.api.lookup import find_named
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from ledger.bodies import LockExceptionBody
from ledger.events import EXCEPTION_CREATED
from ledger.models import LockException, Period
from ledger.models.periods import MOST_DURATION
from ledger.period_selectors import lock_exception_bodies
from ledger.rules import PERIOD_LOCKED, PERIOD_NOT_CLOSED


@transaction.atomic
def create_lock_exception(
    *,
    period_id: str,
    expires_at: datetime.datetime,
    reason: str,
    member_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> LockExceptionBody:
    """Lets the member, or everybody, post into a closed period until `expires_at`, at most 7 days from now.

    Raises ResourceNotFound (period, member); ValidationFailed (`expires_at`); BusinessRuleViolation: `period_locked`,
    `period_not_closed`.
    """
    period = find_named(Period.objects.all(), period_id, "period_id")
    member = find_named(Membership.objects.all(), member_id, "member_id") if member_id else None
    if period.status == "locked":
        raise BusinessRuleViolation.of(PERIOD_LOCKED, period=period.name)
    if not period.closed_scopes:
        raise BusinessRuleViolation.of(PERIOD_NOT_CLOSED, period=period.name)
    now = current_tenant().now()
    if not now < expires_at <= now + MOST_DURATION:
        raise ValidationFailed.at("expires_at", "Must be in the future, at most 7 days from now.", "out_of_range")
    exception = LockException(
        month=period.start,
        member_id=member.id if member else None,
        user_id=member.user_id if member else None,
        expires_at=expires_at,
        reason=reason,
        metadata=dict(metadata or {}),
        created_by_id=acting.user_id,
        created_at=now,
    )
    exception.save(force_insert=True)
    body = lock_exception_bodies([exception])[0]
    record(EXCEPTION_CREATED, exception.id, body, acting=acting)
    return body
