"""The product behind a pooler of transactions, with FAST_PATH off: no session is ever one's own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import connections

from ledger.reports.soundness import find_faults
from tests.committed import tenant
from tests.conftest import Caller
from tests.pgbouncer import PgBouncer
from tests.running import api_server, wait_for
from tests.webhooks.conftest import ReceiverProcess, account, receiver, register
from tests.webhooks.processes import FolderBroker, Processes

__all__ = ["receiver", "tenant"]
CALLERS, ENTRIES_EACH = 16, 5


@pytest.fixture
def pooler(committed: None) -> Iterator[PgBouncer]:
    with PgBouncer() as one:
        yield one


@pytest.fixture
def processes(tmp_path: Path, pooler: PgBouncer) -> Iterator[Processes]:
    one = Processes(tmp_path, FolderBroker(), environment=pooler.environment)
    yield one
    one.kill_all()


def _post(server: str, caller: Caller, number: int) -> list[int]:
    """Some entries, with and without a reference and a key, and a report between."""
    statuses = []
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {caller.api_key}"
        for turn in range(ENTRIES_EACH):
            body: dict[str, Any] = {
                "date": "2024-01-15",
                "lines": [{"account_id": "acc_1000", "debit": 10}, {"account_id": "acc_1001", "credit": 10}],
            }
            if turn % 2:
                body["reference"] = f"POOL-{number}-{turn}"
            key = {"Idempotency-Key": f"{number}-{turn}"} if turn % 3 else {}
            for _ in range(1 + len(key)):
                answer = session.post(f"{server}/v1/journal-entries", json=body, headers=key, timeout=60)
                statuses.append(answer.status_code)
        report = session.get(f"{server}/v1/reports/trial_balance?as_of=2024-01-31", timeout=60)
        statuses.append(report.status_code)
    return statuses


def test_many_post_at_once_and_every_event_is_delivered(
    tenant: Caller, receiver: ReceiverProcess, pooler: PgBouncer, processes: Processes
) -> None:
    register(tenant, receiver, events=("journal_entry.posted",))
    account(tenant, "1000")
    account(tenant, "1001")
    processes.start("relay", "worker", "beat")
    with ExitStack() as stack:
        servers = [stack.enter_context(api_server(**pooler.environment)) for _ in range(2)]
        with ThreadPoolExecutor(CALLERS) as callers:
            told = list(callers.map(lambda n: _post(servers[n % 2], tenant, n), range(CALLERS)))
    entries = CALLERS * ENTRIES_EACH

    assert [sorted(set(statuses)) for statuses in told] == [[200, 201]] * CALLERS
    wait_for(lambda: len(receiver.types) >= entries)
    numbers = [receipt["event"]["data"]["journal_entry"]["number"] for receipt in receiver.receipts]
    assert len(set(numbers)) == entries
    assert list(find_faults(tenant.tenant.id)) == []
    went = pooler.figures()
    name = connections["default"].settings_dict["NAME"]
    assert went[name] > entries
    assert went[f"{name}_counters"] > entries
