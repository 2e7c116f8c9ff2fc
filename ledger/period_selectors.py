"""Periods and their exceptions as the API shows them. All run in the tenant of the transaction."""

from __future__ import annotations

from collections.abc import Iterable

from bigledger.access.models import Membership, User
from ledger.bodies import LockExceptionBody, PeriodBody
from ledger.models import LockException, Period


def period_bodies(periods: Iterable[Period]) -> list[PeriodBody]:
    return [
        PeriodBody(
            id=period.public_id,
            name=period.name,
            start=period.start,
            end=period.end,
            status=period.status,
            closed_scopes=period.closed_scopes,
            closed_at=period.closed_at,
            closed_by=User.public_id_of(period.closed_by_id),
            reopened_at=period.reopened_at,
            reopened_by=User.public_id_of(period.reopened_by_id),
            reopen_reason=period.reopen_reason or None,
            locked_at=period.locked_at,
            locked_by=User.public_id_of(period.locked_by_id),
        )
        for period in periods
    ]


def lock_exception_bodies(exceptions: Iterable[LockException]) -> list[LockExceptionBody]:
    return [
        LockExceptionBody(
            id=exception.public_id,
            period_id=Period.named(f"{exception.month:%Y-%m}"),
            member_id=Membership.public_id_of(exception.member_id),
            reason=exception.reason,
            expires_at=exception.expires_at,
            created_by=User.public_id_of(exception.created_by_id),
            metadata=exception.metadata,
            created_at=exception.created_at,
        )
        for exception in exceptions
    ]
