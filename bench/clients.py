"""The callers of `make load`: threads that do what integrators do, and remember what was acknowledged.

A write carries an Idempotency-Key and is sent again, the same bytes, when its connection breaks. What an answer
acknowledged must be there at the end, once.
"""

from __future__ import annotations

import base64
import datetime
import http.client
import json
import math
import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

RETRY_SECONDS = 40
# How long after a killed API process is back a broken or refused connection is its doing.
EXCUSED_SECONDS = 12
TIMEOUT_SECONDS = 30
OPENING_SECONDS = 4  # of a hosted page by one caller: all come from one address, which may open 300 a minute


@dataclass
class Record:
    """What happened, of all callers."""

    answers: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cut: int = 0  # requests in flight on an API process that was killed, or sent to one that was on its way back
    sockets_cut: int = 0
    entries: set[str] = field(default_factory=set)  # references
    invoices: dict[str, str] = field(default_factory=dict)  # id to the status that was acknowledged last
    api_killed_at: float = -math.inf  # infinity while it is away
    sockets_killed_at: float = -math.inf
    lock: threading.Lock = field(default_factory=threading.Lock)

    def excuses_api(self) -> bool:
        return time.monotonic() - self.api_killed_at < EXCUSED_SECONDS

    def excuses_sockets(self) -> bool:
        return time.monotonic() - self.sockets_killed_at < EXCUSED_SECONDS

    def fault(self, text: str) -> None:
        with self.lock:
            self.errors.append(text[:500])


class Caller(threading.Thread):
    """One client: goes round the operations until told to stop."""

    def __init__(self, name: str, port: int, ws_port: int, key: str, record: Record, stop: threading.Event) -> None:
        super().__init__(name=name)
        self.port, self.ws_port, self.key, self.record, self.stop = port, ws_port, key, record, stop
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        self.round = 0
        self.next_opening = 0.0
        self.random = random.Random(name)
        self.today = datetime.datetime.now(datetime.UTC).date().isoformat()

    def run(self) -> None:
        turns: list[Callable[[], None]] = [
            self.post, self.post, self.invoice, self.post, self.bulk, self.lists, self.post, self.report,
            self.post, self.socket, self.post,
        ]  # fmt: skip
        self.round = self.random.randrange(len(turns))
        while not self.stop.is_set():
            self.round += 1
            try:
                turns[self.round % len(turns)]()
            except Exception as fault:  # noqa: BLE001 - counted, and the others go on
                self.record.fault(f"{self.name}: {fault!r}")
        self.connection.close()

    def post(self) -> None:
        reference = f"{self.name}-{self.round}"
        if self.write("post", "/v1/journal-entries", self.entry(reference)):
            self.record.entries.add(reference)

    def bulk(self) -> None:
        references = [f"{self.name}-{self.round}-{number}" for number in range(5)]
        operations = [{"operation": "create", "data": self.entry(reference)} for reference in references]
        body = {"operations": operations}
        if self.write("bulk", "/v1/journal-entries/bulk", body, statuses=(200, 201, 207)):
            self.record.entries.update(references)

    def invoice(self) -> None:
        lines = [{"description": "Work", "quantity": 2, "unit_price": 50.00, "tax_rate": 0.2}]
        made = self.write("invoice", "/v1/invoices", {"customer_id": "cust_load", "lines": lines})
        if not made:
            return
        self.record.invoices[made["id"]] = "draft"
        sent = self.write("send", f"/v1/invoices/{made['id']}/send", {"to": ["buyer@example.com"]}, statuses=(200,))
        if not sent:
            return
        self.record.invoices[made["id"]] = "sent"
        if time.monotonic() >= self.next_opening:
            self.next_opening = time.monotonic() + OPENING_SECONDS
            self.read("hosted", "/i/" + sent["hosted_url"].rsplit("/", 1)[1])
        paid = {"customer_id": "cust_load", "invoice_id": made["id"], "amount": 120.00, "method": "bank_transfer"}
        if self.write("pay", "/v1/payments", paid):
            self.record.invoices[made["id"]] = "paid"

    def lists(self) -> None:
        for path in ("/v1/accounts?limit=50", "/v1/journal-entries?sort=date:desc", "/v1/invoices?status=sent"):
            self.read("list", path)

    def report(self) -> None:
        self.read("report", "/v1/reports/trial_balance")

    def entry(self, reference: str) -> dict[str, Any]:
        amount = self.random.randrange(1, 1000)
        lines = [{"account_id": "acc_6100", "debit": amount}, {"account_id": "acc_1000", "credit": amount}]
        return {"date": self.today, "description": "Load", "reference": reference, "lines": lines}

    def write(self, what: str, path: str, body: Any, statuses: tuple[int, ...] = (201,)) -> dict[str, Any] | None:
        key = {"Idempotency-Key": f"{self.name}-{what}-{self.round}", "Content-Type": "application/json"}
        return self.call(what, "POST", path, json.dumps(body), key, statuses)

    def read(self, what: str, path: str) -> None:
        self.call(what, "GET", path, None, {}, (200,))

    def call(
        self, what: str, method: str, path: str, body: str | None, more: dict[str, str], statuses: tuple[int, ...]
    ) -> dict[str, Any] | None:
        """The answer; None when it was an error, which is recorded."""
        headers = {"Authorization": f"Bearer {self.key}", **more}
        deadline = time.monotonic() + RETRY_SECONDS
        while True:
            began = time.perf_counter()
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException) as fault:
                self.connection.close()
                if not self.record.excuses_api() or time.monotonic() > deadline:
                    self.record.fault(f"{what}: {fault!r}")
                    return None
                with self.record.lock:
                    self.record.cut += 1
                time.sleep(0.1)
                continue
            with self.record.lock:
                self.record.answers[what] += 1
                self.record.milliseconds.append((time.perf_counter() - began) * 1000)
            if answer.status not in statuses:
                self.record.fault(f"{what}: {answer.status} {content.decode(errors='replace')}")
                return None
            is_json = "json" in (answer.headers["Content-Type"] or "")
            return json.loads(content) if is_json else {}

    def socket(self) -> None:
        """Connects, shows its key, asks for a pong."""
        try:
            talk(self.ws_port, self.key)
        except (OSError, ValueError) as fault:
            if not self.record.excuses_sockets():
                self.record.fault(f"socket: {fault!r}")
            else:
                with self.record.lock:
                    self.record.sockets_cut += 1
            return
        with self.record.lock:
            self.record.answers["socket"] += 1


def talk(port: int, key: str) -> None:
    """A handshake with the key in its header, a ping, a pong. Raises ValueError for anything else."""
    nonce = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET /v1 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\nAuthorization: Bearer {key}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS) as wire:
        stream = wire.makefile("rb")
        wire.sendall(head.encode())
        if b" 101 " not in (line := stream.readline()):
            raise ValueError(line)
        while stream.readline().strip():
            pass
        _say(wire, b'{"type": "ping"}')
        answers: list[bytes] = []
        while b"pong" not in (answers[-1] if answers else b""):
            if len(answers) == 3:
                raise ValueError(answers)
            first, length = stream.read(2)
            if length == 126:
                length = int.from_bytes(stream.read(2), "big")
            answers.append(stream.read(length))
            if first & 0x0F == 8:
                raise ValueError(answers)


def _say(wire: socket.socket, text: bytes) -> None:
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(text))
    wire.sendall(bytes([0x81, 0x80 | len(text)]) + mask + masked)
