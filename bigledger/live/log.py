"""Reading a tenant's log for its sockets, a bounded page at a time."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db import transaction

from bigledger import exact_json
from bigledger.api.events import event_body
from bigledger.events import chain
from bigledger.events.models import Event
from bigledger.tenants.context import set_tenant

# A page has at most so many events, whose payloads have hardly more than so many bytes, out of so many numbers.
MOST_EVENTS = 200
MOST_BYTES = 256 * 1024
WINDOW = 5_000


class LogEvent:
    """One event, shared by all sockets that receive it. `data_bytes` is the size of its payload."""

    def __init__(self, event: Event) -> None:
        self.seq, self.type, self.object_id = event.seq, event.type, event.object_id
        self.body, self.data_bytes = event_body(event), len(event.data.encode())

    @cached_property
    def text(self) -> str:
        """The message of the plain protocol, made once."""
        return exact_json.encode({"type": "event", "seq": self.seq, "event": self.body}).decode()

    @cached_property
    def size(self) -> int:
        """Bytes of the message."""
        return len(self.text.encode())


@dataclass(frozen=True, slots=True)
class Page:
    """The wanted events after a position up to `upto`, in order. `head` was the end of the log."""

    events: list[LogEvent]
    upto: int
    head: int


def head_of(tenant_id: uuid.UUID) -> int:
    """The number of the tenant's last event."""
    with transaction.atomic():
        set_tenant(tenant_id)
        return chain.head()[0]


def page_after(tenant_id: uuid.UUID, after: int, types: Iterable[str] | None = None, head: int | None = None) -> Page:
    """The next events of these types (None: of all). `head` is the end of the log, if it is known.

    The end is read first: the log has no gaps, so every event up to it can be seen afterwards.
    """
    with transaction.atomic():
        set_tenant(tenant_id)
        end = chain.head()[0] if head is None else head
        upto = min(after + WINDOW, end)
        if upto <= after:
            return Page([], after, end)
        wanted = None if types is None else list(types)
        params = [after, upto, wanted, wanted, MOST_EVENTS + 1, MOST_BYTES]
        found = [LogEvent(event) for event in Event.objects.raw(_PAGE, params)]
    if len(found) > MOST_EVENTS or sum(one.data_bytes for one in found) > MOST_BYTES:
        found = found[:MOST_EVENTS]
        upto = found[-1].seq
    return Page(found, upto, end)


# The last event is the one that goes beyond the bytes, so that a page always has one.
_PAGE = """
SELECT * FROM (
    SELECT *, sum(octet_length(data)) OVER (ORDER BY seq) - octet_length(data) AS bytes_before
    FROM (SELECT * FROM events_event WHERE seq > %s AND seq <= %s AND (%s::text[] IS NULL OR type = ANY (%s::text[]))
          ORDER BY seq LIMIT %s) page) sized
WHERE bytes_before <= %s ORDER BY seq
"""
