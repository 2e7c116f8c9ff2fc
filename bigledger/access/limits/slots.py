"""Taking a slot before a request and giving it back after it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from django.conf import settings

from bigledger.access.limits import postgres_store, redis_store
from bigledger.access.limits.plans import Limits, limits_of
from bigledger.access.limits.store import Count, Lease
from bigledger.errors import Detail, RateLimitExceeded
from bigledger.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Slot:
    """One request that was counted. `resets_at` is in seconds since 1970; `lease` is None when nothing
    limits how many run at once."""

    tenant: Tenant
    limit: int | None
    remaining: int
    resets_at: int
    lease: Lease | None = None

    def headers(self) -> dict[str, str]:
        """Empty for a tenant without a limit by the hour."""
        if self.limit is None:
            return {}
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.resets_at),
        }


class Refused(RateLimitExceeded):
    """Too many requests; `slot` carries the headers that this answer has as well."""

    def __init__(self, details: list[Detail], retry_after_seconds: int, slot: Slot) -> None:
        super().__init__(details, retry_after_seconds)
        self.slot = slot


def is_limited(tenant: Tenant) -> bool:
    """Whether `take` counts anything."""
    return limits_of(tenant) is not None


def take(tenant: Tenant) -> Slot | None:
    """Counts one request of this tenant; None when nothing limits it. Raises Refused."""
    limits = limits_of(tenant)
    if limits is None:
        return None
    store = redis_store if settings.REDIS_URL else postgres_store
    count = store.take(tenant.id, limits)
    if count is None:
        return None
    per_hour = limits.requests_per_hour
    slot = Slot(
        tenant,
        per_hour,
        max(0, per_hour - count.used) if per_hour is not None else 0,
        math.ceil(count.resets_at_ms / 1000),
        count.lease if limits.concurrent_requests is not None else None,
    )
    if count.refused:
        raise _refusal(count, limits, slot)
    return slot


def release(slot: Slot | None) -> None:
    """Gives the slot back. The request still counts by the hour and by the second."""
    if slot is not None and slot.lease is not None:
        store = redis_store if settings.REDIS_URL else postgres_store
        store.release(slot.tenant.id, slot.lease)


def _refusal(count: Count, limits: Limits, slot: Slot) -> Refused:
    details = []
    retry_after_seconds = 1
    if count.refused & 1:
        details.append(Detail(f"More than {limits.requests_per_hour} requests in an hour", limit="hour"))
        retry_after_seconds = max(1, math.ceil(count.resets_at_ms / 1000 - time.time()))
    if count.refused & 2:
        details.append(Detail(f"More than {limits.burst_per_second} requests in a second", limit="burst"))
    if count.refused & 4:
        details.append(Detail(f"More than {limits.concurrent_requests} requests at once", limit="concurrent"))
    return Refused(details, retry_after_seconds, slot)
