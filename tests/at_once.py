"""Many requests at the same moment, on real threads and connections."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections
from django.test import Client

from tests.conftest import Answer, Caller


def at_once(caller: Caller, work: Callable[[Caller, int], list[Answer]], writers: int = 8) -> list[Answer]:
    """`work` on that many threads, each with a client and connections of its own, let go together."""
    barrier = Barrier(writers)

    def run(number: int) -> list[Answer]:
        mine = Caller(caller.tenant, caller.principal, caller.api_key, client=Client())
        try:
            barrier.wait(timeout=60)
            return work(mine, number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(writers) as pool:
        return [answer for answers in pool.map(run, range(writers)) for answer in answers]
