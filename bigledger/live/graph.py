"""The protocol `graphql-transport-ws` (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).

Beyond its document: `connection_ack` says tenant and seq, and a `next` of a subscription says the event's seq under
`extensions`, so that a client knows where to resume (`after`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from django.db import Error

from bigledger import exact_json, ids
from bigledger.errors import ApiError, Detail, ValidationFailed
from bigledger.graphql.execution import Answer
from bigledger.graphql.failures import raised
from bigledger.live.backlog import MOST_MESSAGES
from bigledger.live.consumer import SocketConsumer
from bigledger.live.documents import Document, NotBegun, Watched, begin, results
from bigledger.live.log import LogEvent
from bigledger.live.streams import Follower, streams
from bigledger.live.threads import DOCUMENTS

MOST_OPERATIONS = 50  # of one socket at once
_FEW_EVENTS = 100
_MOST_MESSAGE = f"A socket has at most {MOST_OPERATIONS} operations at once."
_TOO_MANY = ValidationFailed(_MOST_MESSAGE, [Detail(_MOST_MESSAGE, limit="operations", code="limit_exceeded")])


class Operation(Follower):
    """One subscription of a socket. Events wait here for their results."""

    def __init__(self, socket: GraphConsumer, name: str, watched: Watched) -> None:
        assert socket.principal  # noqa: S101 - operations come after authentication
        self.tenant_id = socket.principal.tenant.id
        self.socket, self.name, self.watched = socket, name, watched
        self._events: deque[LogEvent] = deque()
        self._come, self._few = asyncio.Event(), asyncio.Event()
        self._few.set()

    def types(self) -> frozenset[str]:
        assert self.socket.principal  # noqa: S101
        return self.watched.types(self.socket.principal)

    @property
    def has_room(self) -> bool:
        return self._few.is_set() and self.socket.backlog.has_room

    async def room(self) -> None:
        await self._few.wait()
        await self.socket.backlog.room()

    def take(self, event: LogEvent) -> None:
        if not self.watched.is_about(event):
            return
        if len(self._events) >= MOST_MESSAGES:
            self.socket.end_slow()
            return
        self._events.append(event)
        self._come.set()
        if len(self._events) > _FEW_EVENTS:
            self._few.clear()

    async def send(self) -> None:
        """Sends the result of each event, in order, for ever."""
        while True:
            await self._come.wait()
            self._come.clear()
            while self._events:
                assert self.socket.principal  # noqa: S101
                payload = await results.of(self.watched, self._events[0], self.socket.principal)
                self.socket.put_next(self.name, payload)
                self._events.popleft()
                if len(self._events) <= _FEW_EVENTS:
                    self._few.set()

    def fail(self) -> None:
        self.socket.fail()


class GraphConsumer(SocketConsumer):
    """A socket with the subprotocol `graphql-transport-ws`."""

    subprotocol = "graphql-transport-ws"
    refused_code = 4403
    late_reason = "Connection initialisation timeout"
    malformed_reason = "Invalid message received"

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.operations: dict[str, asyncio.Task[None]] = {}
        self._is_initialised = False

    def admitted(self, seq: int) -> None:
        assert self.principal  # noqa: S101 - it was just set
        self.put({"type": "connection_ack", "payload": {"tenant": str(self.principal.tenant.id), "seq": seq}})

    def put_next(self, name: str, payload: str) -> None:
        """`payload` is JSON."""
        self.backlog.put(f'{{"id":{exact_json.encode(name).decode()},"type":"next","payload":{payload}}}')

    async def received(self, kind: str, message: dict[str, Any]) -> None:
        payload = message.get("payload")
        if not isinstance(payload, dict | None):
            await self.close(4400, self.malformed_reason)
            return
        match kind:
            case "connection_init":
                await self._initialise(payload or {})
            case "ping":
                self.put({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message.get("id"), payload or {})
            case "complete" if isinstance(message.get("id"), str):
                if task := self.operations.pop(message["id"], None):
                    task.cancel()
            case _:
                await self.close(4400, self.malformed_reason)

    async def _initialise(self, payload: dict[str, Any]) -> None:
        if self._is_initialised:
            await self.close(4429, "Too many initialisation requests")
            return
        self._is_initialised = True
        header = payload.get("Authorization") or payload.get("authorization")
        await self.authenticate(self.credential_of(None if header is None else str(header)))

    async def _subscribe(self, name: Any, payload: dict[str, Any]) -> None:
        document = _document(payload)
        if not isinstance(name, str) or not name or document is None:
            await self.close(4400, self.malformed_reason)
        elif self.principal is None:
            await self.close(4401, "Unauthorized")
        elif name in self.operations:
            await self.close(4409, f"Subscriber for {name[:80]} already exists")
        elif len(self.operations) >= MOST_OPERATIONS:
            self._put_errors(name, [raised(_TOO_MANY, ids.new_request_id())])
        else:
            self.operations[name] = self.spawn(self._run(name, document))

    async def _run(self, name: str, document: Document) -> None:
        assert self.credential  # noqa: S101 - checked by the caller of this
        try:
            begun = await DOCUMENTS.run(begin, document, self.credential)
            if isinstance(begun, Answer):
                self.put_next(name, exact_json.encode(begun.body).decode())
                self.put({"id": name, "type": "complete"})
            else:
                await self._follow(name, begun)
        except NotBegun as refusal:
            self._put_errors(name, refusal.errors)
        except Error as fault:
            await self.end_without_database(fault)
        finally:
            if self.operations.get(name) is asyncio.current_task():
                del self.operations[name]

    async def _follow(self, name: str, watched: Watched) -> None:
        operation = Operation(self, name, watched)
        sending = self.spawn(operation.send())
        try:
            async with streams.followed(operation, watched.after, lambda _: None):
                await sending
        except ApiError as fault:
            raise NotBegun([raised(fault, ids.new_request_id())]) from None
        finally:
            sending.cancel()

    def _put_errors(self, name: str, errors: list[dict[str, Any]]) -> None:
        self.put({"id": name, "type": "error", "payload": errors})


def _document(payload: dict[str, Any]) -> Document | None:
    """None for what is no payload of `subscribe`."""
    text, variables, name = payload.get("query"), payload.get("variables"), payload.get("operationName")
    if isinstance(text, str) and isinstance(variables, dict | None) and isinstance(name, str | None):
        return Document(text, variables, name)
    return None
