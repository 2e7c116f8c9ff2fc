"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django_ratelimit import checks


class AccessConfig(AppConfig):
    name = "bigledger.access"

    def ready(self) -> None:
        # The limiter's check knows a fixed list of caches that are shared and atomic; ours is both, proven
        # by tests/access/test_several_processes.py (ADR 0011).
        checks.SUPPORTED_CACHE_BACKENDS.append("bigledger.access.counters.CounterCache")
