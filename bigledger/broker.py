"""Celery's broker, which carries wake-ups only: Redis, or a folder where there is none. And the cache in Redis."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from kombu.transport import TRANSPORT_ALIASES

TRANSPORT_ALIASES["folder"] = "bigledger.folder_transport:Transport"

# Whoever sends a wake-up or counts a request is not kept for longer by a Redis that hangs.
REDIS_TIMEOUT_SECONDS = 0.5
# Of their own, so that a wake-up which lies there can be seen; the worker of the clock reads both.
MAILS = "mails"
CLOCK = "celery"


def url(redis_url: str) -> str:
    """Celery has a scheme of its own for a socket in the file system."""
    address = redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
    return address or "folder://localhost/"


def certificates(redis_url: str) -> dict[str, Any] | None:
    """As our other clients of Redis do; Celery's own default is to trust any certificate."""
    return {"ssl_cert_reqs": ssl.CERT_REQUIRED} if redis_url.startswith("rediss://") else None


def transport_options(redis_url: str, home: Path) -> dict[str, Any]:
    """`max_retries` applies to senders, which must not wait; a worker that lost its connection retries without end."""
    if redis_url:
        timeouts = dict.fromkeys(("socket_connect_timeout", "socket_timeout"), REDIS_TIMEOUT_SECONDS)
        return {"max_retries": 0, **timeouts}
    return {"folder": str(home / "broker")}


def redis_cache(redis_url: str) -> dict[str, Any]:
    """If Redis is unavailable, nothing is counted and a warning is logged."""
    timeouts = dict.fromkeys(("SOCKET_CONNECT_TIMEOUT", "SOCKET_TIMEOUT"), REDIS_TIMEOUT_SECONDS)
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": redis_url,
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, **timeouts},
    }
