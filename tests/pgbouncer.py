"""A PgBouncer of the suite's own, in transaction mode, in front of the suite's server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.db import connections

from bigledger.postgres.place import PORT
from tests.running import free_port

_START_TIMEOUT_SECONDS = 20
_INI = """
[databases]
{name} = host={host} port={port} dbname={name} pool_size=4
{name}_counters = host={host} port={port} dbname={name} pool_size=2

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
admin_users = {owner}
pool_mode = transaction
# The next one finds nothing of a session, whoever had it before.
server_reset_query = DISCARD ALL
server_reset_query_always = 1
"""


@dataclass
class PgBouncer:
    """Debian's pgbouncer; as a context it runs. Far fewer connections to the server than its clients have."""

    port: int = field(default_factory=free_port)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="bigledger-pooler-")))
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        known = connections["owner"].settings_dict
        self._name, self._owner, self._password = known["NAME"], known["USER"], known["PASSWORD"]
        self._host, self._server_port = known["HOST"], known["PORT"] or str(PORT)

    @property
    def environment(self) -> dict[str, str]:
        """Of a process that works through it. Roles are named after the database that the suite was given."""
        base = settings.DATABASE_ROLES["app"].removesuffix("_app")
        owner = f"postgresql://{quote(self._owner)}:{quote(self._password)}"
        through = f"{owner}@127.0.0.1:{self.port}"
        return {
            "FAST_PATH": "off",
            "DATABASE_URL": f"{through}/{base}",
            "DATABASE_COUNTERS_URL": f"{through}/{base}_counters",
            "DATABASE_DIRECT_URL": f"{owner}@{quote(self._host, safe='')}:{self._server_port}/{base}",
            "TEST_DATABASE_NAME": self._name,
        }

    def figures(self) -> dict[str, int]:
        """Transactions that went through, by database."""
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=self._owner,
            dbname="pgbouncer",
            autocommit=True,
            cursor_factory=psycopg.ClientCursor,
        ) as console:
            return {str(row[0]): int(row[1]) for row in console.execute("SHOW STATS_TOTALS")}

    def __enter__(self) -> PgBouncer:
        program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, "these tests need Debian's pgbouncer; .ci/run installs it"
        self.folder.chmod(0o755)
        self._write("pgbouncer.ini", _INI)
        # Its passwords are what it shows to the server.
        users = [connections[alias].settings_dict for alias in ("default", "worker", "owner")]
        self._write("users.txt", "".join(f'"{user["USER"]}" "{user["PASSWORD"]}"\n' for user in users))
        # It refuses to run as root; whoever the server runs as reaches its socket.
        host = Path(self._host)
        account = {"user": host.stat().st_uid if host.is_absolute() else "nobody"} if os.geteuid() == 0 else {}
        self.process = subprocess.Popen(
            [program, "-q", str(self.folder / "pgbouncer.ini")], stderr=subprocess.DEVNULL, **account
        )
        self._wait_until_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, name: str, text: str) -> None:
        filled = text.format(
            name=self._name, host=self._host, port=self._server_port, listen_port=self.port, folder=self.folder,
            owner=self._owner,
        ) if name.endswith(".ini") else text  # fmt: skip
        (self.folder / name).write_text(filled)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            assert self.process
            assert self.process.poll() is None, "PgBouncer ended"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("PgBouncer did not get ready")
