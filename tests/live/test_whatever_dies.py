"""Whatever dies, a client that resumes by `seq` has every event once, in order."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from django.conf import settings
from django.db import connections

from bigledger.server import serving
from tests.conftest import Caller
from tests.live.client import Closed, opened
from tests.running import free_port, wait_for
from tests.webhooks.processes import ROOT, restart_postgres

AGAIN_SECONDS = 0.05
PAUSE_SECONDS = 0.03
PATIENCE_SECONDS = 60


@dataclass
class Stack:
    """The relay and the sockets, each killed and started alone."""

    folder: Path
    port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> None:
        granian = [sys.executable, "-m", "granian", *serving.SOCKET_ARGUMENTS, "--host", "127.0.0.1"]
        program = {
            "relay": [sys.executable, "manage.py", "relay"],
            "sockets": [*granian, "--port", str(self.port), "--log-level", "warning", "bigledger.asgi:application"],
        }[name]
        env = os.environ | {
            "BIGLEDGER_HOME": str(settings.BIGLEDGER_HOME),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE_NAME": connections["default"].settings_dict["NAME"],
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                program, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def replace(self, name: str) -> None:
        self.kill(name)
        self.start(name)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    one = Stack(tmp_path)
    for name in ("relay", "sockets"):
        one.start(name)
    yield one
    for name in tuple(one.running):
        one.kill(name)


@dataclass
class Client:
    """A client that connects again whenever it is cut off, and resumes after the last event that it has."""

    base: str
    key: str
    seqs: list[int] = field(default_factory=list)
    cuts: int = 0
    is_done: bool = False

    def run(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        while not self.is_done:
            try:
                await self._follow()
            except (OSError, aiohttp.ClientError, Closed, TimeoutError, AssertionError):
                self.cuts += 1
                await asyncio.sleep(AGAIN_SECONDS)

    async def _follow(self) -> None:
        async with opened(self.base, self.key) as live:
            assert (await live.subscribe("*", after=self.seqs[-1] if self.seqs else 0))["type"] == "subscribed"
            while not self.is_done:
                self.seqs.append((await live.hear())["seq"])


def _write(tenant: Caller, until: threading.Event) -> None:
    """Customers, one after the other; while the database is away there is none."""
    number = 0
    while not until.wait(PAUSE_SECONDS):
        number += 1
        with suppress(Exception):
            if tenant.post("/v1/customers", {"name": f"C{number}"}).status != 201:
                connections.close_all()
    connections.close_all()


def test_a_client_that_resumes_misses_nothing(tenant: Caller, stack: Stack, django_db_blocker: Any) -> None:
    clients = [Client(stack.base, tenant.api_key) for _ in range(3)]
    written = threading.Event()

    def write() -> None:
        with django_db_blocker.unblock():
            _write(tenant, written)

    threads = [threading.Thread(target=one.run) for one in clients] + [threading.Thread(target=write)]
    for thread in threads:
        thread.start()
    try:
        for end in (
            lambda: stack.replace("relay"), lambda: stack.replace("sockets"), restart_postgres,
            lambda: stack.replace("sockets"), restart_postgres, lambda: stack.replace("relay"),
        ):  # fmt: skip
            _gain(clients, 20)
            end()
        _gain(clients, 20)
        written.set()
        threads[-1].join()
        wait_for(lambda: all(one.seqs and one.seqs[-1] == _head(tenant) for one in clients), PATIENCE_SECONDS)
    finally:
        written.set()
        for one in clients:
            one.is_done = True
        stack.kill("sockets")
        for thread in threads:
            thread.join()
    head = _head(tenant)
    assert all(one.seqs == list(range(1, head + 1)) for one in clients)
    assert all(one.cuts >= 2 for one in clients)


def _gain(clients: list[Client], count: int) -> None:
    """Every client hears of so many further events."""
    wanted = [len(one.seqs) + count for one in clients]
    wait_for(lambda: all(len(one.seqs) >= least for one, least in zip(clients, wanted, strict=True)), PATIENCE_SECONDS)


def _head(tenant: Caller) -> int:
    """The last number of the log once nothing waits to be numbered; 0 until then."""
    with connections["worker"].cursor() as cursor:
        cursor.execute(
            "SELECT seq FROM events_head WHERE tenant_id = %(tenant)s"
            " AND NOT EXISTS (SELECT 1 FROM events_pending WHERE tenant_id = %(tenant)s)",
            {"tenant": tenant.tenant.id},
        )
        found = cursor.fetchone()
    return found[0] if found else 0
