"""Closed-loop load over HTTP: each connection sends its next request when the answer to the last has come.

One thread, keep-alive, requests rendered before the clock starts. It shares the machine with the server, as
pgbench does.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

Render = Callable[[], bytes]

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")
_PREPARED_PER_SECOND = 2000
_ANSWER_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Load:
    """What one run gave: answers a second, and latencies in milliseconds."""

    rate: float
    median_ms: float
    p99_ms: float


class BadAnswer(RuntimeError):
    """An answer with another status than expected: the figures would mean nothing."""


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def has_answer(self) -> bool:
        chunk = self.socket.recv(65536)
        if not chunk:
            raise BadAnswer("the server closed the connection")
        self.received += chunk
        end = self.received.find(_HEAD_END)
        length = _LENGTH.search(self.received, 0, end + 1) if end >= 0 else None
        return length is not None and len(self.received) >= end + len(_HEAD_END) + int(length[1])


def run(port: int, render: Render, *, connections: int, seconds: float, status: int) -> Load:
    """Load the server for `seconds`. Raises BadAnswer for any other status than `status`."""
    expected = b"HTTP/1.1 %d" % status
    prepared = [render() for _ in range(round(seconds * _PREPARED_PER_SECOND))]
    opened = [_Connection(port) for _ in range(connections)]
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        for connection in opened:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        began = time.perf_counter()
        for connection in opened:
            connection.send(prepared.pop())
        busy = connections
        while busy:
            ready = selector.select(_ANSWER_TIMEOUT_SECONDS)
            if not ready:
                raise BadAnswer(f"no answer for {_ANSWER_TIMEOUT_SECONDS} s")
            for key, _ in ready:
                connection = key.data
                if not connection.has_answer():
                    continue
                if not connection.received.startswith(expected):
                    raise BadAnswer(connection.received[:2000].decode(errors="replace"))
                now = time.perf_counter()
                latencies.append(now - connection.sent_at)
                if now - began < seconds:
                    connection.send(prepared.pop() if prepared else render())
                else:
                    busy -= 1
        elapsed = time.perf_counter() - began
    for connection in opened:
        connection.socket.close()
    latencies.sort()
    return Load(
        rate=len(latencies) / elapsed,
        median_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[int(len(latencies) * 0.99)] * 1000,
    )


def request(method: str, path: str, api_key: str, body: bytes = b"") -> bytes:
    """The bytes of one HTTP request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {api_key}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body
