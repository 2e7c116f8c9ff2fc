"""A Redis of the suite's own, on a loopback port, that can be cut off in every way."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis, RedisError

from tests.running import free_port
from webhooks.apps import DELIVERIES

_START_TIMEOUT_SECONDS = 20


@dataclass
class RedisServer:
    """Debian's redis-server; it keeps nothing on disk, so that what it forgets when it is killed is everything."""

    folder: Path
    port: int = field(default_factory=free_port)
    over_socket: bool = False  # a socket in the file system is what `url` says then
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}" if self.over_socket else f"redis://127.0.0.1:{self.port}/0"

    @property
    def _socket(self) -> Path:
        return self.folder / "redis.sock"

    @property
    def client(self) -> Redis:
        return Redis(port=self.port)

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program, "these tests need Debian's redis-server; .ci/run installs it"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        options += ["--unixsocket", str(self._socket)] if self.over_socket else []
        self.process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            try:
                self.client.ping()
                return
            except RedisError:
                time.sleep(0.02)
        raise RuntimeError("Redis did not get ready")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def hang(self) -> None:
        """It still takes connections, as the kernel does that, and answers none."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def tasks(self) -> list[Any]:
        """The messages that wait in the queue of deliveries, as they were sent."""
        return list(self.client.lrange(DELIVERIES, 0, -1))  # type: ignore[arg-type]
