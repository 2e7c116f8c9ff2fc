"""`make load`: mixed load through `manage.py up` with everything on, first left alone, then with a child killed again
and again.

Environment: LOAD_SECONDS of each phase (300), LOAD_KILL_SECONDS between two kills (10). Exit status 1 when anything
failed that should not have: an error, a restart in the first phase, something acknowledged that is not there, books or
log unsound, a webhook that never came.
"""

from __future__ import annotations

import json
import math
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from bench.clients import Caller, Record
from bench.everything import PROJECT, Everything, everything
from bench.home import free_ports
from bigledger import ids
from bigledger.postgres import server

CLIENTS = 8
PATIENCE_SECONDS = 120
# "api process" is one of several, the others serve meanwhile; "api" is all of them and whoever starts them.
KILLED = ("relay", "api process", "deliveries", "worker", "documents", "clock", "sockets", "api")


@dataclass
class Outcome:
    """What one run came to; `faults` is empty when all is well."""

    faults: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def run(seconds: float, kill_seconds: float) -> Outcome:
    """Both phases on one system."""
    outcome = Outcome()
    with everything() as system, _receiver() as receiver:
        key = system.new_tenant()
        _prepare(system, key, receiver)
        record = Record()
        _phase(system, key, record, seconds, "a", outcome)
        before = system.children()
        restarted = {name: child["restarts"] for name, child in before.items() if child["restarts"]}
        if restarted or not all(child["up"] for child in before.values()):
            outcome.faults.append(f"restarts without a kill: {restarted}")
        _tell(outcome, "left alone", record, seconds)

        killed = Record(entries=record.entries, invoices=record.invoices)
        ended = threading.Event()
        killer = threading.Thread(target=_kill, args=(system, killed, kill_seconds, ended, outcome))
        killer.start()
        try:
            _phase(system, key, killed, seconds, "b", outcome)
        finally:
            ended.set()
            killer.join()
        _tell(outcome, f"with a kill every {kill_seconds:g} s", killed, seconds)
        _check_what_was_acknowledged(system, record, receiver, outcome)
        if outcome.faults:
            outcome.lines.append(f"The supervisor said: {system.said()[-3000:]}")
        if system.process.poll() is not None:
            outcome.faults.append("the supervisor ended")
        elif (status := system.stop()) != 0:
            outcome.faults.append(f"it stopped with {status}")
    return outcome


def _phase(system: Everything, key: str, record: Record, seconds: float, name: str, outcome: Outcome) -> None:
    stop = threading.Event()
    callers = [Caller(f"{name}{number}", system.port, system.ws_port, key, record, stop) for number in range(CLIENTS)]
    for caller in callers:
        caller.start()
    stop.wait(seconds)
    stop.set()
    for caller in callers:
        caller.join()
    outcome.faults += record.errors


def _kill(system: Everything, record: Record, every: float, ended: threading.Event, outcome: Outcome) -> None:
    """One after the other, each kind in turn; the next when the last is back."""
    times: dict[str, list[float]] = {}
    turn = 0
    while not ended.wait(every):
        what = KILLED[turn % len(KILLED)]
        turn += 1
        kind = what.split()[0]
        before = system.children()[kind]["restarts"]
        least = 2 if what == "api process" else 1  # right after its start a child still looks like its parent
        if not _wait(lambda: len(system.pids(kind)) >= least):  # noqa: B023 - called here and now
            outcome.faults.append(f"{what} is not there")
            return
        pids = system.pids(kind)
        now = time.monotonic()
        if kind == "api":
            record.api_killed_at = math.inf  # until it is back, however long that takes a busy machine
        if kind == "sockets":
            record.sockets_killed_at = math.inf
        os.kill(pids[-1] if what == "api process" else pids[0], signal.SIGKILL)
        back = _wait_for_process if what == "api process" else _wait_for_child
        if not back(system, kind, before, pids):
            outcome.faults.append(f"{what} did not come back")
        times.setdefault(what, []).append(time.monotonic() - now)
        if kind == "api":
            record.api_killed_at = time.monotonic()
        if kind == "sockets":
            record.sockets_killed_at = time.monotonic()
    spans = [f"{what} {statistics.median(took):.1f} s ({len(took)})" for what, took in times.items()]
    outcome.lines.append("Up again after (kills): " + ", ".join(spans))


def _wait_for_child(system: Everything, kind: str, before: int, pids: list[int]) -> bool:
    return _wait(lambda: system.restarted(kind, before))


def _wait_for_process(system: Everything, kind: str, before: int, pids: list[int]) -> bool:
    return _wait(lambda: len(now := system.pids(kind)) == len(pids) and pids[-1] not in now)


