"""What counting a request costs: `python bench/limits.py` on a server of its own; with REDIS_URL, Redis as well.

Prints the microseconds of taking a slot and giving it back, beside those of an empty statement, which is what a
round trip costs on this machine.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

ROUNDS = 5_000


def median(work: Callable[[], object]) -> tuple[float, float]:
    """(median, 99th percentile) in microseconds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1e6)
    return statistics.median(taken), sorted(taken)[ROUNDS * 99 // 100]


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"BIGLEDGER_HOME": home, "DJANGO_SETTINGS_MODULE": "bigledger.settings", "LOG_LEVEL": "ERROR"}
        sys.path.insert(0, str(Path(__file__).parent.parent))
        import django
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        from bigledger.access.limits import postgres_store, redis_store
        from bigledger.access.limits.plans import Limits
        from bigledger.postgres import server
        from bigledger.postgres.execute import fetch_numbers

        limits = Limits(1_000_000_000, 1_000_000_000, 100)
        figures = {"empty statement": median(lambda: fetch_numbers("SELECT 1", [], using="autonomous"))}
        for store in (postgres_store, redis_store) if settings.REDIS_URL else (postgres_store,):
            name, tenant = store.__name__.rpartition(".")[2], uuid.uuid4()

            def both(store=store, tenant=tenant) -> None:
                store.release(tenant, store.take(tenant, limits).lease)

            figures[f"{name}: take and release"] = median(both)
        for name, (middle, slowest) in figures.items():
            print(f"{name:34} {middle:7.0f} µs   p99 {slowest:7.0f} µs")
        connections.close_all()
        if not settings.DATABASE_URL:
            server.stop(Path(home))


if __name__ == "__main__":
    main()
