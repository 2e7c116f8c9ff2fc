"""What counting a request costs: the microseconds of taking a slot and giving it back.

Beside them those of an empty statement, which is what a round trip costs on this machine. With REDIS_URL, Redis
as well.
"""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Callable
from types import ModuleType

from django.conf import settings

from bench import page, stack
from bigledger.access.limits import postgres_store, redis_store
from bigledger.access.limits.plans import Limits
from bigledger.postgres.execute import fetch_numbers
from bigledger.postgres.statement import Statement

ROUNDS = 5_000
_LIMITS = Limits(1_000_000_000, 1_000_000_000, 100)


def figures() -> str:
    with stack.started_server():
        measured = {
            "empty statement": _microseconds(lambda: fetch_numbers(Statement("SELECT 1"), [], using="autonomous"))
        }
        for store in (postgres_store, redis_store) if settings.REDIS_URL else (postgres_store,):
            name = store.__name__.rpartition(".")[2].removesuffix("_store")
            measured[f"take and release in {name}"] = _microseconds(_taking(store))
    rows = [[name, f"{middle:.0f}", f"{slowest:.0f}"] for name, (middle, slowest) in measured.items()]
    return f"{page.measured_on()}; {ROUNDS:,} times each.\n\n{page.table(['what', 'median µs', 'p99 µs'], rows)}"


def _taking(store: ModuleType) -> Callable[[], None]:
    tenant = uuid.uuid4()

    def both() -> None:
        store.release(tenant, store.take(tenant, _LIMITS).lease)

    return both


def _microseconds(work: Callable[[], object]) -> tuple[float, float]:
    """(median, 99th percentile)."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1e6)
    return statistics.median(taken), sorted(taken)[ROUNDS * 99 // 100]
