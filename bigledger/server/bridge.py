"""RSGI outside, WSGI inside: a thread is given to a request when its body is whole, and to nobody's network.

A request without a body, or with a small one, is passed on without a task of the event loop (`take`, reached through
`shortcut.py`); every other one is read in a task.
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import AsyncIterator, Callable, Hashable, Iterable
from typing import Any, Protocol

import structlog

from bigledger import errors
from bigledger.server import bodies
from bigledger.server.connections import Connections
from bigledger.server.environ import Environ, Scope, SentFile, WsgiApplication, address_of, environ_of
from bigledger.server.pool import Pool
from bigledger.server.refusals import refusal

_LOOK_SECONDS = 0.5
_MIB = 1024 * 1024

logger = structlog.get_logger(__name__)


class Incoming(Protocol):
    """granian's future of a small body, whole."""

    def cancel(self) -> bool: ...
    def result(self) -> bytes: ...
    def add_done_callback(self, callback: Callable[[Any], None]) -> None: ...


class Proto(Protocol):
    """granian's handle of one request: its body comes in, its answer goes out."""

    def __call__(self) -> Incoming: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...
    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None: ...


class Admission(Protocol):
    """Whose share a large body counts to; None when nobody believes the caller. Runs in a thread of the pool."""

    def __call__(self, environ: Environ) -> Hashable | None: ...


class NotRead:
    """In place of a body that was not taken. Who was to be refused without it, and is not, may not go on either."""

    def read(self, size: int = -1) -> bytes:
        raise errors.ServiceUnavailable("The request body was not read; try again")

    readline = readlines = read


class Arrived:
    """What granian calls when a small body is there or will never be."""

    __slots__ = ("began", "bridge", "proto", "scope")

    def __init__(self, bridge: Bridge, scope: Scope, proto: Proto) -> None:
        self.bridge, self.scope, self.proto, self.began = bridge, scope, proto, time.perf_counter()

    def __call__(self, body: Incoming) -> None:
        bridge = self.bridge
        bridge.coming.pop(body, None)
        try:
            whole = body.result()
        except asyncio.CancelledError:
            bridge.refuse(self.scope, self.proto, bridge.why_ended(), self.began)
        except Exception:  # noqa: BLE001 - granian has several for a client that has gone
            bridge.refuse(self.scope, self.proto, bodies.ended_early(), self.began)
        else:
            bridge.enqueue(self.scope, self.proto, whole)


