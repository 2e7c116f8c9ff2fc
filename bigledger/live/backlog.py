"""What waits to be sent to one client: in order, and bounded."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

# Beyond either, the client is too slow: it is closed with 4410 and resumes by `seq`.
MOST_MESSAGES = 1_000
MOST_BYTES = 1024 * 1024

logger = structlog.get_logger(__name__)


class Backlog:
    """`send` returns once the client's connection has taken the text. `on_slow` is called once at most."""

    def __init__(self, send: Callable[[str], Awaitable[None]], on_slow: Callable[[], None]) -> None:
        self._send, self._on_slow = send, on_slow
        self._waiting: deque[tuple[str, int]] = deque()  # with the one that is being sent
        self._bytes = 0
        self._sender: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._room.set()
        self.is_closed = False

    def put(self, text: str, size: int | None = None) -> None:
        """`size` is that of the text in bytes. A text goes in even if it alone is larger than what may wait."""
        if self.is_closed:
            return
        if len(self._waiting) >= MOST_MESSAGES or self._bytes > MOST_BYTES:
            self.close()
            self._on_slow()
            return
        size = len(text.encode()) if size is None else size
        self._waiting.append((text, size))
        self._bytes += size
        if not self._is_half_empty():
            self._room.clear()
        if self._sender is None:
            self._sender = asyncio.get_running_loop().create_task(self._drain())

    @property
    def has_room(self) -> bool:
        return self._room.is_set()

    async def room(self) -> None:
        """Waits until the client has taken half of what may wait, or is gone."""
        await self._room.wait()

    def close(self) -> None:
        """Forgets what waits."""
        self.is_closed = True
        self._waiting.clear()
        self._bytes = 0
        self._room.set()

    def _is_half_empty(self) -> bool:
        return len(self._waiting) <= MOST_MESSAGES // 2 and self._bytes <= MOST_BYTES // 2

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._send(self._waiting[0][0])
                if self.is_closed:
                    return
                self._bytes -= self._waiting.popleft()[1]
                if self._is_half_empty():
                    self._room.set()
        except Exception as fault:  # noqa: BLE001 - granian has several for a client that has gone
            logger.debug("socket_not_written", error=repr(fault))
            self.close()
        finally:
            self._sender = None
