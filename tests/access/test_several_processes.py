"""Limits hold across processes, on either store, and outlive those that are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from django.core.cache import caches
from django.db import connections
from django.test import override_settings

from bigledger.access.limits import postgres_store, redis_store
from bigledger.access.limits.plans import Limits
from bigledger.access.limits.store import LEASE_MILLISECONDS
from bigledger.tenants.context import tenant_context
from tests.conftest import make_tenant
from tests.running import ROOT, api_server

STORES = pytest.mark.parametrize("store", ["postgres", "redis"])


def _environment(store: str, request: pytest.FixtureRequest) -> dict[str, str]:
    return {"REDIS_URL": request.getfixturevalue("redis_url")} if store == "redis" else {}


@STORES
def test_two_api_processes_count_together(committed: None, store: str, request: pytest.FixtureRequest) -> None:
    caller = make_tenant(f"Together-{store}", plan="free")
    with tenant_context(caller.tenant):
        caller.tenant.requests_per_hour = 12
        caller.tenant.burst_per_second = 1_000
        caller.tenant.save()
    key = {"Authorization": f"Bearer {caller.api_key}"}
    with ExitStack() as stack:
        servers = [stack.enter_context(api_server(**_environment(store, request))) for _ in range(2)]
        answers = [requests.get(f"{servers[n % 2]}/v1/accounts", headers=key, timeout=10) for n in range(14)]

    assert [a.status_code for a in answers] == [200] * 12 + [429] * 2
    assert [a.headers["X-RateLimit-Remaining"] for a in answers] == [*map(str, range(11, -1, -1)), "0", "0"]
    assert {a.headers["X-RateLimit-Limit"] for a in answers} == {"12"}
    assert len({a.headers["X-RateLimit-Reset"] for a in answers}) == 1
    assert [d["limit"] for d in answers[-1].json()["error"]["details"]] == ["hour"]


_HOLD = """
import sys, time, uuid, django
django.setup()
from bigledger.access import limits
from bigledger.tenants.models import Tenant
tenant = Tenant(id=uuid.UUID(sys.argv[1]), plan="free", burst_per_second=1000)
for _ in range(5):
    limits.take(tenant)
print("taken", flush=True)
sys.stdin.read()
"""


@STORES
def test_a_killed_process_gives_its_slots_back(committed: None, store: str, request: pytest.FixtureRequest) -> None:
    tenant, limit = uuid.uuid4(), Limits(None, None, 5)
    environment = _environment(store, request)
    counting: Any = redis_store if store == "redis" else postgres_store
    # The embedded server of the suite is found by its home, the database by its name.
    name = connections["default"].settings_dict["NAME"]
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE_NAME": name, "PYTHONPATH": str(ROOT)}
    with (
        override_settings(**environment),
        subprocess.Popen(
            [sys.executable, "-c", _HOLD, str(tenant)],
            env={**os.environ, **settings, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as holder,
    ):
        assert holder.stdout and holder.stdout.readline() == "taken\n"
        held = counting.take(tenant, limit)
        holder.kill()
        holder.wait()
        ended = counting.take(tenant, limit)
        began = held.resets_at_ms - 3_600_000
        later = [counting.take(tenant, limit, moment_ms=began + 2 * LEASE_MILLISECONDS).refused for _ in range(6)]

    assert (held.refused, ended.refused, later) == (4, 4, [0, 0, 0, 0, 0, 4])


@STORES
def test_the_limiters_cache_counts_exactly(committed: None, store: str, request: pytest.FixtureRequest) -> None:
    backend: dict[str, str] = {"BACKEND": "bigledger.access.counters.CounterCache"}
    if store == "redis":
        backend = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": request.getfixturevalue("redis_url")}
    key = uuid.uuid4().hex

    def count(_: int) -> bool:
        first: bool = caches["limits"].add(key, 1, 60)
        if not first:
            caches["limits"].incr(key)
        return first

    def work(_: int) -> int:
        try:
            return sum(count(n) for n in range(25))
        finally:
            connections.close_all()

    with override_settings(CACHES={"limits": backend}), ThreadPoolExecutor(8) as pool:
        firsts = sum(pool.map(work, range(8)))
        assert (firsts, caches["limits"].get(key)) == (1, 200)
        with pytest.raises(ValueError):
            caches["limits"].incr("never counted")


def test_the_limiters_system_checks_pass() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bigledger.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "no issues (0 silenced)" in done.stdout) == (0, True), done.stderr
