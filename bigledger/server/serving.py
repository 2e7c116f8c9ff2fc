"""How granian is started: the arguments that `manage.py up`, the tests and the measurements share."""

from __future__ import annotations

from django.conf import settings

CONNECTIONS = 2048  # of each process; beyond them, new ones wait in the kernel

_SHARED = [
    "--http", "1",  # with "auto" a connection that never says a word is never closed
    "--http1-header-read-timeout", str(settings.SERVER_HEADER_SECONDS * 1000),
    "--http1-buffer-size", "65536",
    "--backpressure", str(CONNECTIONS),
    "--workers-kill-timeout", "10",
]  # fmt: skip
# uvloop would gain nothing: hardly anything runs in the loop.
ARGUMENTS = [*_SHARED, "--interface", "rsgi", "--loop", "asyncio", "--no-ws"]
SOCKET_ARGUMENTS = [*_SHARED, "--interface", "asgi", "--loop", "asyncio"]
