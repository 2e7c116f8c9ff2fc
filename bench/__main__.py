"""`make bench`: the API's posting rate as a share of the raw limit, and the trial balance at two sizes.

Environment: SEC seconds a run, RUNS rounds, CONNS connection counts, LINES the two sizes of the books.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SECONDS = float(os.environ.get("SEC", "4"))
RUNS = int(os.environ.get("RUNS", "5"))
CONNECTIONS = [int(word) for word in os.environ.get("CONNS", "1 8 32").split()]
LINES = [int(word) for word in os.environ.get("LINES", "20000 2000000").split()]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    with _private_home():
        import django

        django.setup()
        from bench import report, run

        measured = run.everything(seconds=SECONDS, runs=RUNS, connections=CONNECTIONS, lines=LINES)
    text = report.render(measured)
    print(text)
    if arguments.write:
        report.write(text)


@contextmanager
def _private_home() -> Iterator[None]:
    """A new home on free ports, in the environment before the settings are read; removed at the end."""
    home = tempfile.mkdtemp(prefix="bigledger-bench-")
    Path(home).chmod(0o711)  # as root, the database's own user has to pass through
    ports = _free_ports(2)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "bigledger.settings",
        "BIGLEDGER_HOME": home,
        "BIGLEDGER_ENVIRONMENT": "sandbox",
        "DATABASE_URL": "",
        "PORT": str(ports[0]),
        "WS_PORT": str(ports[1]),
    }
    try:
        yield
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _free_ports(count: int) -> Sequence[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


if __name__ == "__main__":
    main()
