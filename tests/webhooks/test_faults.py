"""Nothing is lost, whatever dies: changes go on while receiver, worker, broker and server are cut off.

`make soak` runs it with 2,000 changes (SOAK_CHANGES) on either broker; the suite with fewer, and the same faults.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from typing import Any

import pytest
from django.db import connections

from tests.conftest import Caller
from tests.webhooks.conftest import ReceiverProcess, account, register
from tests.webhooks.processes import Processes, restart_postgres

FOLDER_CHANGES = int(os.environ.get("SOAK_CHANGES", "250"))
REDIS_CHANGES = int(os.environ.get("SOAK_CHANGES", "120"))


def _objects(changes: int) -> int:
    return max(10, changes // 50)


def _patience_seconds(changes: int) -> float:
    return 60 + changes / 10


def _faults(receiver: ReceiverProcess, processes: Processes) -> list[Any]:
    """In this order, spread evenly over the changes."""

    def kill_worker() -> None:
        processes.kill("worker")
        processes.start("worker")

    return [
        kill_worker,
        receiver.stop,
        kill_worker,
        receiver.start,
        processes.broker.lose,
        kill_worker,
        restart_postgres,
        receiver.stop,
        kill_worker,
        receiver.start,
        kill_worker,
    ]


def _change(tenant: Caller, number: int, changes: int) -> None:
    """One change that is committed; while the server is away there is none, and it is asked for again."""
    deadline = time.monotonic() + _patience_seconds(changes)
    path = f"/v1/accounts/acc_{1000 + number % _objects(changes)}"
    while (answer := tenant.patch(path, {"description": f"Change {number}"})).status == 503:
        assert time.monotonic() < deadline, answer.text
        connections.close_all()
        time.sleep(0.05)
    assert answer.status == 200, answer.text


def _log(tenant: Caller) -> list[Any]:
    events: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = tenant.get(f"/v1/events?limit=100&cursor={cursor}").body
        events += page["data"]
        cursor = page["meta"]["next_cursor"]
    return events


@pytest.mark.parametrize(
    ("broker", "changes"), [("folder", FOLDER_CHANGES), ("redis", REDIS_CHANGES)], indirect=["broker"]
)
def test_every_event_arrives_in_order_whatever_is_killed(
    tenant: Caller, receiver: ReceiverProcess, processes: Processes, changes: int
) -> None:
    register(tenant, receiver, "/third")
    for number in range(_objects(changes)):
        account(tenant, str(1000 + number))
    processes.start("relay", "worker", "beat")
    faults = _faults(receiver, processes)
    every = changes // (len(faults) + 1)
    started = time.monotonic()
    for number in range(changes):
        _change(tenant, number, changes)
        if number % every == every - 1 and faults:
            faults.pop(0)()
        time.sleep(0.02)  # the pace of the changes, so that the faults fall among them
    changed = time.monotonic()

    expected = 1 + _objects(changes) + changes
    deadline = time.monotonic() + _patience_seconds(changes)
    arrived: set[str] = set()
    while len(arrived) < expected and time.monotonic() < deadline:
        time.sleep(0.5)
        arrived = {receipt["event"]["id"] for receipt in receiver.receipts if not receipt["failed"]}
    finished = time.monotonic()

    events = _log(tenant)
    assert not faults
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert len(events) == expected
    assert {event["id"] for event in events} == arrived
    receipts = receiver.receipts
    assert all(r["reference"] == r["member"] == r["standard"] == [True] for r in receipts)
    first_success: dict[str, list[int]] = defaultdict(list)
    for receipt in receipts:
        (body,) = receipt["event"]["data"].values()
        if not receipt["failed"] and receipt["event"]["seq"] not in first_success[body["id"]]:
            first_success[body["id"]].append(receipt["event"]["seq"])
    assert [seqs for seqs in first_success.values() if seqs != sorted(seqs)] == []
    failed = sum(receipt["failed"] for receipt in receipts)
    print(  # noqa: T201 - the figures of `make soak`
        f"\n{expected} events, {len(receipts)} requests of which {failed} failed, "
        f"{len(receipts) - failed - expected} doubled; changes took {changed - started:.0f} s, "
        f"the last arrived {finished - changed:.0f} s later"
    )
