"""A Redis of the suite's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.redis_server import RedisServer


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """On a loopback port, gone with the suite."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    try:
        server.start()
        yield server.url
    finally:
        server.kill()


def bearer(key: str) -> dict[str, str]:
    """The header that a key is sent in."""
    return {"authorization": f"Bearer {key}"}
