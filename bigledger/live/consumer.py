"""What both protocols share: limits, time-outs, authentication, the backlog, and the subscriptions of a socket.

Close codes: 1009 the message is too long; 1013 the database does not answer; 4400 the message is not part of the
protocol; 4401 the credential is not valid, or no longer valid; 4408 no authentication came in time; 4410 the client is
too slow; 4429 there are too many sockets.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import Any, cast

import structlog
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import Error

from bigledger import errors, exact_json
from bigledger.access.principal import Principal
from bigledger.live.backlog import Backlog
from bigledger.live.credentials import Bearer, Credential, admitted, session_of
from bigledger.live.sockets import TooMany, sockets
from bigledger.live.threads import CREDENTIALS

AUTH_TIMEOUT_SECONDS = 10
MOST_CHARACTERS = 64 * 1024
MOST_CHARACTERS_UNAUTHENTICATED = 10 * 1024  # with the longest credential

logger = structlog.get_logger(__name__)


class SocketConsumer(AsyncWebsocketConsumer, ABC):
    """One caller's socket. A protocol says what its messages are."""

    subprotocol: str | None = None
    refused_code = 4401
    late_reason = "Authenticate first"
    malformed_reason = "The message must be a JSON object with a type"

    principal: Principal | None = None
    credential: Credential | None = None
    client = address = ""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.headers: dict[str, str] = {}
        self.backlog = Backlog(self._write, self.end_slow)
        self._tasks: set[asyncio.Task[None]] = set()
        self._deadline: asyncio.TimerHandle | None = None
        self._receiving: asyncio.Future[Any] | None = None
        self._is_closing, self._closed = False, asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """However it ends, nothing of the socket stays."""
        self._receive = receive
        try:
            await super().__call__(scope, self._next_message, send)
        finally:
            self._release()

    async def _next_message(self) -> Any:
        """granian's next message; a disconnect as soon as we have closed the socket."""
        if not self._is_closing:
            self._receiving = asyncio.ensure_future(self._receive())
            try:
                return await self._receiving
            except asyncio.CancelledError:
                if not self._is_closing:
                    raise
        await self._closed.wait()
        return {"type": "websocket.disconnect", "code": 1000}

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:  # noqa: FBT001
        """Closes the socket, once. granian sends a close only while nobody receives (docs/adr/0111)."""
        if self._is_closing:
            return
        self._is_closing = True
        self.backlog.close()
        if self._receiving:
            self._receiving.cancel()
        try:
            await super().close(code, reason)
        finally:
            self._closed.set()

    async def connect(self) -> None:
        peer = self.scope.get("client") or ["", 0]
        self.client, self.address = f"{peer[0]}:{peer[1]}", cast(Any, self.scope)["caller"]
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.scope["headers"]}
        await self.accept(self.subprotocol)
        try:
            sockets.opened(self)
        except TooMany as fault:
            await self.close(4429, str(fault))
            return
        self._deadline = asyncio.get_running_loop().call_later(
            AUTH_TIMEOUT_SECONDS, sockets.end_soon, self, 4408, self.late_reason
        )
        await self.opened()

    def _release(self) -> None:
        sockets.closed(self)
        if self._deadline:
            self._deadline.cancel()
        self.backlog.close()
        for task in tuple(self._tasks):
            task.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if len(text_data or "") > (MOST_CHARACTERS if self.principal else MOST_CHARACTERS_UNAUTHENTICATED):
            await self.close(1009, "The message is too long")
            return
        try:
            message = exact_json.decode_request((text_data or "").encode())
            kind = message["type"]
        except (ValueError, TypeError, KeyError):
            kind = None
        if not isinstance(kind, str):
            await self.close(4400, self.malformed_reason)
            return
        try:
            await self.received(kind, message)
        except Exception:  # whatever it is, the client must not wait for an answer
            logger.exception("socket_message_failed")
            self.fail()

    # -- what a protocol says ----------------------------------------------------------------------------------

    async def opened(self) -> None:
        """The socket is open; the caller is not known yet."""

    @abstractmethod
    async def received(self, kind: str, message: dict[str, Any]) -> None:
        """A message with this type."""

    @abstractmethod
    def admitted(self, seq: int) -> None:
        """The caller is known; `seq` is the last event of the tenant's log."""

    def ping(self) -> None:
        self.put({"type": "ping"})

    # -- what a protocol uses ----------------------------------------------------------------------------------

    def put(self, message: dict[str, Any]) -> None:
        self.backlog.put(exact_json.encode(message).decode())

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs beside the messages; ends with the socket."""
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def credential_of(self, header: str | None) -> Credential | None:
        """That of the message, else that of the handshake, else the session of one of our pages."""
        header = header or self.headers.get("authorization")
        return Bearer(header, self.address) if header else session_of(self.headers)

    async def authenticate(self, credential: Credential | None) -> None:
        """Ends in `admitted`, or in a closed socket."""
        try:
            if credential is None:
                raise errors.AuthenticationFailed
            principal, seq = await CREDENTIALS.run(admitted, credential)
            sockets.authenticated(self, principal, credential)
        except TooMany as fault:
            await self.close(4429, str(fault))
        except errors.ApiError:
            await sockets.slow_down(self.address)
            await self.close(self.refused_code, "The credential is not valid")
        except Error as fault:
            await self.end_without_database(fault)
        else:
            if self._deadline:
                self._deadline.cancel()
            self.admitted(seq)

    def fail(self) -> None:
        """Something of ours has failed: the client connects again and resumes."""
        sockets.end_soon(self, 1011, "An internal error occurred")

    def end_slow(self) -> None:
        """The client takes too little of what it asked for."""
        sockets.end_soon(self, 4410, "Too slow; resume after the last seq", settings.SERVER_UNREAD_SECONDS)

    async def end_without_database(self, fault: Error) -> None:
        logger.warning("socket_without_database", error=str(fault))
        await self.close(1013, "The database does not answer; try again")

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:  # whatever it is, the client must not wait for it
            logger.exception("socket_task_failed")
            self.fail()

    async def _write(self, text: str) -> None:
        await self.send(text_data=text)