class Bridge:
    """The RSGI application."""

    def __init__(
        self, application: WsgiApplication, *, threads: int, limits: bodies.BodyLimits, admission: Admission
    ) -> None:
        self._application = application
        self._admission = admission
        self._limits = limits
        self._pool = Pool(threads)
        self._believed = bodies.Room(128 * _MIB, 24 * _MIB, limits.seconds)
        self._strangers = bodies.Room(32 * _MIB, 8 * _MIB, limits.seconds)
        self._reading: dict[asyncio.Task[Any], Scope] = {}
        self.coming: dict[Incoming, Arrived] = {}  # small bodies that are on their way, the oldest first
        self.idle: dict[str, float] = {}  # by client: since when, infinite while a request is at work
        self.connections: Connections | None = None
        self.stopping = False

    # -- granian's hooks ----------------------------------------------------------------------------------

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._pool.start()
        loop.call_soon(self._look)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.stop()

    async def __rsgi__(self, scope: Scope, proto: Proto) -> None:
        """Any request, in the loop."""
        began = time.perf_counter()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - granian runs this in one
        self._reading[task] = scope
        self.idle[scope.client] = math.inf
        pieces = _Pieces(proto)
        try:
            await self._serve(scope, proto, pieces)
        except errors.ApiError as error:
            self.refuse(scope, proto, error, began)
            if not isinstance(error, errors.RequestTimeout):
                await bodies.drain(pieces)
        except asyncio.CancelledError:
            self.refuse(scope, proto, self.why_ended(), began)
        except Exception:  # noqa: BLE001 - granian has several for a client that has gone
            self.refuse(scope, proto, bodies.ended_early(), began)
        finally:
            self._reading.pop(task, None)

    # -- what `Connections` asks and wants ----------------------------------------------------------------

    def idle_since(self, client: str) -> float | None:
        return self.idle.get(client)

    def forget(self, clients: Iterable[str]) -> None:
        for client in clients:
            self.idle.pop(client, None)

    def end_unfinished(self, clients: set[str]) -> None:
        for body, arrived in list(self.coming.items()):
            scope = arrived.scope
            if scope.client in clients and "authorization" not in scope.headers:
                body.cancel()
        for task, scope in list(self._reading.items()):
            if scope.client in clients and "authorization" not in scope.headers:
                task.cancel()

    def stop(self) -> None:
        """Waits for no client any longer."""
        if not self.stopping:
            self.stopping = True
            for body in list(self.coming):
                body.cancel()
            for task in list(self._reading):
                task.cancel()

    def _look(self) -> None:
        late = time.perf_counter() - self._limits.seconds
        for body, arrived in list(self.coming.items()):
            if arrived.began > late:
                break
            body.cancel()
        if self.connections:
            self.connections.look()
        self.loop.call_later(_LOOK_SECONDS, self._look)

    # -- small bodies -------------------------------------------------------------------------------------

    def take(self, scope: Scope, proto: Proto) -> bool:
        """Whether the request was taken here. Called in granian's own thread, which does nothing meanwhile."""
        headers = scope.headers
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or len(length) > 6 or int(length) > bodies.SMALL_BYTES:
            return False
        self.idle[scope.client] = math.inf
        if length == "0":
            self.enqueue(scope, proto, b"")
        else:
            body = proto()
            arrived = self.coming[body] = Arrived(self, scope, proto)
            body.add_done_callback(arrived)
        return True

    def enqueue(self, scope: Scope, proto: Proto, body: bytes) -> None:
        if self._pool.has_room():
            self._pool.put(lambda: self._answer(scope, proto, body))
        else:
            self.refuse(scope, proto, errors.ServiceUnavailable("Too many requests are waiting"), time.perf_counter())

    # -- all others ---------------------------------------------------------------------------------------

    async def _serve(self, scope: Scope, proto: Proto, pieces: _Pieces) -> None:
        headers = scope.headers
        chunked = "transfer-encoding" in headers
        length = None if chunked else int(headers.get("content-length", "0"))
        most = self._most(scope)
        if length is not None and length > most:
            raise bodies.too_large(most)
        held = _Held(self, scope, most if length is None else length)
        try:
            if length is not None and length > bodies.SMALL_BYTES:
                await held.admit()
            before_more = held.admit if chunked else None
            body = await bodies.read(pieces, self._limits, most=most, expected=length, before_more=before_more)
            await self._in_pool(lambda: self._answer(scope, proto, body))
        except _NotBelieved:
            await self._in_pool(lambda: self._answer(scope, proto, None))
            await bodies.drain(pieces)
        finally:
            held.give_back()

    def _most(self, scope: Scope) -> int:
        """Uploads have no credential of the API when they come from a page; the room of strangers bounds them."""
        headers = scope.headers
        if "authorization" in headers or headers.get("content-type", "").startswith("multipart/form-data"):
            return self._limits.most_bytes
        return self._limits.stranger_bytes

    async def _in_pool(self, job: Callable[[], Any]) -> Any:
        if not self._pool.has_room():
            raise errors.ServiceUnavailable("Too many requests are waiting for their turn")
        done: asyncio.Future[Any] = self.loop.create_future()

        def run() -> None:
            try:
                result = job()
            except BaseException as fault:  # noqa: BLE001 - it belongs to whoever waits
                self.loop.call_soon_threadsafe(_settle, done, None, fault)
            else:
                self.loop.call_soon_threadsafe(_settle, done, result, None)

        self._pool.put(run)
        return await done

    async def room_for(self, scope: Scope, size: int) -> tuple[bodies.Room, Hashable]:
        """Takes room for a large body. Raises _NotBelieved for a credential that is refused."""
        if "authorization" not in scope.headers:
            room, who = self._strangers, address_of(scope.client)
        else:
            environ = environ_of(scope, b"")
            found = await self._in_pool(lambda: self._admission(environ))
            if found is None:
                raise _NotBelieved
            room, who = self._believed, found
        await room.take(who, size)
        return room, who

    # -- answers ------------------------------------------------------------------------------------------

    def _answer(self, scope: Scope, proto: Proto, body: bytes | None) -> None:
        """Runs the application and hands over its answer; `body` is None when it was not read."""
        began = time.perf_counter()
        head: list[Any] = []
        try:
            environ = environ_of(scope, body or b"")
            if body is None:
                environ["wsgi.input"], environ["CONTENT_LENGTH"] = NotRead(), scope.headers.get("content-length", "1")
            answer = self._application(environ, lambda *args: head.extend(args[:2]))
        except errors.ApiError as error:
            self.refuse(scope, proto, error, began)
            return
        except BaseException:  # Django answers for what goes wrong in it; this is beyond
            logger.exception("application_failed")
            self.refuse(scope, proto, errors.InternalError(), began)
            return
        headers = head[1] if body is not None else [*head[1], ("Connection", "close")]
        self._send(scope.client, proto, int(head[0][:3]), headers, answer)

    def _send(
        self, client: str, proto: Proto, status: int, headers: list[tuple[str, str]], answer: Iterable[bytes]
    ) -> None:
        try:
            path = getattr(answer.file, "name", None) if isinstance(answer, SentFile) and status == 200 else None
            if isinstance(path, str) and os.path.isfile(path):  # noqa: PTH113 - ten times as fast
                proto.response_file(status, headers, path)
            else:  # in one piece: what it is given in several, granian keeps without a limit
                data = answer.file.read() if isinstance(answer, SentFile) else b"".join(answer)
                proto.response_bytes(status, headers, data)
        finally:
            self.idle[client] = time.monotonic()
            if close := getattr(answer, "close", None):
                close()

    def refuse(self, scope: Scope, proto: Proto, error: errors.ApiError, began: float) -> None:
        proto.response_bytes(*refusal(scope, error, began))
        self.idle[scope.client] = time.monotonic()

    def why_ended(self) -> errors.ApiError:
        return errors.ServiceUnavailable() if self.stopping else errors.RequestTimeout()


class _Pieces:
    """The pieces of one body. granian lets them be asked for once; who goes on with them goes on where it was."""

    def __init__(self, proto: Proto) -> None:
        self._proto = proto
        self._iterator: AsyncIterator[bytes] | None = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        if self._iterator is None:
            self._iterator = self._proto.__aiter__()
        return self._iterator


class _NotBelieved(Exception):
    """The credential is refused; the application says so without the body."""


class _Held:
    """The room that one request has taken, if any."""

    def __init__(self, bridge: Bridge, scope: Scope, size: int) -> None:
        self._bridge, self._scope, self._size = bridge, scope, size
        self._taken: tuple[bodies.Room, Hashable] | None = None

    async def admit(self) -> None:
        self._taken = await self._bridge.room_for(self._scope, self._size)

    def give_back(self) -> None:
        if self._taken:
            room, who = self._taken
            room.give_back(who, self._size)


def _settle(done: asyncio.Future[Any], result: Any, fault: BaseException | None) -> None:
    if done.done():  # nobody waits any longer
        return
    if fault is not None:
        done.set_exception(fault)
    else:
        done.set_result(result)
