"""The logs that sockets follow: each is read once for all of them, and only while somebody follows it.

A follower has a position: it has had every event up to there. It reads the log by itself until it has come to the
position of its tenant's stream, and joins the stream in the same step, so that nothing is skipped or doubled between
the two.
"""

from __future__ import annotations

import asyncio
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

import structlog
from django.db import Error

from bigledger.errors import ValidationFailed
from bigledger.live.listener import Listener
from bigledger.live.log import LogEvent, Page, head_of, page_after
from bigledger.live.threads import LOG

_AGAIN_SECONDS = 0.5
# After a page, the stream waits so long for followers that have not taken enough of it.
_PACE_SECONDS = 0.25

T = TypeVar("T")
logger = structlog.get_logger(__name__)


class Follower(ABC):
    """What one subscription does with the log. `position` is None until it follows."""

    tenant_id: uuid.UUID
    position: int | None = None
    is_late = False

    @abstractmethod
    def types(self) -> frozenset[str]:
        """The types of events that it takes now."""

    @abstractmethod
    def take(self, event: LogEvent) -> None:
        """The next event of such a type."""

    @property
    @abstractmethod
    def has_room(self) -> bool:
        """Whether it takes another page of events now."""

    @abstractmethod
    async def room(self) -> None:
        """Waits until there is room for a page of events."""

    @abstractmethod
    def fail(self) -> None:
        """The stream has ended by a fault of ours: there will be no further event."""

    def offer(self, event: LogEvent) -> None:
        """Events come in order; what lies before the position was taken already."""
        if self.position is not None and event.seq > self.position:
            self.position = event.seq
            if event.type in self.types():
                self.take(event)


class Stream:
    """One tenant's log. `seq` is how far those who follow it live have had it; `members` are these, and those who are
    still catching up."""

    def __init__(self, tenant_id: uuid.UUID) -> None:
        self.tenant_id = tenant_id
        self.seq = self._head = 0
        self.members: set[Follower] = set()
        self._live: set[Follower] = set()
        self.started = asyncio.Event()
        self._grown = asyncio.Event()
        self._has_gap = False
        self._catching_up = asyncio.Lock()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def grew(self, seq: int) -> None:
        if seq > self._head:
            self._head = seq
            self._grown.set()

    def gap(self) -> None:
        """Notifications may have been missed."""
        self._has_gap = True
        self._grown.set()

    async def follow(self, follower: Follower, after: int | None, on_started: Callable[[int], None]) -> None:
        """Brings the follower to the end of the log, and leaves it there. `on_started` gets its first position, which
        is the end of the log without `after`. Raises ValidationFailed for an `after` beyond the end."""
        await self.started.wait()
        if after is not None and after > self.seq:
            end = await persistent(partial(LOG.run, head_of, self.tenant_id))
            if after > end:
                raise ValidationFailed.at("after", f"The last event of the log is {end}.", "too_large")
        position = self.seq if after is None else after
        follower.position = position
        on_started(position)
        while follower.position < self.seq:
            await follower.room()
            page = await self._page(follower.position, follower.types())
            for event in page.events:
                follower.offer(event)
            follower.position = page.upto
        self._live.add(follower)

    def leave(self, follower: Follower) -> None:
        self.members.discard(follower)
        self._live.discard(follower)
        if not self.members:
            self._task.cancel()

    async def _page(self, after: int, types: Iterable[str]) -> Page:
        """One after the other, so that those who catch up in one tenant hold one thread."""
        async with self._catching_up:
            return await persistent(partial(LOG.run, page_after, self.tenant_id, after, types))

    async def _run(self) -> None:
        try:
            await self._read_on()
        except Exception:  # whatever it is, nobody may wait for events that do not come
            logger.exception("stream_failed")
            for follower in tuple(self.members):
                follower.fail()

    async def _read_on(self) -> None:
        first = await persistent(partial(LOG.run, head_of, self.tenant_id))
        self.seq = first
        self._head = max(self._head, first)
        self.started.set()
        while True:
            await self._grown.wait()
            self._grown.clear()
            while self._has_gap or self.seq < self._head:
                known = None if self._has_gap else self._head
                self._has_gap = False
                page = await persistent(partial(LOG.run, page_after, self.tenant_id, self.seq, None, known))
                self._head = max(self._head, page.head)
                self._deliver(page)
                await self._pace()

    def _deliver(self, page: Page) -> None:
        for event in page.events:
            for follower in tuple(self._live):
                follower.offer(event)
        self.seq = page.upto

    async def _pace(self) -> None:
        """Lets followers send what they have, and waits for none of them twice."""
        waited_for = {}
        for follower in self._live:
            if follower.has_room:
                follower.is_late = False
            elif not follower.is_late:
                waited_for[asyncio.ensure_future(follower.room())] = follower
        if waited_for:
            _, pending = await asyncio.wait(waited_for, timeout=_PACE_SECONDS)
            for task in pending:
                waited_for[task].is_late = True
                task.cancel()


class Streams:
    """The streams of this process, by tenant."""

    def __init__(self) -> None:
        self._streams: dict[uuid.UUID, Stream] = {}
        self._listener: Listener | None = None

    def start(self) -> None:
        """Begins to listen; called in the event loop."""
        loop = asyncio.get_running_loop()
        self._listener = Listener(
            lambda tenant, seq: _in_loop(loop, self._grew, tenant, seq), lambda: _in_loop(loop, self._gap)
        )
        self._listener.start()

    def stop(self) -> None:
        if self._listener:
            self._listener.end()

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def followers(self) -> int:
        """How many there are that have a position."""
        return sum(one.position is not None for stream in self._streams.values() for one in stream.members)

    @asynccontextmanager
    async def followed(
        self, follower: Follower, after: int | None, on_started: Callable[[int], None]
    ) -> AsyncIterator[None]:
        """The follower has come to the end of the log, and gets what is added as long as this lasts."""
        tenant_id = follower.tenant_id
        stream = self._streams.get(tenant_id)
        if stream is None:
            stream = self._streams[tenant_id] = Stream(tenant_id)
        stream.members.add(follower)
        try:
            await stream.follow(follower, after, on_started)
            yield
        finally:
            stream.leave(follower)
            if not stream.members:
                del self._streams[tenant_id]

    def _grew(self, tenant_id: uuid.UUID, seq: int) -> None:
        if stream := self._streams.get(tenant_id):
            stream.grew(seq)

    def _gap(self) -> None:
        for stream in self._streams.values():
            stream.gap()


def _in_loop(loop: asyncio.AbstractEventLoop, work: Callable[..., None], *arguments: object) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(work, *arguments)


async def persistent(ask: Callable[[], Awaitable[T]]) -> T:
    """What the database answers, as soon as it answers."""
    while True:
        try:
            return await ask()
        except Error as fault:
            logger.warning("log_not_read", error=str(fault))
            await asyncio.sleep(_AGAIN_SECONDS)


streams = Streams()
