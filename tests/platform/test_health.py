"""/readyz and /metrics: what operators are told, and who is told it."""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client

from bigledger import children
from bigledger.children import ChildState, State
from tests.conftest import Caller, make_tenant, number_events

TOKEN = "a token for operators"
STATES = {
    "api": ChildState(is_up=True, restarts=0, since="2026-11-25T10:00:00+00:00"),
    "relay": ChildState(False, 3, None, "was ended by SIGKILL", "2026-11-25T10:05:00+00:00"),
}


@pytest.fixture
def supervised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A home whose supervisor lives: this process."""
    (tmp_path / "run").mkdir()
    children.write(tmp_path / children.FILE, State(os.getpid(), STATES))
    monkeypatch.setattr(settings, "BIGLEDGER_HOME", tmp_path)
    monkeypatch.setattr(settings, "METRICS_TOKEN", TOKEN)
    return tmp_path


def test_readyz_lists_the_children_and_a_dead_one_makes_nothing_unready(supervised: Path, db_access: None) -> None:
    answer = Client().get("/readyz")
    body = answer.json()
    assert (answer.status_code, body["status"], body["database"]) == (200, "ready", "ok")
    assert body["children"]["api"]["up"] is True
    assert body["children"]["relay"] == {
        "up": False, "restarts": 3, "since": None,
        "last_end": "was ended by SIGKILL", "ended_at": "2026-11-25T10:05:00+00:00",
    }  # fmt: skip


def test_the_state_of_a_former_supervisor_is_not_shown(supervised: Path, db_access: None) -> None:
    gone = os.fork()
    if not gone:
        os._exit(0)
    os.waitpid(gone, 0)
    children.write(supervised / children.FILE, State(gone, STATES))
    assert Client().get("/readyz").json()["children"] == {}
    (supervised / children.FILE).write_bytes(b"{")
    assert Client().get("/readyz").json()["children"] == {}
    (supervised / children.FILE).unlink()
    assert Client().get("/readyz").json()["children"] == {}


@pytest.mark.django_db(databases=["default"], transaction=False)
@pytest.mark.parametrize(("path", "status"), [("/readyz", 200), ("/healthz", 200), ("/", 404)])
def test_the_port_of_the_sockets_answers_too(supervised: Path, path: str, status: int) -> None:
    umask = os.umask(0)
    os.umask(umask)
    from bigledger.asgi import health

    os.umask(umask)  # which the application keeps private for its whole process, and that is the suite's

    async def ask() -> tuple[int, bytes]:
        caller = ApplicationCommunicator(health, {"type": "http", "path": path})
        start = await caller.receive_output(10)
        return start["status"], (await caller.receive_output(10))["body"]

    answered, body = asyncio.run(ask())
    assert answered == status
    if path == "/readyz":
        assert json.loads(body)["children"]["relay"]["restarts"] == 3


def read(**headers: str) -> Any:
    return Client().get("/metrics", **headers)


def test_metrics_require_the_token(supervised: Path, acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    for headers in (
        {},
        {"HTTP_AUTHORIZATION": "Bearer wrong"},
        {"HTTP_AUTHORIZATION": TOKEN},
        {"HTTP_AUTHORIZATION": f"Bearer {acme.api_key}"},
        {"HTTP_AUTHORIZATION": "Bearer é"},
    ):
        refused = read(**headers)
        assert refused.status_code == 401, headers
        assert refused.json()["error"]["code"] == "AUTHENTICATION_FAILED"
    monkeypatch.setattr(settings, "METRICS_TOKEN", "")
    for given in ("Bearer ", "Bearer", f"Bearer {TOKEN}"):
        assert read(HTTP_AUTHORIZATION=given).status_code == 401


@pytest.mark.django_db(databases=["default", "worker", "autonomous"])
def test_metrics_are_prometheus_text(supervised: Path) -> None:
    answer = read(HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    lines = answer.content.decode().splitlines()
    figures = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert figures['bigledger_child_up{child="api"}'] == "1"
    assert figures['bigledger_child_up{child="relay"}'] == "0"
    assert figures['bigledger_child_restarts_total{child="relay"}'] == "3"
    assert float(figures['bigledger_child_up_seconds{child="api"}']) > 0
    assert figures["bigledger_database_up"] == "1"
    for name in (
        "events_unnumbered",
        "webhook_deliveries_pending",
        "webhook_deliveries_dead",
        "mails_waiting",
        "mails_failed",
    ):
        assert float(figures[f"bigledger_{name}"]) >= 0
        assert f"# TYPE bigledger_{name} gauge" in lines


def test_events_that_the_relay_has_not_numbered_are_counted(supervised: Path, committed: None) -> None:
    def unnumbered() -> float:
        lines = read(HTTP_AUTHORIZATION=f"Bearer {TOKEN}").content.decode().splitlines()
        return float(dict(line.rsplit(" ", 1) for line in lines)["bigledger_events_unnumbered"])

    caller = make_tenant("Unnumbered")
    number_events(caller)
    before = unnumbered()
    for number in range(3):
        assert caller.post("/v1/customers", {"name": f"Buyer {number}"}).status == 201
    assert unnumbered() == before + 3
    number_events(caller)
    assert unnumbered() == before
