"""A private home for a run of the bench: nothing here knows Django, whose settings are read after it."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def private_home() -> Iterator[None]:
    """A new home on free ports, in the environment before the settings are read; removed at the end."""
    home = tempfile.mkdtemp(prefix="bigledger-bench-")
    Path(home).chmod(0o711)  # as root, the database's own user has to pass through
    ports = free_ports(2)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "bigledger.settings",
        "BIGLEDGER_HOME": home,
        "BIGLEDGER_ENVIRONMENT": "sandbox",
        "DATABASE_URL": "",
        "PORT": str(ports[0]),
        "WS_PORT": str(ports[1]),
        "METRICS_TOKEN": "bench",
    }
    try:
        yield
    finally:
        shutil.rmtree(home, ignore_errors=True)


def free_ports(count: int) -> Sequence[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
