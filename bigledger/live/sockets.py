"""The sockets of this process: how many are open, whose they are, and whether their credentials are still valid."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Coroutine, Iterable
from typing import Any, Protocol

import structlog
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError, transaction

from bigledger.access import limits
from bigledger.access.authentication import authenticate
from bigledger.access.limits.plans import limits_of
from bigledger.access.principal import Principal
from bigledger.errors import ApiError, AuthenticationFailed, RateLimitExceeded
from bigledger.server import proxies, serving
from bigledger.server.connections import Connections, network_of

MOST_UNKNOWN_PER_ADDRESS = 32
CHECK_SECONDS = 4.0
_LOOK_SECONDS = 0.5
_SLOWED_SECONDS = 1.0
_LAST_WORD_SECONDS = 0.2

logger = structlog.get_logger(__name__)


class Socket(Protocol):
    """What is known of one socket. `header` and `principal` are set once it has authenticated."""

    client: str
    address: str
    header: str
    principal: Principal | None

    def close(self, code: int, reason: str) -> Coroutine[Any, Any, None]: ...


class TooMany(Exception):
    """No further socket is allowed; the message says whose limit is reached."""


@database_sync_to_async
def principal_of(header: str, address: str) -> Principal:
    """The principal of an `Authorization` header. Raises AuthenticationFailed."""
    with transaction.atomic():
        return authenticate(header, remote_address=address)


@database_sync_to_async
def count_failure(address: str) -> bool:
    """Counts a failure of this address, and returns whether it has failed too often."""
    try:
        limits.count_failure(address)
    except RateLimitExceeded:
        return True
    return False


class Sockets:
    """The registry of sockets. `Connections` asks it which connections are idle (the protocol `Activity`)."""

    def __init__(self) -> None:
        self._open: dict[Socket, float] = {}
        self._by_client: dict[str, Socket] = {}
        self._unknown: Counter[str] = Counter()
        self._tenants: Counter[object] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections = Connections(
            self,
            most=serving.CONNECTIONS,
            most_per_address=settings.MAX_CONNECTIONS_PER_ADDRESS,
            unread_seconds=settings.SERVER_UNREAD_SECONDS,
            trusted=proxies.is_trusted,
        )

    def start(self) -> None:
        for work in (self._look(), self._check()):
            self._tasks.add(asyncio.get_running_loop().create_task(work))

    # -- called by the consumer --------------------------------------------------------------------------------

    def opened(self, socket: Socket) -> None:
        """Registers a socket. Raises TooMany when its address has too many sockets that have not authenticated."""
        network = network_of(socket.address)
        if self._unknown[network] >= MOST_UNKNOWN_PER_ADDRESS and not proxies.is_trusted(socket.address):
            raise TooMany("Too many unauthenticated sockets from this address")
        self._unknown[network] += 1
        self._open[socket] = time.monotonic()
        self._by_client[socket.client] = socket

    def authenticated(self, socket: Socket, principal: Principal, header: str) -> None:
        """Records whose socket it is. Raises TooMany when the tenant's plan allows no more sockets at once."""
        plan = limits_of(principal.tenant)
        most = plan.concurrent_requests if plan else None
        if most is not None and self._tenants[principal.tenant.id] >= most:
            raise TooMany(f"More than {most} sockets at once")
        self._tenants[principal.tenant.id] += 1
        self._less(self._unknown, network_of(socket.address))
        socket.principal, socket.header = principal, header

    def closed(self, socket: Socket) -> None:
        if self._open.pop(socket, None) is None:
            return
        self._by_client.pop(socket.client, None)
        if socket.principal is None:
            self._less(self._unknown, network_of(socket.address))
        else:
            self._less(self._tenants, socket.principal.tenant.id)

    @staticmethod
    def _less(counter: Counter[object] | Counter[str], key: object) -> None:
        counter[key] -= 1  # type: ignore[index]
        if counter[key] <= 0:  # type: ignore[index]
            del counter[key]

    @staticmethod
    async def slow_down(address: str) -> None:
        """Delays the answer to a refused credential if the address has failed too often."""
        if await count_failure(address):
            await asyncio.sleep(_SLOWED_SECONDS)

    async def end(self, socket: Socket, code: int, reason: str) -> None:
        """Closes a socket and cuts its connection. granian may hold the close message back until the client sends
        something, so the message alone is not enough."""
        word = asyncio.ensure_future(socket.close(code, reason))
        await asyncio.wait([word], timeout=_LAST_WORD_SECONDS)
        self._connections.end(socket.client)
        await asyncio.wait([word], timeout=_LAST_WORD_SECONDS)

    # -- called by `Connections` ----------------------------------------------------------------

    def idle_since(self, client: str) -> float | None:
        socket = self._by_client.get(client)
        if socket is None:
            return None
        return math.inf if socket.principal else self._open[socket]

    def forget(self, clients: Iterable[str]) -> None:
        """Does nothing, because each socket calls `closed` itself."""

    def end_unfinished(self, clients: set[str]) -> None:
        """Does nothing, because sockets have no bodies."""

    def stop(self) -> None:
        """Does nothing, because granian closes the sockets."""

    async def _look(self) -> None:
        while True:
            self._connections.look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _check(self) -> None:
        """Checks each credential with the database again, once for all of its sockets."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for header, address in {(one.header, one.address) for one in self._open if one.principal}:
                try:
                    await principal_of(header, address)
                except AuthenticationFailed:
                    for one in [one for one in self._open if one.header == header and one.address == address]:
                        ending = asyncio.ensure_future(self.end(one, 4401, "The credential is no longer valid"))
                        self._tasks.add(ending)
                        ending.add_done_callback(self._tasks.discard)
                except (ApiError, DatabaseError) as fault:  # nothing is known; the next check tries again
                    logger.warning("sockets_not_checked", error=str(fault))


sockets = Sockets()
