"""A real API server on the suite's database, for tests that need real HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import connections

from bigledger.server import serving

ROOT = Path(__file__).parent.parent
# As a deployment has one.
STRONG_KEY = "kV3nQ9-wT1xZ7rB5sYc0hJ8mPfL2dUgE6aXoNiKuRzWt_q4M"
_START_TIMEOUT_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def api_server(
    target: str = "bigledger.rsgi:application",
    arguments: Sequence[str] = serving.ARGUMENTS,
    ready: str = "/readyz",
    port: int = 0,
    is_killed: bool = False,
    **environment: str,
) -> Iterator[str]:
    """Granian as `manage.py up` starts it, one process; yields its base URL and stops it, or kills it as it is."""
    port = port or free_port()
    command = [
        sys.executable, "-m", "granian", *arguments, "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--log-level", "warning", target,
    ]  # fmt: skip
    name = connections["default"].settings_dict["NAME"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        start_new_session=is_killed,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE_NAME": name,
            "API_THREADS": "8",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            **environment,
        },
    )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, f"{base}{ready}")
        yield base
    finally:
        if is_killed:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.send_signal(signal.SIGTERM)
        process.wait(20)


def wait_for(fact: Callable[[], bool], seconds: float = 60) -> None:
    """Until `fact` is so, as another process makes it."""
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.05)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the API server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the API server did not get ready")
