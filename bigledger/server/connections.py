"""Connections that take room and give nothing: shed by address, the longest idle first, and never a busy one.

granian accepts connections and tells nobody, so the process looks at its own descriptors now and then. A connection is
idle before its first request, while the head of a request is on its way, and between requests. New connections are
never refused: whoever comes is served, and it is those that have waited longest for nothing that go (docs/adr/0065).
"""

from __future__ import annotations

import fcntl
import ipaddress
import os
import socket
import stat
import struct
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

_DESCRIPTORS = Path("/proc/self/fd") if Path("/proc/self/fd").exists() else Path("/dev/fd")
_LEAST_IDLE_SECONDS = 1.0  # a client that sends one request after the other is idle between them for less
_FULL_SHARE = 0.75  # of all connections that a process takes; beyond, the idle of every address are shed
_UNSENT = 0x5411  # SIOCOUTQ: bytes that the client has not taken yet
_TCP_INFO_BYTES = 192
_ACKNOWLEDGED_AT = 120  # bytes_acked in struct tcp_info
_LEAST_BYTES_TAKEN = 16 * 1024
_NO_LINGER = struct.pack("ii", 1, 0)
_CAN_SEE_UNSENT = hasattr(socket, "TCP_INFO") and _DESCRIPTORS.parts[1] == "proc"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Activity(Protocol):
    """What the server knows of its connections, by `address:port`."""

    def idle_since(self, client: str) -> float | None:
        """A time of `time.monotonic`, infinite while a request is at work; None before the first request."""

    def forget(self, clients: Iterable[str]) -> None:
        """These connections have ended."""

    def end_unfinished(self, clients: set[str]) -> None:
        """Waits no longer for the bodies of these, unless they bring a credential."""

    def stop(self) -> None:
        """The listening socket is gone: the server is stopping."""


@dataclass(slots=True)
class _Connection:
    descriptor: int
    client: str
    network: str
    first_seen: float
    unread_since: float = 0.0
    acknowledged: int = 0


