"""The sockets of this process: how many are open, whose they are, and whether their credentials are still valid."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Coroutine, Iterable
from typing import Any, Protocol

import structlog
from django.conf import settings
from django.db import Error

from bigledger.access import limits
from bigledger.access.limits.plans import limits_of
from bigledger.access.principal import Principal
from bigledger.errors import ApiError, AuthenticationFailed, RateLimitExceeded
from bigledger.live.credentials import Credential, checked
from bigledger.live.threads import CREDENTIALS
from bigledger.server import proxies, serving
from bigledger.server.connections import Connections, network_of

MOST_UNKNOWN_PER_ADDRESS = 32
CHECK_SECONDS = 4.0
PING_SECONDS = 25.0
_LOOK_SECONDS = 0.5
_SLOWED_SECONDS = 1.0
_LAST_WORD_SECONDS = 0.2

logger = structlog.get_logger(__name__)


class Socket(Protocol):
    """What is known of one socket. `credential` and `principal` are set once it has authenticated."""

    client: str
    address: str
    credential: Credential | None
    principal: Principal | None

    def ping(self) -> None: ...

    def close(self, code: int, reason: str) -> Coroutine[Any, Any, None]: ...


class TooMany(Exception):
    """No further socket is allowed; the message says whose limit is reached."""


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
        self._pinged: dict[Socket, float] = {}
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
        for work in (self._look(), self._check(), self._ping()):
            self._tasks.add(asyncio.get_running_loop().create_task(work))

    def __len__(self) -> int:
        return len(self._open)

    # -- called by the consumer --------------------------------------------------------------------------------

    def opened(self, socket: Socket) -> None:
        """Registers a socket. Raises TooMany when its address has too many sockets that have not authenticated."""
        network = network_of(socket.address)
        if self._unknown[network] >= MOST_UNKNOWN_PER_ADDRESS and not proxies.is_trusted(socket.address):
            raise TooMany("Too many unauthenticated sockets from this address")
        self._unknown[network] += 1
        self._open[socket] = time.monotonic()
        self._by_client[socket.client] = socket

    def authenticated(self, socket: Socket, principal: Principal, credential: Credential) -> None:
        """Records whose socket it is. Raises TooMany when the tenant's plan allows no more sockets at once."""
        plan = limits_of(principal.tenant)
        most = plan.concurrent_requests if plan else None
        if most is not None and self._tenants[principal.tenant.id] >= most:
            raise TooMany(f"More than {most} sockets at once")
        self._tenants[principal.tenant.id] += 1
        self._less(self._unknown, network_of(socket.address))
        socket.principal, socket.credential = principal, credential
        self._pinged[socket] = time.monotonic()

    def closed(self, socket: Socket) -> None:
        if self._open.pop(socket, None) is None:
            return
        self._by_client.pop(socket.client, None)
        self._pinged.pop(socket, None)
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
        if await CREDENTIALS.run(count_failure, address):
            await asyncio.sleep(_SLOWED_SECONDS)

    def end_soon(self, socket: Socket, code: int, reason: str, seconds: float = _LAST_WORD_SECONDS) -> None:
        """`end`, for a caller who does not wait."""
        ending = asyncio.get_running_loop().create_task(self.end(socket, code, reason, seconds))
        self._tasks.add(ending)
        ending.add_done_callback(self._tasks.discard)

    async def end(self, socket: Socket, code: int, reason: str, seconds: float = _LAST_WORD_SECONDS) -> None:
        """Closes a socket. The client has `seconds` to take what was sent before; then its connection is cut."""
        word = asyncio.ensure_future(socket.close(code, reason))
        await asyncio.wait([word], timeout=seconds)
        if not word.done():
            self._connections.end(socket.client)
            await asyncio.wait([word], timeout=seconds)

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

    async def _ping(self) -> None:
        """A client that has vanished acknowledges nothing, so the kernel drops its connection."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            for socket in [one for one, last in self._pinged.items() if last <= now - PING_SECONDS]:
                self._pinged[socket] = now
                socket.ping()

    async def _check(self) -> None:
        """Checks each credential with the database again, once for all of its sockets, which see what has changed about
        the caller from then on."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for credential in {one.credential for one in self._open if one.credential}:
                try:
                    found = await CREDENTIALS.run(checked, credential)
                except AuthenticationFailed:
                    for one in self._with(credential):
                        self.end_soon(one, 4401, "The credential is no longer valid")
                except (ApiError, Error) as fault:  # nothing is known; the next check tries again
                    logger.warning("sockets_not_checked", error=str(fault))
                else:
                    for one in self._with(credential):
                        self._renew(one, found)

    def _with(self, credential: Credential) -> list[Socket]:
        return [one for one in self._open if one.credential == credential]

    def _renew(self, socket: Socket, found: Principal) -> None:
        """A session may have gone over to another tenant: then its sockets end."""
        if socket.principal and socket.principal.tenant.id != found.tenant.id:
            self.end_soon(socket, 4401, "The session works in another tenant now")
        else:
            socket.principal = found


sockets = Sockets()
