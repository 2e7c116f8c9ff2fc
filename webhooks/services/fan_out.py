"""Turns events of the log into deliveries.

Whatever adds deliveries of an endpoint, or records their attempts (`outcome.py`), holds the lock on the endpoint's row.
So there is never any doubt which delivery of an object is the first, and may be sent.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils import timezone

from bigledger.access.secrets import decrypt
from bigledger.api.events import event_body
from bigledger.events import chain
from bigledger.events.models import Event
from webhooks.models import DeliveryState, DeliveryTrigger, WebhookDelivery, WebhookEndpoint
from webhooks.signing import signed_body

FAN_OUT_BATCH = 500
# A backlog beyond this waits in the log.
MAX_PENDING = 2000


def fan_out() -> bool:
    """Turns the next events of the tenant in context into deliveries, a batch per endpoint.

    Returns whether there is more to do at once. An endpoint with too many pending deliveries gets no more.
    """
    more = False
    last_seq, _ = chain.head()
    behind = Q(cursor__lt=last_seq) | Q(replay_cursor__isnull=False)
    endpoints = WebhookEndpoint.objects.filter(behind, is_active=True, deleted_at=None)
    for endpoint in endpoints.order_by("id").select_for_update():
        room = MAX_PENDING - _pending_up_to(endpoint, MAX_PENDING)
        if room <= 0:
            continue
        batch = min(room, FAN_OUT_BATCH)
        if endpoint.cursor < last_seq:
            events = list(_subscribed(endpoint, endpoint.cursor, last_seq)[:batch])
            add_deliveries(endpoint, events, DeliveryTrigger.EVENT)
            endpoint.cursor = events[-1].seq if len(events) == batch else last_seq
        elif endpoint.replay_cursor is not None and endpoint.replay_to is not None:
            events = list(_subscribed(endpoint, endpoint.replay_cursor, endpoint.replay_to)[:batch])
            add_deliveries(endpoint, events, DeliveryTrigger.REPLAY)
            endpoint.replay_cursor = events[-1].seq if len(events) == batch else None
            endpoint.replay_to = endpoint.replay_to if endpoint.replay_cursor else None
        endpoint.save(update_fields=["cursor", "replay_cursor", "replay_to"])
        more = more or endpoint.cursor < last_seq or endpoint.replay_cursor is not None
    return more


def _pending_up_to(endpoint: WebhookEndpoint, most: int) -> int:
    return endpoint.deliveries.filter(state=DeliveryState.PENDING).order_by()[:most].count()


def _subscribed(endpoint: WebhookEndpoint, after: int, to: int) -> QuerySet[Event]:
    events = Event.objects.filter(seq__gt=after, seq__lte=to).order_by("seq")
    return events if "*" in endpoint.events else events.filter(type__in=endpoint.events)


def add_deliveries(endpoint: WebhookEndpoint, events: Sequence[Event], trigger: str) -> list[WebhookDelivery]:
    """Deliveries of `events`, in their order. The caller holds the lock on the endpoint's row."""
    secret = decrypt(endpoint.encrypted_secret)
    bodies = [signed_body(event_body(event), secret) for event in events]
    return insert_deliveries(
        endpoint,
        [
            WebhookDelivery(
                endpoint=endpoint,
                event_id=event.id,
                event_type=event.type,
                object_id=event.object_id,
                seq=event.seq,
                trigger=trigger,
                body=body,
            )
            for event, body in zip(events, bodies, strict=True)
        ],
    )


def insert_deliveries(endpoint: WebhookEndpoint, deliveries: Sequence[WebhookDelivery]) -> list[WebhookDelivery]:
    """Writes the deliveries; one whose object has an earlier pending delivery waits for it."""
    objects = {delivery.object_id for delivery in deliveries}
    pending = endpoint.deliveries.filter(state=DeliveryState.PENDING, object_id__in=objects)
    taken = set(pending.values_list("object_id", flat=True).distinct())
    now = timezone.now()
    for delivery in deliveries:
        delivery.next_attempt_at = None if delivery.object_id in taken else now
        taken.add(delivery.object_id)
    return WebhookDelivery.objects.bulk_create(deliveries)
