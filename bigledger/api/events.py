"""An event as the API shows it: on `/v1/events`, in webhooks and on sockets."""

from __future__ import annotations

import datetime

import msgspec
from django.conf import settings
from msgspec import UNSET, Raw, UnsetType

from bigledger.api.bodies import Body
from bigledger.events.models import Event


class EventBody(Body):
    """The reference's event, with its number in the log. `data` and `previous` are the frozen text.

    `actor` is the member who caused the event, or a system actor. `made_by` is the member who made the credential that
    `actor` used, when that is somebody else.
    """

    id: str
    seq: int | None
    type: str
    timestamp: datetime.datetime
    api_version: str
    environment: str
    data: Raw
    request_id: str
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
        actor=actor,
        previous=msgspec.Raw(event.previous.encode()) if event.previous else UNSET,
        made_by=made_by or UNSET,
    )
