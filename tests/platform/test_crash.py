"""`manage.py up`, the real thing: killed outright in the middle of work, told to stop, refused."""

from __future__ import annotations

import datetime
import fcntl
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bigledger import exact_json
from bigledger.postgres import place, server

PROJECT = Path(__file__).resolve().parents[2]
CALLERS = 200
ANSWERS_BEFORE_THE_KILL = 200
TIMEOUT_SECONDS = 60


@pytest.fixture
def home() -> Iterator[Path]:
    # Not below pytest's own folder, which the server's user may not enter when the suite runs as root.
    folder = Path(tempfile.mkdtemp(prefix="bigledger-crash-"))
    folder.chmod(0o755)
    yield folder
    server.stop(folder)
    shutil.rmtree(folder)
    shutil.rmtree(place.root_folder(folder), ignore_errors=True)  # where root's servers of closed homes lie


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def environment(home: Path, **changes: str) -> dict[str, str]:
    port, ws_port = free_ports()
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    ours = {
        "BIGLEDGER_HOME": str(home),
        "BIGLEDGER_ENVIRONMENT": "sandbox",
        "DJANGO_SETTINGS_MODULE": "bigledger.settings",
        "PORT": str(port),
        "WS_PORT": str(ws_port),
    }
    return {**kept, **ours, **changes}


class System:
    """A `manage.py up` that has announced itself."""

    def __init__(self, home: Path) -> None:
        began = time.monotonic()
        self.environment = environment(home)
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        printed = ""
        for line in self.process.stdout:
            printed += line
            if line.startswith("Ctrl-C"):
                break
        assert self.process.poll() is None, printed
        self.start_seconds = time.monotonic() - began
        found = re.search(r"blg_\S+", printed)
        assert found, printed
        self.api_key = found[0].rstrip('"')

    def processes(self) -> set[int]:
        """The supervisor and all that came of it, the database server included."""
        listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        parents = {int(pid): int(parent) for pid, parent in map(str.split, listing.splitlines())}
        family = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        return family

    def kill(self) -> None:
        for pid in self.processes():
            with suppress(ProcessLookupError):  # the end of one may be the end of another
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", int(self.environment["PORT"]), timeout=TIMEOUT_SECONDS)


class Callers:
    """Many at once, each posting one entry after another until its connection breaks."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.answered: list[str] = []
        self.unexpected: list[tuple[int, bytes]] = []
        self.enough = threading.Event()
        self.threads = [threading.Thread(target=self._post, args=(number,)) for number in range(CALLERS)]

    def __enter__(self) -> Callers:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        for thread in self.threads:
            thread.join()

    def _post(self, caller: int) -> None:
        connection = self.system.connection()
        headers = {"Authorization": f"Bearer {self.system.api_key}", "Content-Type": "application/json"}
        try:
            for number in range(10_000):
                reference = f"crash-{caller}-{number}"
                connection.request("POST", "/v1/journal-entries", entry(reference), headers)
                response = connection.getresponse()
                body = response.read()
                if response.status == 201:
                    self.answered.append(reference)
                elif not self.enough.is_set():
                    self.unexpected.append((response.status, body))
                if len(self.answered) >= ANSWERS_BEFORE_THE_KILL or self.unexpected:
                    self.enough.set()
        except (OSError, http.client.HTTPException):
            pass  # the kill
        finally:
            connection.close()


def entry(reference: str) -> bytes:
    today = datetime.datetime.now(datetime.UTC).date()
    lines = [{"account_id": "acc_6100", "debit": 10}, {"account_id": "acc_1000", "credit": 10}]
    return exact_json.encode({"date": today, "reference": reference, "lines": lines})


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    socket_dir = server.running_socket_dir(home)
    with psycopg.connect(host=str(socket_dir), user=server.SUPERUSER, dbname="bigledger") as connection:
        return connection.execute(sql).fetchall()


UNBALANCED_ENTRIES = """
SELECT e.id FROM ledger_journalentry e LEFT JOIN ledger_journalline l ON (l.tenant_id, l.entry_id) = (e.tenant_id, e.id)
WHERE e.status = 'posted' GROUP BY e.id, e.total_debit, e.line_count
HAVING count(l.id) <> e.line_count OR sum(l.debit) IS DISTINCT FROM e.total_debit OR sum(l.credit) <> sum(l.debit)
"""
WRONG_BALANCES = """
SELECT account_id, day FROM (
    SELECT account_id, day, debit, credit FROM ledger_accountbalance
    UNION ALL SELECT account_id, day, debit, credit FROM ledger_accountday
    UNION ALL SELECT account_id, date, -debit, -credit FROM ledger_journalline) both_sides
