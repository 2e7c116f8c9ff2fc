"""The sockets of this process: how many, whose, and whether their credentials still hold."""

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
    """What is known of one socket. `header` and `principal` are set once it has said who it is."""

    client: str
    address: str
    header: str
    principal: Principal | None

    def close(self, code: int, reason: str) -> Coroutine[Any, Any, None]: ...


class TooMany(Exception):
    """No further socket; the message says of whom."""


@database_sync_to_async
def principal_of(header: str, address: str) -> Principal:
    """Raises AuthenticationFailed."""
    with transaction.atomic():
        return authenticate(header, remote_address=address)


@database_sync_to_async
def count_failure(address: str) -> bool:
    """Whether this address has failed too often."""
    try:
        limits.count_failure(address)
    except RateLimitExceeded:
        return True
    return False


class Sockets:
    """A registry, and the `Activity` that idle connections are told from."""

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

    # -- the consumer says --------------------------------------------------------------------------------

    def opened(self, socket: Socket) -> None:
        """Raises TooMany for an address with as many sockets that have not said who they are."""
        network = network_of(socket.address)
        if self._unknown[network] >= MOST_UNKNOWN_PER_ADDRESS and not proxies.is_trusted(socket.address):
            raise TooMany("Too many unauthenticated sockets from this address")
        self._unknown[network] += 1
        self._open[socket] = time.monotonic()
        self._by_client[socket.client] = socket

    def authenticated(self, socket: Socket, principal: Principal, header: str) -> None:
        """Raises TooMany when the tenant's plan allows no more at once."""
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
        """After a refused credential: who tries many waits for each answer."""
        if await count_failure(address):
            await asyncio.sleep(_SLOWED_SECONDS)

    async def end(self, socket: Socket, code: int, reason: str) -> None:
        """Closes a socket that waits; granian may keep the word until the client speaks, so it is cut off as well."""
        word = asyncio.ensure_future(socket.close(code, reason))
        await asyncio.wait([word], timeout=_LAST_WORD_SECONDS)
        self._connections.end(socket.client)
        await asyncio.wait([word], timeout=_LAST_WORD_SECONDS)

    # -- what `Connections` asks and wants ----------------------------------------------------------------

    def idle_since(self, client: str) -> float | None:
        socket = self._by_client.get(client)
        if socket is None:
            return None
        return math.inf if socket.principal else self._open[socket]

    def forget(self, clients: Iterable[str]) -> None:
        """Sockets say themselves when they close."""

    def end_unfinished(self, clients: set[str]) -> None:
        """There are no bodies here."""

    def stop(self) -> None:
        """granian closes the sockets."""

    async def _look(self) -> None:
        while True:
            self._connections.look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _check(self) -> None:
        """Each credential is shown to the database again, once for all of its sockets."""
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
                except (ApiError, DatabaseError) as fault:  # nothing is known; the next round asks again
                    logger.warning("sockets_not_checked", error=str(fault))


sockets = Sockets()
