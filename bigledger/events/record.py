"""Writing an event in the transaction of the change that it reports."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import connection
from msgspec import Struct

from bigledger import ids, logs
from bigledger.access.principal import Principal
from bigledger.dry_run import current_dry_run
from bigledger.events.registry import EventType
from bigledger.events.wake import wake_relay_on_commit
from bigledger.exact_json import encode
from bigledger.interfaces import current_interface


def build(event_type: EventType, object_id: uuid.UUID, payload: Struct, *, acting: Principal) -> dict[str, Any]:
    """The columns of an event, its payload frozen to text: `{"<resource>": payload}`.

    For `record()`, and for the posting statement, which writes its events itself and announces them after. The actor
    is the one that the service was given; the request's id and the interface come from the context.
    """
    return {
        "id": ids.new_id(),
        "type": event_type.name,
        "object_id": object_id,
        "data": encode({event_type.resource: payload}).decode(),
        "api_version": settings.API_VERSION,
        "actor": acting.actor,
        "request_id": logs.request_id.get(),
        "interface": current_interface.get(),
    }


def announce(event_type: EventType, payload: Struct) -> None:
    """The event is written: a dry run shows it, and the relay is told when the transaction commits."""
    if rehearsed := current_dry_run():
        rehearsed.events.append({"type": event_type.name, "data": {event_type.resource: payload}})
    wake_relay_on_commit()


def record(
    event_type: EventType,
    object_id: uuid.UUID,
    payload: Struct,
    *,
    acting: Principal,
    previous: Struct | None = None,
) -> None:
    """Writes one event into the tenant's log, in the current transaction.

    `previous` is the body before the change; the event keeps those of its members that changed. An event that reports
    an update needs it (see `changes.shown_change`).
    """
    if previous is None and event_type.name.endswith(".updated"):
        raise TypeError(f"{event_type.name} is recorded without what was there before")
    columns = build(event_type, object_id, payload, acting=acting)
    columns["previous"] = _changed(previous, payload) if previous else None
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, columns)
    announce(event_type, payload)


_INSERT = """
INSERT INTO events_pending (id, type, object_id, data, previous, api_version, actor, request_id, interface)
VALUES (%(id)s, %(type)s, %(object_id)s, %(data)s, %(previous)s, %(api_version)s, %(actor)s, %(request_id)s,
    %(interface)s)
"""


def _changed(before: Struct, after: Struct) -> str:
    names = [name for name in before.__struct_fields__ if getattr(before, name) != getattr(after, name)]
    return encode({name: getattr(before, name) for name in names}).decode()
