"""The resources of webhooks."""

from __future__ import annotations

from bigledger.api import filters
from bigledger.api.listing import Listing
from bigledger.api.resource import Resource
from bigledger.events.models import Event
from webhooks.bodies import DeliveryBody, EndpointBody
from webhooks.models import DeliveryState, DeliveryTrigger, WebhookDelivery, WebhookEndpoint
from webhooks.selectors import delivery_bodies, endpoint_bodies

WEBHOOK_ENDPOINTS = Resource(
    name="webhook_endpoints",
    model=WebhookEndpoint,
    body=EndpointBody,
    bodies=endpoint_bodies,
    rows=lambda: WebhookEndpoint.objects.filter(deleted_at=None),
    listing=Listing(
        filters={"url": filters.text("url"), "is_active": filters.flag("is_active"), **filters.MOMENTS},
        sort=("url", "created_at", "updated_at"),
        order="created_at:asc",
        search=("url", "description"),
    ),
)
WEBHOOK_DELIVERIES = Resource(
    name="webhook_deliveries",
    model=WebhookDelivery,
    body=DeliveryBody,
    bodies=delivery_bodies,
    expansions=lambda: {"endpoint": WEBHOOK_ENDPOINTS},
    rows=lambda: WebhookDelivery.objects.filter(endpoint__deleted_at=None).select_related("endpoint"),
    listing=Listing(
        filters={
            "endpoint_id": filters.reference("endpoint_id", WebhookEndpoint),
            "event_id": filters.reference("event_id", Event),
            "event_type": filters.text("event_type"),
            "status": filters.choice("state", DeliveryState.values),
            "trigger": filters.choice("trigger", DeliveryTrigger.values),
            "created_at": filters.moment("created_at"),
        },
        sort=("created_at",),
        order="created_at:desc",
    ),
)
