"""Events: webhooks verified on their raw bytes, and the tenant's log followed as it grows."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any

from bigledger import types as t
from bigledger.errors import SignatureMismatch
from bigledger.objects import converted, loads

TOLERANCE_SECONDS = 300.0
_POLL_SECONDS = 1.0
Handler = Callable[[t.Event], Any]


def event_of(raw: Mapping[str, Any]) -> t.Event:
    """The event as its own type, a plain `Event` for a type that this SDK does not know."""
    event = t.EVENTS.get(str(raw.get("type")), t.Event)(raw)
    data = raw.get("data")
    if isinstance(data, Mapping):
        objects = {name: converted(t.OBJECTS.get(name, Any), value) for name, value in data.items()}
        event.__dict__["data"] = objects
    return event


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> t.Event:
    """The event of a webhook. `body` is what arrived, byte for byte; during a rotation, give both secrets.

    Raises SignatureMismatch when no secret fits, or it was sent longer ago than `tolerance_seconds`.
    """
    found = {name.lower(): value for name, value in headers.items()}
    sent_at, identifier = found.get("webhook-timestamp", ""), found.get("webhook-id", "")
    if not sent_at.isdigit() or abs(time.time() - int(sent_at)) > tolerance_seconds:
        raise SignatureMismatch("The webhook has no timestamp, or one too long ago")
    given = [part.partition(",")[2] for part in found.get("webhook-signature", "").split()]
    signed = f"{identifier}.{sent_at}.".encode() + body
    for secret in [secrets] if isinstance(secrets, str) else secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(wanted, one) for one in given):
            return event_of(loads(body))
    raise SignatureMismatch("The webhook was not signed with any of the secrets")


def _fits(pattern: str, name: str) -> bool:
    return pattern in ("*", name) or (pattern.endswith(".*") and name.startswith(pattern[:-1]))


class Webhooks:
    """`verify` for a server that receives webhooks; `stream` and `on` for a program that has no address."""

    verify = staticmethod(verify)

    def __init__(self, client: Any) -> None:
        self._client = client
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self._thread: threading.Thread | None = None
        self._ends = threading.Event()

    def stream(self, *types: str, after: int | None = None) -> Iterator[t.Event]:
        """The events after `after` (from now on by default), as they come, in the order of their `seq`. To resume,
        give the `seq` of the last event that was dealt with."""
        seq = self._latest() if after is None else after
        while not self._ends.is_set():
            page = self._client.events.list(after=seq, limit=100).page()
            for event in page.data:
                seq = event.seq or seq
                if not types or any(_fits(pattern, event.type) for pattern in types):
                    yield event_of(event.to_dict())
            if len(page.data) < 100:
                self._ends.wait(_POLL_SECONDS)

    def on(self, pattern: str, handler: Handler) -> None:
        """Calls `handler` with each event of a type (`payment.received`, `invoice.*`, `*`) in a thread of its own, from
        now on and until the client is closed."""
        self._handlers[pattern].append(handler)
        if self._thread is None:
            self._thread = threading.Thread(target=self._listen, args=(self._latest(),), daemon=True)
            self._thread.start()

    def close(self) -> None:
        self._ends.set()

    def _listen(self, after: int) -> None:
        for event in self.stream(after=after):
            for pattern, handlers in list(self._handlers.items()):
                if _fits(pattern, event.type):
                    for handler in handlers:
                        handler(event)

    def _latest(self) -> int:
        found = self._client.events.list(sort="seq:desc", limit=1).page().data
        return int(found[0].seq) if found else 0


class AsyncWebhooks:
    """As `Webhooks`, to iterate with `async for`."""

    verify = staticmethod(verify)

    def __init__(self, client: Any) -> None:
        self._client = client

    async def stream(self, *types: str, after: int | None = None) -> AsyncIterator[t.Event]:
        seq = await self._latest() if after is None else after
        while True:
            page = await self._client.events.list(after=seq, limit=100).page()
            for event in page.data:
                seq = event.seq or seq
                if not types or any(_fits(pattern, event.type) for pattern in types):
                    yield event_of(event.to_dict())
            if len(page.data) < 100:
                await asyncio.sleep(_POLL_SECONDS)

    async def _latest(self) -> int:
        found = (await self._client.events.list(sort="seq:desc", limit=1).page()).data
        return int(found[0].seq) if found else 0
