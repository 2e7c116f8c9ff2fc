"""`python tests/on_postgres15.py ARGUMENTS`: pytest with them, on Debian's PostgreSQL 15, not the embedded server.

The cluster is private to the run: in a temporary folder, on a socket there, gone at the end. As root it runs as
whoever PostgreSQL's package or the system has for such things, since PostgreSQL refuses root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

PROGRAMS = Path(os.environ.get("POSTGRES15_BIN", "/usr/lib/postgresql/15/bin"))
USERS = ("postgres", "nobody")


def account() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    for name in USERS:
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    sys.exit("there is no user to run PostgreSQL as")


def run(*command: str | Path, **more: Any) -> None:
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, **more)


def main() -> int:
    if not (PROGRAMS / "initdb").exists():
        sys.exit(f"there is no PostgreSQL 15 in {PROGRAMS}; .ci/run installs Debian's, POSTGRES15_BIN names another")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and the server with it
    folder = Path(tempfile.mkdtemp(prefix="bigledger-pg15-"))
    who = account()
    if who:
        os.chown(folder, who["user"], who["group"])
    data = folder / "data"
    try:
        run(PROGRAMS / "initdb", f"--pgdata={data}", "--username=postgres", "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-sync", **who)  # fmt: skip
        # Nobody needs what is in it after a crash.
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c max_connections=300 -c fsync=off"
        control = [PROGRAMS / "pg_ctl", f"--pgdata={data}", "--wait"]
        run(*control, f"--log={folder / 'log'}", f"--options={options}", "start", **who)
        try:
            psql = [PROGRAMS / "psql", f"--host={folder}", "--username=postgres", "--command"]
            run(*psql, "CREATE ROLE ledger_owner LOGIN CREATEROLE CREATEDB", **who)
            # Tests plant faults past the triggers, which only a superuser may otherwise.
            run(*psql, "GRANT SET ON PARAMETER session_replication_role TO ledger_owner", **who)
            url = f"postgresql://ledger_owner@{quote(str(folder), safe='')}:5432/books"
            command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
            return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode
        finally:
            run(*control, "--mode=immediate", "stop", **who)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
