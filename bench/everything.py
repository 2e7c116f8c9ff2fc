"""One `manage.py up` with everything on, in a home and on ports of its own, as somebody at its terminal sees it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.home import free_ports
from bigledger import children

PROJECT = Path(__file__).resolve().parent.parent
START_TIMEOUT_SECONDS = 120


class Everything:
    """The supervisor's process, its children, and an enterprise tenant of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        port, ws_port = free_ports(2)
        self.port, self.ws_port = port, ws_port
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bigledger.settings",
            "BIGLEDGER_ENVIRONMENT": "sandbox",
            "BIGLEDGER_HOME": str(home),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "PORT": str(port),
            "WS_PORT": str(ws_port),
        }
        self.output = (home / "up.out").open("w+b")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=PROJECT,
            env=self.environment,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while "Ctrl-C" not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"it did not start: {self.said()[-2000:]}")
            time.sleep(0.1)

    def said(self) -> str:
        """What it has printed."""
        return (self.home / "up.out").read_text(errors="replace")

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=PROJECT, env=self.environment, capture_output=True, text=True, check=False, timeout=600
        )

    def new_tenant(self) -> str:
        """Its key."""
        made = self.manage("create_tenant", "Load", "--owner", "load@example.com", "--plan", "enterprise", "--json")
        key: str = json.loads(made.stdout)["api_key"]
        return key

    def children(self) -> dict[str, Any]:
        """What /readyz says of them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)["children"]
            return told

    def pids(self, kind: str) -> list[int]:
        """The child of this name, then its own children."""
        child = children.read(self.home).get(kind)
        if child is None or child.pid is None:
            return []
        listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        rows = [(int(pid), int(parent)) for pid, parent in map(str.split, listing.splitlines())]
        return [child.pid, *(pid for pid, parent in rows if parent == child.pid)]

    def restarted(self, kind: str, before: int) -> bool:
        with suppress(OSError, urllib.error.URLError):
            told = self.children()[kind]
            return bool(told["up"] and told["restarts"] > before)
        return False

    def stop(self) -> int:
        """Its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self.output.close()


@contextmanager
def everything() -> Iterator[Everything]:
    """Up and running; stopped and removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="bigledger-load-"))
    home.chmod(0o711)  # as root, the database's own user has to pass through
    running = Everything(home)
    try:
        running.wait_until_up()
        yield running
    finally:
        running.stop()
        shutil.rmtree(home, ignore_errors=True)
