"""Taking the body of a request: whole, within a time, and at a cost that is bounded before it is spent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterable, Awaitable, Callable, Hashable
from dataclasses import dataclass

from bigledger import errors

SMALL_BYTES = 32 * 1024  # granian hands over as much in one go; no room is asked for
_DRAIN_BYTES = 32 * 1024 * 1024
_DRAIN_SECONDS = 5


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """A body must come within `seconds`, and one second more for each `bytes_per_second` that have come.

    `stranger_bytes` is for who brings no credential of the API: such a caller sends forms.
    """

    seconds: float = 10.0
    bytes_per_second: int = 64 * 1024
    most_bytes: int = 5 * 1024 * 1024
    stranger_bytes: int = 256 * 1024


@dataclass(slots=True)
class _Waiting:
    who: Hashable
    size: int
    turn: asyncio.Future[None]


class Room:
    """Bytes for bodies on their way and at work: `total` of everybody's, `share` of one caller's.

    Who finds no room waits, with nothing read of the body, so that one caller's bodies never use up another's room.
    """

    def __init__(self, total: int, share: int, wait_seconds: float) -> None:
        self._free = total
        self._share = share
        self._wait_seconds = wait_seconds
        self._taken: Counter[Hashable] = Counter()
        self._waiting: list[_Waiting] = []

    async def take(self, who: Hashable, size: int) -> None:
        """Raises ServiceUnavailable when no room came free in time."""
        if not self._waiting and self._fits(who, size):
            self._give(who, size)
            return
        waiting = _Waiting(who, size, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._wake()  # the others may wait for room of their own share only
        try:
            async with asyncio.timeout(self._wait_seconds):
                await waiting.turn
        except TimeoutError:
            raise errors.ServiceUnavailable("Too many large request bodies at once; try again") from None
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def give_back(self, who: Hashable, size: int) -> None:
        self._free += size
        self._taken[who] -= size
        if self._taken[who] <= 0:
            del self._taken[who]
        self._wake()

    def _fits(self, who: Hashable, size: int) -> bool:
        return size <= self._free and self._taken[who] + size <= self._share

    def _give(self, who: Hashable, size: int) -> None:
        self._free -= size
        self._taken[who] += size

    def _wake(self) -> None:
        for waiting in list(self._waiting):
            if not waiting.turn.done() and self._fits(waiting.who, waiting.size):
                self._give(waiting.who, waiting.size)
                waiting.turn.set_result(None)
                self._waiting.remove(waiting)


async def read(
    pieces: AsyncIterable[bytes],
    limits: BodyLimits,
    *,
    most: int,
    expected: int | None,
    before_more: Callable[[], Awaitable[None]] | None = None,
) -> bytes:
    """The whole body. `expected` is its announced length; None when it comes in chunks.

    `before_more` is awaited, outside the deadline, before more than SMALL_BYTES of a chunked body are kept.
    Raises PayloadTooLarge, RequestTimeout, and ValidationFailed for a body that ends early.
    """
    loop = asyncio.get_running_loop()
    kept: list[bytes] = []
    size = ends = 0
    began = loop.time()
    try:
        async with asyncio.timeout(limits.seconds) as deadline:
            async for piece in pieces:
                kept.append(piece)
                size += len(piece)
                ends += not piece  # granian: an empty piece is the end, a second one says that it came too early
                if size > most:
                    raise too_large(most)
                if before_more and size > SMALL_BYTES:
                    deadline.reschedule(None)
                    asked = loop.time()
                    await before_more()
                    began += loop.time() - asked
                    before_more = None
                deadline.reschedule(began + limits.seconds + size / limits.bytes_per_second)
    except TimeoutError:
        raise errors.RequestTimeout("The request body was not received in time") from None
    if ends > 1 or expected not in (None, size):
        raise ended_early()
    return b"".join(kept)


async def drain(pieces: AsyncIterable[bytes]) -> None:
    """Reads on after a refusal, for a moment: whoever is still sending gets to see the answer."""
    size = 0
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for piece in pieces:
                size += len(piece)
                if size > _DRAIN_BYTES:
                    return
    except (TimeoutError, RuntimeError, OSError):  # the client has gone, or sends too slowly to be waited for
        return


def too_large(most: int) -> errors.PayloadTooLarge:
    return errors.PayloadTooLarge(f"The request body must not exceed {most} bytes")


def ended_early() -> errors.ValidationFailed:
    return errors.ValidationFailed("The request body ended before its announced length")
