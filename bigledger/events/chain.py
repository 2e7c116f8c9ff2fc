"""Recomputing a tenant's hash chain, to show that no event was changed, removed or added since it was written.

`hash` of an event is SHA-256 of the hash before it (32 zero bytes before the first) and the event's canonical
bytes: its members in the order below, each on a line of its own, without an interface that is empty.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

from bigledger.events.models import Event
from bigledger.postgres.execute import fetch_all

GENESIS = bytes(32)
_CHUNK = 2000


def canonical(event: Event) -> bytes:
    """The same bytes as `events_number` hashes (`sql/log.sql`)."""
    members = (
        event.tenant_id, event.seq, event.id, event.type, event.object_id, event.api_version, event.actor,
        event.request_id, *filter(None, [event.interface]), event.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        event.previous or "", event.data,
    )  # fmt: skip
    return "\n".join(map(str, members)).encode()


def head() -> tuple[int, bytes]:
    """Number and hash of the last event of the tenant in context."""
    rows = fetch_all("SELECT seq, hash FROM events_head WHERE tenant_id = app_tenant()")
    return (rows[0][0], bytes(rows[0][1])) if rows else (0, GENESIS)


def _events(last_seq: int) -> Iterator[Event]:
    """In pages, each a query of its own: a cursor on the server needs a session."""
    after = 0
    while page := list(Event.objects.filter(seq__gt=after, seq__lte=last_seq).order_by("seq")[:_CHUNK]):
        yield from page
        after = page[-1].seq


def first_fault() -> str | None:
    """The first fault in the log of the tenant in context, or None if it has not been altered."""
    last_seq, last_hash = head()
    link = GENESIS
    seq = 0
    for expected, event in zip(itertools.count(1), _events(last_seq), strict=False):
        if event.seq != expected:
            return f"event {expected} is missing: {event.seq} follows {expected - 1}"
        link = hashlib.sha256(link + canonical(event)).digest()
        if bytes(event.hash) != link:
            return f"event {expected} ({event.public_id}) has been altered"
        seq = expected
    if (seq, link) != (last_seq, last_hash):
        return f"the log ends at {seq}, its head at {last_seq}"
    return None
