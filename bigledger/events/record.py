"""Writing an event in the transaction of the change it tells of."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from bigledger import ids
from bigledger.dry_run import current_dry_run
from bigledger.events.models import Event
from bigledger.events.registry import EventType
from bigledger.exact_json import encode


@dataclass(frozen=True, slots=True)
class Cause:
    """Who and which request caused what is being recorded."""

    actor: str = ""
    request_id: str = ""


_NOBODY = Cause()
_cause: ContextVar[Cause] = ContextVar("cause", default=_NOBODY)


@contextmanager
def caused_by(cause: Cause) -> Iterator[None]:
    """Events recorded inside carry this cause."""
    token = _cause.set(cause)
    try:
        yield
    finally:
        _cause.reset(token)


def build(event_type: EventType, object_id: uuid.UUID, payload: Struct) -> dict[str, Any]:
    """The columns of an event, its payload frozen to text: `{"<resource>": payload}`.

    For `record()`, and for the posting statement, which writes its events itself.
    """
    cause = _cause.get()
    if rehearsed := current_dry_run():
        rehearsed.events.append({"type": event_type.name, "data": {event_type.resource: payload}})
    return {
        "id": ids.new_id(),
        "type": event_type.name,
        "object_id": object_id,
        "data": encode({event_type.resource: payload}).decode(),
        "actor": cause.actor,
        "request_id": cause.request_id,
    }


def record(event_type: EventType, object_id: uuid.UUID, payload: Struct) -> None:
    """Writes one event into the tenant's log, in the present transaction."""
    Event.objects.create(**build(event_type, object_id, payload))
