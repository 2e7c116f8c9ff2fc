"""The cache that django-ratelimit counts in when there is no Redis: an unlogged table.

Shared by all processes and atomic, which is what the limiter asks of a cache and what Django's own database
cache is not (ADR 0011). Holds small numbers by key until they expire, and is nothing else.
"""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from bigledger.postgres.execute import fetch_all

# Each new counter sweeps a few that ran out, so that the table stays small without a job of its own.
_ADD = """
WITH gone AS (
    DELETE FROM access_counter WHERE key IN (
        SELECT key FROM access_counter WHERE expires_at <= clock_timestamp() AND key <> %(key)s
        LIMIT 4 FOR UPDATE SKIP LOCKED))
INSERT INTO access_counter AS kept
VALUES (%(key)s, %(count)s, clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (key) DO UPDATE SET count = EXCLUDED.count, expires_at = EXCLUDED.expires_at
WHERE kept.expires_at <= clock_timestamp()
RETURNING 1
"""
_INCREMENT = """
UPDATE access_counter SET count = count + %s WHERE key = %s AND expires_at > clock_timestamp() RETURNING count
"""
_GET = "SELECT count FROM access_counter WHERE key = %s AND expires_at > clock_timestamp()"

_DELETE = "DELETE FROM access_counter WHERE key = %s RETURNING 1"


class CounterCache(BaseCache):
    """Takes part in no transaction: it writes on the connection that is always in autocommit."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        seconds = float((self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout) or 0)
        names = {"key": self.make_and_validate_key(key, version), "count": value, "seconds": seconds}
        return bool(fetch_all(_ADD, names, using="autonomous"))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        rows = fetch_all(_INCREMENT, [delta, self.make_and_validate_key(key, version)], using="autonomous")
        if not rows:
            raise ValueError(f"there is no counter {key}")
        count: int = rows[0][0]
        return count

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(fetch_all(_DELETE, [self.make_and_validate_key(key, version)], using="autonomous"))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        rows = fetch_all(_GET, [self.make_and_validate_key(key, version)], using="autonomous")
        return rows[0][0] if rows else default
