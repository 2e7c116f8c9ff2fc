"""Deliveries on request: a test, and one that is sent again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from bigledger.access.principal import Principal
from bigledger.access.secrets import decrypt
from bigledger.api.events import event_body
from bigledger.errors import BusinessRuleViolation, ResourceNotFound
from bigledger.events.models import Event
from bigledger.events.record import announce, build, record
from webhooks.bodies import DeliveryBody, RedeliveryBody
from webhooks.events import DELIVERY_REDELIVERED, ENDPOINT_TEST
from webhooks.models import DeliveryTrigger, WebhookDelivery, WebhookEndpoint
from webhooks.rules import ENDPOINT_INACTIVE
from webhooks.selectors import delivery_body, endpoint_body
from webhooks.services.fan_out import insert_deliveries
from webhooks.signing import signed_body
from webhooks.wake import wake_deliveries_on_commit


@transaction.atomic
def test_endpoint(*, endpoint: WebhookEndpoint, acting: Principal) -> DeliveryBody:
    """Sends a `webhook_endpoint.test` event to this endpoint only; it is not in the
    log. Raises BusinessRuleViolation (`endpoint_inactive`)."""
    endpoint = _locked_active(endpoint)
    payload = endpoint_body(endpoint)
    event = Event(created_at=timezone.now(), **build(ENDPOINT_TEST, endpoint.id, payload, acting=acting))
    announce(ENDPOINT_TEST, payload)
    delivery = WebhookDelivery(
        endpoint=endpoint,
        event_id=event.id,
        event_type=event.type,
        # Of no object's order: a test is not kept waiting by anything.
        object_id=event.id,
        trigger=DeliveryTrigger.TEST,
        body=signed_body(event_body(event), decrypt(endpoint.encrypted_secret)),
    )
    return _inserted(endpoint, delivery)


@transaction.atomic
def redeliver(*, delivery: WebhookDelivery, acting: Principal) -> DeliveryBody:
    """Sends the same bytes again, as a new delivery. Raises BusinessRuleViolation (`endpoint_inactive`)."""
    endpoint = _locked_active(delivery.endpoint)
    again = WebhookDelivery(
        endpoint=endpoint,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        object_id=delivery.object_id,
        seq=delivery.seq,
        trigger=DeliveryTrigger.REDELIVERY,
        body=delivery.body,
    )
    body = _inserted(endpoint, again)
    event_id = Event.public_id_of(again.event_id)
    payload = RedeliveryBody(body.id, delivery.public_id, body.endpoint_id, event_id)
    record(DELIVERY_REDELIVERED, again.id, payload, acting=acting)
    return body


def _locked_active(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    found = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk, deleted_at=None).first()
    if found is None:
        raise ResourceNotFound()
    if not found.is_active:
        raise BusinessRuleViolation.of(ENDPOINT_INACTIVE)
    return found


def _inserted(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> DeliveryBody:
    insert_deliveries(endpoint, [delivery])
    delivery.refresh_from_db()
    wake_deliveries_on_commit()
    return delivery_body(delivery)
