"""A Redis of the suite's own."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest
from redis import Redis, RedisError

from tests.running import free_port

_START_TIMEOUT_SECONDS = 20


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """On a loopback port, gone with the suite."""
    program = shutil.which("redis-server")
    assert program, "these tests need Debian's redis-server; .ci/run installs it"
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path_factory.mktemp("redis"))]
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as server:
        try:
            _wait_until_ready(Redis(port=port))
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def _wait_until_ready(client: Redis) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        try:
            client.ping()
            return
        except RedisError:
            time.sleep(0.02)
    raise RuntimeError("Redis did not get ready")