@dataclass(slots=True)
class Connections:
    """The accepted connections of this process. `look` is called about twice a second."""

    activity: Activity
    most: int
    most_per_address: int
    unread_seconds: float
    trusted: Callable[[str], bool]
    _known: dict[int, _Connection | None] = field(default_factory=dict)  # by inode; None for what is none of them
    _was_listening: bool = False
    _ports: set[int] = field(default_factory=set)

    def look(self) -> None:
        now = time.monotonic()
        found, listening = self._find(now)
        if listening:
            self._was_listening = True
        elif self._was_listening:
            self.activity.stop()
            self._close((one for one in found.values() if self._idle_since(one) <= now), now)
        gone = [one.client for inode, one in self._known.items() if one and inode not in found]
        if gone:
            self.activity.forget(gone)
        self._known = {inode: one for inode, one in self._known.items() if one is None or inode in found}
        self._shed(list(found.values()), now)
        if _CAN_SEE_UNSENT:
            for one in found.values():
                self._drop_if_unread(one, now)

    def _find(self, now: float) -> tuple[dict[int, _Connection], bool]:
        """The connections by inode, and whether a listening socket is among the descriptors."""
        found: dict[int, _Connection] = {}
        listening = False
        others: dict[int, _Connection | None] = {}
        for name in os.listdir(_DESCRIPTORS):  # noqa: PTH208 - twice a second, of up to thousands
            try:
                status = os.fstat(int(name))
            except OSError:
                continue
            if not stat.S_ISSOCK(status.st_mode):
                continue
            inode = status.st_ino
            if inode in self._known:
                one = self._known[inode]
            else:
                one, listens = self._classify(int(name), now)
                if listens:
                    listening = True
                    continue
            if one is None:
                others[inode] = None
            else:
                one.descriptor = int(name)
                self._known[inode] = found[inode] = one
        self._known = {inode: one for inode, one in self._known.items() if one or inode in others} | others
        return found, listening

    def _classify(self, descriptor: int, now: float) -> tuple[_Connection | None, bool]:
        try:
            with _borrowed(descriptor) as sock:
                if sock.family not in (socket.AF_INET, socket.AF_INET6):
                    return None, False
                port = sock.getsockname()[1]
                if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    self._ports.add(port)
                    self._inherit_timeout(sock)
                    return None, True
                if port not in self._ports:
                    return None, False
                address, peer_port = sock.getpeername()[:2]
        except OSError:
            return None, False
        return _Connection(descriptor, f"{address}:{peer_port}", network_of(address), now), False

    def _inherit_timeout(self, listener: socket.socket) -> None:
        """The kernel drops a connection whose client acknowledges nothing; accepted sockets inherit it."""
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(self.unread_seconds * 1000))

    def end(self, client: str) -> None:
        """Cuts this connection off."""
        for one in self._known.values():
            if one and one.client == client:
                with suppress(OSError), _borrowed(one.descriptor) as sock:
                    if _is_still(sock, one):
                        sock.shutdown(socket.SHUT_RDWR)

    def _idle_since(self, one: _Connection) -> float:
        since = self.activity.idle_since(one.client)
        return one.first_seen if since is None else since

    def _shed(self, found: list[_Connection], now: float) -> None:
        by_network: defaultdict[str, list[_Connection]] = defaultdict(list)
        for one in found:
            by_network[one.network].append(one)
        for network, theirs in by_network.items():
            if len(theirs) > self.most_per_address and not self.trusted(network):
                self._shed_of(theirs, len(theirs) - self.most_per_address, now)
        room = int(self.most * _FULL_SHARE)
        if len(found) > room:
            self._shed_of(found, len(found) - room, now)

    def _shed_of(self, theirs: list[_Connection], excess: int, now: float) -> None:
        idle = sorted((self._idle_since(one), one.descriptor, one) for one in theirs)
        waited = [one for since, _, one in idle if since <= now - _LEAST_IDLE_SECONDS]
        self._close(waited[:excess], now)
        if excess > len(waited):
            self.activity.end_unfinished({one.client for one in theirs})

    def _close(self, which: Iterable[_Connection], now: float) -> None:
        """As if the client had closed: granian reads the end and closes too."""
        for one in which:
            with suppress(OSError), _borrowed(one.descriptor) as sock:
                if _is_still(sock, one):
                    sock.shutdown(socket.SHUT_RD)

    def _drop_if_unread(self, one: _Connection, now: float) -> None:
        """A client that takes too little of its answer for too long loses the rest of it."""
        try:
            [unsent] = struct.unpack("i", fcntl.ioctl(one.descriptor, _UNSENT, b"\0\0\0\0"))
            if unsent == 0:
                one.unread_since = 0.0
                return
            if one.unread_since and now - one.unread_since < self.unread_seconds:
                return
            with _borrowed(one.descriptor) as sock:
                if not _is_still(sock, one):
                    return
                info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
                [acknowledged] = struct.unpack_from("Q", info, _ACKNOWLEDGED_AT)
                if one.unread_since and acknowledged - one.acknowledged < _LEAST_BYTES_TAKEN:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                    sock.shutdown(socket.SHUT_RDWR)
                one.unread_since, one.acknowledged = now, acknowledged
        except (OSError, struct.error):
            return


@contextmanager
def _borrowed(descriptor: int) -> Iterator[socket.socket]:
    """A socket of our own on the same connection; granian may close and reuse its descriptor at any moment."""
    with socket.socket(fileno=os.dup(descriptor)) as sock:
        yield sock


def _is_still(sock: socket.socket, one: _Connection) -> bool:
    address, port = sock.getpeername()[:2]
    return f"{address}:{port}" == one.client


def network_of(address: str) -> str:
    """What counts as one address: an IPv6 subscriber has a network of them."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
