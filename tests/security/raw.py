"""Raw HTTP over a socket: what no client library would send."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

END = b"\r\n\r\n"


class Raw:
    """One connection to the server at `base`."""

    def __init__(self, base: str, *, receive_buffer: int = 0) -> None:
        url = urlsplit(base)
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect((url.hostname, url.port))

    def send(self, data: bytes) -> Raw:
        self.socket.sendall(data)
        return self

    def until_closed(self) -> bytes:
        """Everything that comes until the server closes."""
        received = b""
        try:
            while piece := self.socket.recv(65536):
                received += piece
        except ConnectionResetError:
            pass
        return received

    def answer(self) -> bytes:
        """One answer with a Content-Length; the connection may stay."""
        received = b""
        while END not in received:
            received += self._piece()
        head, _, body = received.partition(END)
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        length = int(lengths[0].split(b":")[1]) if lengths else 0
        while len(body) < length:
            body += self._piece()
        return head + END + body

    def _piece(self) -> bytes:
        piece = self.socket.recv(65536)
        if not piece:
            raise EOFError("the server closed the connection")
        return piece

    def close(self) -> None:
        self.socket.close()


@contextmanager
def opened(base: str, count: int, data: bytes = b"") -> Iterator[list[Raw]]:
    """`count` connections that have sent `data` and wait."""
    connections = [Raw(base) for _ in range(count)]
    try:
        for connection in connections:
            connection.send(data)
        yield connections
    finally:
        for connection in connections:
            connection.close()


def request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"{method} {path} HTTP/1.1", "Host: localhost", *headers))
    return head.encode() + b"\r\n" + body


def chunked(body: bytes, size: int = 7) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def seconds_of(base: str, data: bytes) -> tuple[int, float]:
    """The status of one request on a connection of its own, and how long it took."""
    began = time.monotonic()
    connection = Raw(base).send(data)
    found = status(connection.answer())
    connection.close()
    return found, time.monotonic() - began
