"""From rows to bodies. All run in the tenant of the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, Raw, json

from bigledger.access.admin_start import Start, Task, counted
from bigledger.events.models import Event
from webhooks.bodies import DeliveryBody, EndpointBody, WebhookRequestBody, WebhookResponseBody
from webhooks.models import WebhookDelivery, WebhookEndpoint


def endpoint_body(endpoint: WebhookEndpoint, secret: str | None = None) -> EndpointBody:
    return EndpointBody(
        id=endpoint.public_id,
        url=endpoint.url,
        events=list(endpoint.events),
        description=endpoint.description,
        is_active=endpoint.is_active,
        previous_secret_expires_at=endpoint.previous_secret_expires_at,
        cursor=endpoint.cursor,
        failing_since=endpoint.failing_since,
        disabled_at=endpoint.disabled_at,
        disabled_reason=endpoint.disabled_reason or None,
        metadata=endpoint.metadata,
        created_at=endpoint.created_at,
        updated_at=endpoint.updated_at,
        secret=secret or UNSET,
    )


def endpoint_bodies(endpoints: Sequence[WebhookEndpoint]) -> list[EndpointBody]:
    return [endpoint_body(endpoint) for endpoint in endpoints]


def delivery_body(delivery: WebhookDelivery) -> DeliveryBody:
    response = None
    if delivery.response_status is not None:
        response = WebhookResponseBody(delivery.response_status, delivery.response_body)
    return DeliveryBody(
        id=delivery.public_id,
        endpoint_id=WebhookEndpoint.public_id_of(delivery.endpoint_id),
        event_id=Event.public_id_of(delivery.event_id),
        event_type=delivery.event_type,
        seq=delivery.seq,
        trigger=delivery.trigger,
        status=delivery.state,
        attempts=delivery.attempts,
        next_attempt_at=delivery.next_attempt_at,
        attempted_at=delivery.attempted_at,
        delivered_at=delivery.delivered_at,
        duration_milliseconds=delivery.duration_milliseconds,
        error=delivery.error or None,
        request=WebhookRequestBody(delivery.endpoint.url, _headers(delivery.request_headers), delivery.body),
        response=response,
        created_at=delivery.created_at,
    )


def _headers(text: str | None) -> Raw:
    """Without the signatures: with them, anyone who reads deliveries could forge ours."""
    headers = json.decode(text or "{}", type=dict[str, Any])
    return Raw(json.encode({name: value for name, value in headers.items() if "signature" not in name.casefold()}))


def delivery_bodies(deliveries: Sequence[WebhookDelivery]) -> list[DeliveryBody]:
    """The rows come with their endpoint (`select_related`)."""
    return [delivery_body(delivery) for delivery in deliveries]


def start() -> Start:
    """Endpoints that somebody has to look at: on the start page of the back office."""
    failing = WebhookEndpoint.objects.filter(failing_since__isnull=False)
    return Start(
        tasks=[Task(counted(failing), "webhook endpoint fails", "webhook endpoints fail", "/v1/webhook-endpoints")]
    )
