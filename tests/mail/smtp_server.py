"""A tiny SMTP server on loopback: takes mails, or refuses as the test says."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, cast


@dataclass
class Post:
    """`refuse` maps an address to the reply to its RCPT; `refuse_data` is the reply to the message itself. Who
    connects to a `silent` one hears nothing."""

    received: list[tuple[list[str], Message]] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    refuse_data: str = ""
    silent: bool = False
    port: int = 0


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        post = cast(Any, self.server).post
        if post.silent:
            self.rfile.readline()
            return
        self._say("220 loopback")
        recipients: list[str] = []
        while line := self.rfile.readline():
            verb, rest = line[:4].upper(), line.decode().strip()
            if verb == b"RCPT":
                address = rest.partition("<")[2].partition(">")[0]
                reply = post.refuse.get(address, "250 fine")
                if reply.startswith("250"):
                    recipients.append(address)
                self._say(reply)
            elif verb == b"DATA":
                self._say("354 go on")
                body = b""
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    body += part[1:] if part.startswith(b"..") else part
                if not post.refuse_data:
                    post.received.append((recipients, email.message_from_bytes(body)))
                recipients = []
                self._say(post.refuse_data or "250 taken")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    post: Post


@contextmanager
def smtp_server() -> Iterator[Post]:
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.post = post = Post(port=server.server_address[1])
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield post
        finally:
            server.shutdown()
