"""New ids: in the order of time, and never the same twice, not by two threads and not by two processes."""

from __future__ import annotations

import multiprocessing
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from bigledger import ids


def _some(count: int = 1000) -> list[uuid.UUID]:
    return [ids.new_id() for _ in range(count)]


def test_an_id_is_a_uuid_of_version_7_that_says_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = _some()
    after = time.time_ns() // 1_000_000
    assert {(one.version, one.variant) for one in made} == {(7, uuid.RFC_4122)}
    assert all(before <= one.int >> 80 <= after for one in made)


def test_threads_and_processes_give_different_ids() -> None:
    _some(1)  # a child begins with a copy of what its parent has left
    with ThreadPoolExecutor(4) as threads, multiprocessing.get_context("fork").Pool(2) as processes:
        children = processes.map_async(_some, [1000] * 2)
        batches = [*threads.map(_some, [1000] * 4), *children.get(timeout=60)]
    made = [one for batch in batches for one in batch]
    assert len(made) == 6000
    # The random part alone: two processes that had the same left would give it at different times.
    assert len({one.int & (1 << 62) - 1 for one in made}) == 6000
