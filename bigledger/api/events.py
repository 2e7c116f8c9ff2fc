"""An event as the API shows it: on `/v1/events`, in an object's history, in webhooks and on sockets."""

from __future__ import annotations

import datetime
from typing import Final

import msgspec
from django.conf import settings
from msgspec import UNSET, Raw, UnsetType

from bigledger.api import filters
from bigledger.api.bodies import Body
from bigledger.api.filters import FilterField
from bigledger.api.listing import Listing
from bigledger.events.models import Event
from bigledger.interfaces import INTERFACES

MAX_SEQ: Final = 2**63 - 1


def _seq(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > MAX_SEQ:
        raise ValueError("Must be the seq of an event.")
    return int(text)


# The log, and the history of one object, which is a part of it.
LOG = Listing(
    filters={
        "after": FilterField("seq__gt", _seq, ("eq",), "integer"),
        "seq": FilterField("seq", _seq, filters.ORDER, "integer"),
        "type": filters.text("type"),
        "interface": filters.choice("interface", INTERFACES),
        "created_at": filters.moment("created_at"),
    },
    sort=("seq",),
    order="seq:asc",
)


class EventBody(Body):
    """The reference's event, with its number in the log. `data` and `previous` are the frozen text.

    `actor` is the member who caused the event, or a system actor. `made_by` is the member who made the credential that
    `actor` used, when that is somebody else. `interface` says through what it came, null for events of before that was
    kept.
    """

    id: str
    seq: int | None
    type: str
    timestamp: datetime.datetime
    api_version: str
    environment: str
    data: Raw
    request_id: str
    interface: str | None
    actor: str
    previous: Raw | UnsetType = UNSET
    made_by: str | UnsetType = UNSET


def event_body(event: Event) -> EventBody:
    actor, _, made_by = event.actor.partition(" ")
    return EventBody(
        id=Event.public_id_of(event.id),
        seq=event.seq,
        type=event.type,
        timestamp=event.created_at,
        api_version=event.api_version,
        environment=settings.BIGLEDGER_ENVIRONMENT,
        data=msgspec.Raw(event.data.encode()),
        request_id=event.request_id,
        interface=event.interface or None,
        actor=actor,
        previous=msgspec.Raw(event.previous.encode()) if event.previous else UNSET,
        made_by=made_by or UNSET,
    )
