"""States: figures that sockets watch. Each is read once for all of a tenant's sockets, when the tenant's log has grown,
and sent as what of it has changed.

A state has a tag. A change names the tag of the state that it was made from, so that nobody puts it on another one.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

import structlog
from django.utils.module_loading import import_string
from msgspec import structs

from bigledger import exact_json
from bigledger.access.principal import Principal
from bigledger.api.bodies import Body, etag
from bigledger.apps import State, business_apps
from bigledger.events.registry import event_types
from bigledger.live.log import LogEvent
from bigledger.live.streams import Follower, persistent, streams
from bigledger.live.threads import DOCUMENTS
from bigledger.tenants.context import tenant_context

STATES: Mapping[str, State] = {name: state for app in business_apps() for name, state in app.states.items()}
# Between two readings, and several times as long as a reading took: others work on the same machine. What happens in
# the meantime is in the next one.
SHORTEST_REST_SECONDS, LONGEST_REST_SECONDS = 0.2, 2.0
RESTS_PER_WORK = 9
# Without an event: a state may change with the day.
LONGEST_SECONDS = timedelta(minutes=1).total_seconds()


logger = structlog.get_logger(__name__)


class Watcher(Protocol):
    """A socket that watches a state."""

    principal: Principal | None

    def put_state(self, name: str, text: str) -> None: ...

    def fail(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """A state as it was read. `whole` is the message with all of it."""

    body: Body
    tag: str
    whole: str

    @classmethod
    def of(cls, name: str, body: Body) -> Reading:
        tag = etag(body, exact_json.encode(body), whole=True)
        message = {"type": "state", "name": name, "etag": tag, "data": body}
        return cls(body, tag, exact_json.encode(message).decode())

    def change(self, name: str, before: Reading) -> str:
        """The message of what is no longer as it was `before`."""
        members = {field.encode_name: field.name for field in structs.fields(self.body)}
        changed = {
            shown: value
            for shown, field in members.items()
            if (value := getattr(self.body, field)) != getattr(before.body, field)
        }
        message = {"type": "changed", "name": name, "from": before.tag, "etag": self.tag, "changed": changed}
        return exact_json.encode(message).decode()


class WatchedState(Follower):
    """One state of one tenant, for as long as a socket watches it."""

    has_room = True

    def __init__(self, tenant_id: uuid.UUID, name: str, on_end: Callable[[], None]) -> None:
        self.tenant_id, self.name = tenant_id, name
        self.watchers: set[Watcher] = set()
        self._on_end = on_end
        self._last: Reading | None = None
        self._grown = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def join(self, watcher: Watcher) -> None:
        self.watchers.add(watcher)
        if self._last:
            watcher.put_state(self.name, self._last.whole)

    def leave(self, watcher: Watcher) -> None:
        self.watchers.discard(watcher)
        if not self.watchers:
            self._task.cancel()
            self._on_end()

    # -- as a follower of the log: every event may have changed it ----------------------------------------------

    def types(self) -> frozenset[str]:
        return frozenset(one.name for one in event_types())

    def take(self, event: LogEvent) -> None:
        self._grown.set()

    async def room(self) -> None:
        return None

    def fail(self) -> None:
        for watcher in tuple(self.watchers):
            watcher.fail()

    async def _run(self) -> None:
        try:
            async with streams.followed(self, None, lambda _: None):
                while True:
                    await self._read_and_rest()
        except Exception:  # whatever it is, nobody may wait for changes that do not come
            logger.exception("state_failed", state=self.name)
            self.fail()

    async def _read_and_rest(self) -> None:
        """One reading, then a rest until the log has grown."""
        self._grown.clear()
        began = time.monotonic()
        self._send(Reading.of(self.name, await persistent(partial(DOCUMENTS.run, self._read))))
        took = time.monotonic() - began
        await asyncio.sleep(min(max(RESTS_PER_WORK * took, SHORTEST_REST_SECONDS), LONGEST_REST_SECONDS))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._grown.wait(), LONGEST_SECONDS)

    def _read(self) -> Body:
        with tenant_context(self.tenant_id):
            body: Body = import_string(STATES[self.name].read)()
            return body

    def _send(self, reading: Reading) -> None:
        before, self._last = self._last, reading
        if before and before.tag == reading.tag:
            return
        text = reading.change(self.name, before) if before else reading.whole
        for watcher in tuple(self.watchers):
            watcher.put_state(self.name, text)


class States:
    """The states that are watched in this process."""

    def __init__(self) -> None:
        self._watched: dict[tuple[uuid.UUID, str], WatchedState] = {}

    def __len__(self) -> int:
        return len(self._watched)

    def watch(self, watcher: Watcher, name: str) -> WatchedState:
        """The whole state is sent to the watcher, then each change, until it leaves. Raises PermissionDenied."""
        assert watcher.principal  # noqa: S101 - the caller has authenticated it
        watcher.principal.require("read", STATES[name].resource)
        key = watcher.principal.tenant.id, name
        found = self._watched.get(key)
        if found is None:
            found = self._watched[key] = WatchedState(*key, on_end=partial(self._ended, key))
        found.join(watcher)
        return found

    def _ended(self, key: tuple[uuid.UUID, str]) -> None:
        del self._watched[key]


states = States()
