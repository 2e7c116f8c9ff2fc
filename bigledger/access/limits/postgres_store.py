"""Counting in the database: `access_take_slot`, in autocommit, so that a rollback does not un-count."""

from __future__ import annotations

import uuid
from typing import cast

from bigledger.access.limits.plans import Limits
from bigledger.access.limits.store import LEASE_MILLISECONDS, Count, Lease
from bigledger.postgres.execute import fetch_numbers
from bigledger.postgres.statement import Statement

_COLUMNS = "SELECT refused, used, resets_at, lease FROM access_take_slot"
_TAKE = Statement(_COLUMNS + "({0}, {1}, {2}, {3}, {4})")
_TAKE_AT = Statement(_COLUMNS + "({0}, {1}, {2}, {3}, {4}, {5})")
_RELEASE = Statement("SELECT access_release_slot({0}, {1})")


def take(tenant_id: uuid.UUID, limits: Limits, *, moment_ms: int | None = None) -> Count:
    """One round trip. `moment_ms` stands in for the database's clock."""
    params: list[object] = [
        tenant_id,
        limits.requests_per_hour,
        limits.burst_per_second,
        limits.concurrent_requests,
        LEASE_MILLISECONDS,
    ]
    statement = _TAKE
    if moment_ms is not None:
        statement = _TAKE_AT
        params.append(moment_ms)
    refused, used, resets_at_ms, lease = fetch_numbers(statement, params, using="autonomous")
    return Count(cast(int, refused), cast(int, used), cast(int, resets_at_ms), lease)


def release(tenant_id: uuid.UUID, lease: Lease) -> None:
    fetch_numbers(_RELEASE, [tenant_id, lease], using="autonomous")
