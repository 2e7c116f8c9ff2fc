"""What is measured: one private PostgreSQL server, and the API on it as `manage.py up` starts it."""

from __future__ import annotations

import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from bigledger.management.commands.up import children
from bigledger.postgres import server
from bigledger.supervisor import Child

LIMIT = Path(__file__).parent / "limit"
SHOWN_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers")
_LIMIT_DATABASE = "bench_limit"
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_START_TIMEOUT_SECONDS = 60
_STOP_TIMEOUT_SECONDS = 15


@contextmanager
def started_server() -> Iterator[server.Server]:
    """The server of BIGLEDGER_HOME, migrated; stopped at the end."""
    home = Path(settings.BIGLEDGER_HOME)
    try:
        running = server.start(home, _DURABLE)
        call_command("migrate", verbosity=0)
        yield running
    finally:
        connections.close_all()
        server.stop(home)


@contextmanager
def database() -> Iterator[server.Server]:
    """The server, with the database of the raw limit beside the product's."""
    with started_server() as running:
        with superuser(running) as connection:
            connection.execute(f"CREATE DATABASE {_LIMIT_DATABASE}")
        with superuser(running, _LIMIT_DATABASE) as connection:
            connection.execute((LIMIT / "schema.sql").read_text())
            connection.execute("VACUUM ANALYZE account, balance")
        yield running


def superuser(running: server.Server, name: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(running.socket_dir), port=server.PORT, user=server.SUPERUSER, dbname=name, autocommit=True
    )


@contextmanager
def api() -> Iterator[int]:
    """The API's processes, and the relay that numbers what they record; yields the port they listen on."""
    with ExitStack() as running:
        [first, *_] = [running.enter_context(started(child)) for child in children() if child.name in ("api", "relay")]
        _wait_until_ready(first)
        yield settings.PORT


@contextmanager
def started(child: Child) -> Iterator[subprocess.Popen[bytes]]:
    """One process, which writes its log into the home and is stopped at the end."""
    with _log_file(child.name).open("ab") as log:
        process = subprocess.Popen(
            child.argv, env={**os.environ, **child.env}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.send_signal(child.stop_signal)
        try:
            process.wait(_STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _log_file(name: str) -> Path:
    return Path(settings.BIGLEDGER_HOME) / f"{name}.log"


def _wait_until_ready(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{settings.PORT}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"bench: the API did not start: {_log_file('api').read_text()[-2000:]}")


def raw_rate(running: server.Server, script: str, *, clients: int, seconds: float) -> float:
    """Entries a second of one script of `limit/` under pgbench, on the same server."""
    command = [
        str(running.bin_dir / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={clients}",
        f"--jobs={min(clients, 2)}", f"--time={max(1, round(seconds))}", f"--file={LIMIT / script}.sql",
        f"--host={running.socket_dir}", f"--port={server.PORT}", f"--username={server.SUPERUSER}", _LIMIT_DATABASE,
    ]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"^tps = ([0-9.]+)", result.stdout, re.MULTILINE)
    if result.returncode or not found:
        raise SystemExit(f"bench: pgbench failed: {result.stderr.strip()}")
    return float(found[1])