GROUP BY account_id, day HAVING sum(debit) <> 0 OR sum(credit) <> 0
"""


def is_alive(pid: int) -> bool:
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(shown.strip()) and not shown.strip().startswith("Z")


def test_nothing_answered_is_lost_when_every_process_is_killed(home: Path) -> None:
    first = System(home)
    with Callers(first) as callers:
        assert callers.enough.wait(TIMEOUT_SECONDS)
        first.kill()
    assert callers.unexpected == []
    assert len(callers.answered) >= ANSWERS_BEFORE_THE_KILL

    second = System(home)
    print(f"first start {first.start_seconds:.1f} s, second start {second.start_seconds:.1f} s")  # noqa: T201
    assert second.api_key == first.api_key
    kept = {reference for (reference,) in rows(home, "SELECT reference FROM ledger_journalentry")}
    assert set(callers.answered) - kept == set()
    assert rows(home, UNBALANCED_ENTRIES) == []
    assert rows(home, WRONG_BALANCES) == []

    family = second.processes()
    assert len(family) >= 7  # supervisor, guard, API, sockets, worker, clock, database server
    began = time.monotonic()
    second.process.terminate()
    assert second.process.wait(TIMEOUT_SECONDS) == 0
    print(f"stopped in {time.monotonic() - began:.1f} s")  # noqa: T201
    assert [pid for pid in family if is_alive(pid)] == []


def refusal(variables: Mapping[str, str]) -> str:
    """The one line that `manage.py up` ends with."""
    result = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=PROJECT,
        env=dict(variables),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert result.returncode != 0
    [line] = result.stderr.splitlines()
    return line


@pytest.mark.parametrize("name", ["PORT", "WS_PORT"])
def test_a_port_in_use_is_refused_in_one_line(home: Path, name: str) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert refusal(environment(home, **{name: str(port)})) == (
            f"CommandError: port {port} is in use; set {name} to another one"
        )


def test_a_home_in_use_is_refused_by_name(home: Path) -> None:
    """Two would run two clocks on one schedule."""
    with (home / "up.lock").open("w+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        print(4711, file=lock, flush=True)
        line = refusal(environment(home))
    assert line == f"CommandError: BIGLEDGER_HOME {home} is already in use by `manage.py up` (pid 4711)"


def test_a_home_that_cannot_be_used_is_refused_in_one_line(home: Path) -> None:
    (home / "file").touch()
    line = refusal(environment(home / "file" / "home"))
    assert line == f"bigledger: BIGLEDGER_HOME {home}/file/home is not usable: Not a directory"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("BIGLEDGER_ENVIRONMENT", "test", "BIGLEDGER_ENVIRONMENT must be sandbox, staging or production, not 'test'"),
        ("PORT", "70000", "PORT must be between 1 and 65535, not 70000"),
        ("PORT", "web", 'Environment variable "PORT" invalid: Not a valid integer.'),
        ("API_PROCESSES", "0", "API_PROCESSES must be between 1 and 64, not 0"),
        ("API_THREADS", "65", "API_THREADS must be between 1 and 64, not 65"),
        ("DATABASE_URL", "mysql://localhost/x", "DATABASE_URL must read postgresql://USER:PASSWORD@HOST:PORT/NAME"),
        ("DATABASE_DIRECT_URL", "postgresql://me@localhost/x", "DATABASE_DIRECT_URL needs DATABASE_URL as well"),
        ("FAST_PATH", "perhaps", 'Environment variable "FAST_PATH" invalid: Not a valid boolean.'),
    ],
)
def test_a_wrong_value_is_refused_in_one_line(home: Path, name: str, value: str, message: str) -> None:
    assert refusal(environment(home, **{name: value})) == f"bigledger: {message}"
