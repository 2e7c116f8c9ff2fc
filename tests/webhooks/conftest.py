"""A receiver in a process of its own, and the delivery loop run to its end."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.committed import number_all, tenant
from tests.conftest import Caller
from tests.redis_server import RedisServer
from tests.running import free_port
from tests.webhooks.processes import Broker, FolderBroker, Processes, RedisBroker
from webhooks.services import worker

__all__ = ["tenant"]

START_TIMEOUT_SECONDS = 20


@dataclass
class ReceiverProcess:
    """The receiver at `port`; what it wrote down outlives it."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        (self.folder / "secrets").touch()
        (self.folder / "receipts").touch()
        self.start()

    def start(self) -> None:
        program = Path(__file__).parent / "receiver.py"
        files = [str(self.folder / "secrets"), str(self.folder / "receipts")]
        self.process = subprocess.Popen([sys.executable, str(program), str(self.port), *files])
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("the receiver did not start")

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def trust(self, *secrets: str) -> None:
        (self.folder / "secrets").write_text("\n".join(secrets))

    def url(self, path: str = "/ok") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def receipts(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "receipts").read_text().splitlines()]

    @property
    def types(self) -> list[str]:
        return [receipt["event"]["type"] for receipt in self.receipts]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[ReceiverProcess]:
    one = ReceiverProcess(tmp_path)
    yield one
    one.stop()


@pytest.fixture
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """What Celery is told through; the test names it, `folder`, `redis` or `redis socket`."""
    one: Broker = FolderBroker()
    if request.param != "folder":
        one = RedisBroker(RedisServer(tmp_path, over_socket=request.param == "redis socket"))
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture
def processes(tmp_path: Path, broker: Broker) -> Iterator[Processes]:
    one = Processes(tmp_path, broker)
    yield one
    one.kill_all()


@pytest.fixture
def deliver(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Numbers what was committed and runs one worker until it finds nothing to do."""
    monkeypatch.setattr(worker, "LINGER_SECONDS", 0.0)

    def run() -> None:
        number_all()
        asyncio.run(worker.Worker().deliver())

    return run


def register(tenant: Caller, receiver: ReceiverProcess, path: str = "/ok", events: tuple[str, ...] = ("*",)) -> Any:
    """An endpoint at the receiver, whose secret it knows."""
    created = tenant.post("/v1/webhook-endpoints", {"url": receiver.url(path), "events": list(events)})
    assert created.status == 201, created.text
    receiver.trust(created.body["secret"])
    return created.body


def account(tenant: Caller, code: str, **fields: Any) -> Any:
    body = {"code": code, "name": f"Account {code}", "type": "asset", "subtype": "current_asset", "currency": "USD"}
    created = tenant.post("/v1/accounts", body | fields)
    assert created.status == 201, created.text
    return created.body
