"""The event log over REST: `/v1/events`, resumed with `?after=<seq>`, and `/v1/audit/head`."""

from __future__ import annotations

import datetime

from django.urls import path
from rest_framework.request import Request

from bigledger.api.bodies import Body
from bigledger.api.describe import describe
from bigledger.api.events import LOG, EventBody, event_body
from bigledger.api.resource import Resource
from bigledger.api.response import Response
from bigledger.api.views import ApiViewSet, ResourceViewSet
from bigledger.events import chain
from bigledger.events.models import Event
from bigledger.tenants.context import current_tenant

EVENTS = Resource(
    name="events",
    model=Event,
    body=EventBody,
    bodies=lambda events: [event_body(event) for event in events],
    listing=LOG,
)


class EventViewSet(ResourceViewSet):
    """In the order of `seq`. `after` is the last one that the caller has; nothing is skipped or repeated."""

    of = EVENTS


class HeadBody(Body):
    """The end of the log. With a stored `hash`, one can show later that no event up to `seq` was changed."""

    seq: int
    hash: str
    generated_at: datetime.datetime


def head() -> HeadBody:
    seq, link = chain.head()
    return HeadBody(seq, link.hex(), current_tenant().now())


class AuditViewSet(ApiViewSet):
    resource = "events"

    @describe(gives=HeadBody, named="getAuditHead")
    def read_head(self, request: Request) -> Response:
        """The number and hash of the last event."""
        return Response(head())


urlpatterns = [
    path("events", EventViewSet.as_view({"get": "list"})),
    path("events/<str:pk>", EventViewSet.as_view({"get": "retrieve"})),
    path("audit/head", AuditViewSet.as_view({"get": "read_head"})),
]
