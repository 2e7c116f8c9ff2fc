"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django_ratelimit import checks


class AccessConfig(AppConfig):
    name = "bigledger.access"

    def ready(self) -> None:
        # The limiter's check knows a fixed list of caches that are shared and atomic; ours is both, proven
        # by tests/access/test_several_processes.py (ADR 0011).
        checks.SUPPORTED_CACHE_BACKENDS.append("bigledger.access.counters.CounterCache")


class BackOfficeConfig(AdminConfig):
    """Django's admin with our registry."""

    default_site = "bigledger.access.admin_site.BackOfficeSite"