def _wait(condition: Callable[[], object], patience: float = PATIENCE_SECONDS) -> bool:
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _check_what_was_acknowledged(system: Everything, record: Record, receiver: int, outcome: Outcome) -> None:
    found = [
        row[0] for row in _rows(system, "SELECT reference FROM ledger_journalentry WHERE reference ~ '^[ab][0-9]-'")
    ]
    if lost := record.entries - set(found):
        outcome.faults.append(f"{len(lost)} acknowledged entries are lost: {sorted(lost)[:5]}")
    if len(found) != len(set(found)):
        outcome.faults.append("an entry was posted twice")
    ours = "tenant_id IN (SELECT tenant_id FROM webhooks_webhookendpoint)"
    rows = _rows(system, f"SELECT id::text, status FROM invoicing_invoice WHERE {ours}")
    told = {ids.encode("inv", uuid.UUID(row[0])): row[1] for row in rows}
    ranks = {"draft": 0, "sent": 1, "overdue": 1, "paid": 2}
    for invoice, status in record.invoices.items():
        if ranks.get(told.get(invoice, ""), -1) < ranks[status]:
            outcome.faults.append(f"invoice {invoice} is {told.get(invoice)}, acknowledged was {status}")
    events = f"SELECT count(*) FROM events_event WHERE type = 'invoice.paid' AND {ours}"

    def all_came() -> bool:
        return len(_told(receiver)["receipts"]) >= int(_rows(system, events)[0][0])

    if not _wait(all_came):
        outcome.faults.append(f"webhooks: {len(_told(receiver)['receipts'])} of {_rows(system, events)[0][0]} came")
    for command in ("check_books", "verify_log"):
        result = system.manage(command)
        if result.returncode:
            outcome.faults.append(f"{command}: {result.stdout[-500:]}{result.stderr[-500:]}")
    outcome.lines.append(
        f"Acknowledged and there: {len(record.entries)} entries, {len(record.invoices)} invoices;"
        f" {len(_told(receiver)['receipts'])} webhooks received; books and log sound."
    )


def _prepare(system: Everything, key: str, receiver: int) -> None:
    """Two accounts, a customer, a webhook endpoint."""
    paid = ["invoice.paid"]
    for path, body in (
        ("accounts", {"code": "1000", "name": "Cash", "type": "asset", "subtype": "current_asset"}),
        ("accounts", {"code": "6100", "name": "Rent", "type": "expense", "subtype": "operating_expense"}),
        ("customers", {"number": "load", "name": "Buyer", "email": "buyer@example.com"}),
        ("webhook-endpoints", {"url": f"http://127.0.0.1:{receiver}/ok", "events": paid}),
    ):
        request = urllib.request.Request(
            f"http://127.0.0.1:{system.port}/v1/{path}",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request):
            pass


@contextmanager
def _receiver() -> Iterator[int]:
    [port] = free_ports(1)
    with ExitStack() as running:
        process = subprocess.Popen([sys.executable, "-m", "bench.receiver", str(port)], cwd=PROJECT)
        running.callback(process.wait)
        running.callback(process.terminate)
        _wait(lambda: _told(port), 30)
        yield port


def _told(port: int) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            told: dict[str, Any] = json.load(answer)
            return told
    except OSError:
        return {}


def _rows(system: Everything, sql: str) -> list[tuple[Any, ...]]:
    folder = server.running_socket_dir(system.home)
    with psycopg.connect(host=str(folder), user=server.SUPERUSER, dbname="bigledger") as connection:
        return connection.execute(sql.encode()).fetchall()


def _tell(outcome: Outcome, title: str, record: Record, seconds: float) -> None:
    times = sorted(record.milliseconds) or [0.0]
    count = sum(record.answers.values())
    outcome.lines.append(
        f"{title}: {count} answers in {seconds:g} s ({count / seconds:.0f}/s), {len(record.errors)} errors,"
        f" {record.cut} connections cut by the kill of an API process, {record.sockets_cut} sockets by theirs;"
        f" p50 {times[len(times) // 2]:.0f} ms, p99 {times[int(len(times) * 0.99)]:.0f} ms."
        f" {dict(sorted(record.answers.items()))}"
    )


def main() -> None:
    outcome = run(float(os.environ.get("LOAD_SECONDS", "300")), float(os.environ.get("LOAD_KILL_SECONDS", "10")))
    print("\n".join(outcome.lines))
    if outcome.faults:
        print(f"{len(outcome.faults)} faults:", *outcome.faults[:20], sep="\n  ")
        sys.exit(1)
    print("Nothing failed that should not have.")


if __name__ == "__main__":
    main()
