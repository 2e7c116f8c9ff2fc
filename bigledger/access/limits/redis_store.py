"""Counting in Redis, with one Lua script. If Redis is unavailable, no request is limited and a warning is logged."""

from __future__ import annotations

import secrets
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from redis import Redis, RedisError

from bigledger.access.limits.plans import Limits
from bigledger.access.limits.store import LEASE_MILLISECONDS, Count, Lease

_SCRIPT = (Path(__file__).parent / "take_slot.lua").read_text()
_TIMEOUT_SECONDS = 0.5

logger = structlog.get_logger(__name__)


@cache
def _client(url: str) -> tuple[Redis, Any]:
    """One pool of connections per process, and the script that it knows."""
    client = Redis.from_url(url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS)
    return client, client.register_script(_SCRIPT)


def _slots_key(tenant_id: uuid.UUID) -> str:
    return f"limits:{{{tenant_id}}}:slots"


def take(tenant_id: uuid.UUID, limits: Limits, *, moment_ms: int | None = None) -> Count | None:
    """One round trip; None when Redis does not answer. `moment_ms` stands in for its clock."""
    lease = secrets.token_hex(8)
    numbers = (limits.requests_per_hour, limits.burst_per_second, limits.concurrent_requests)
    arguments: list[int | str] = ["" if number is None else number for number in numbers]
    arguments += [LEASE_MILLISECONDS, lease, "" if moment_ms is None else moment_ms]
    _, script = _client(settings.REDIS_URL)
    try:
        refused, used, resets_at_ms = script(
            keys=[f"limits:{{{tenant_id}}}:windows", _slots_key(tenant_id)], args=arguments
        )
    except RedisError as fault:
        logger.warning("rate_limits_unavailable", error=str(fault))
        return None
    return Count(refused, used, resets_at_ms, lease)


def release(tenant_id: uuid.UUID, lease: Lease) -> None:
    try:
        _client(settings.REDIS_URL)[0].zrem(_slots_key(tenant_id), lease)
    except RedisError as fault:
        logger.warning("rate_limits_unavailable", error=str(fault))
