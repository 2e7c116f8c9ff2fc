"""From the log to deliveries, and from an answer to a delivery's next step.

Everything that adds or settles deliveries of an endpoint holds the lock on the endpoint's row, so that which
delivery of an object is the first, and may be sent, is never in doubt.
"""

from __future__ import annotations

import datetime
import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from bigledger import exact_json
from bigledger.access.principal import Principal
from bigledger.access.secrets import decrypt
from bigledger.api.events import event_body
from bigledger.events import chain
from bigledger.events.models import Event
from bigledger.events.record import record
from bigledger.postgres.execute import fetch_all
from webhooks.events import ENDPOINT_DISABLED, WEBHOOKS
from webhooks.models import DeliveryState, DeliveryTrigger, WebhookDelivery, WebhookEndpoint
from webhooks.selectors import endpoint_body
from webhooks.services.notices import tell_owners
from webhooks.signing import signed_body
from webhooks.transport import Answer

FAN_OUT_BATCH = 500
# A backlog beyond this waits in the log.
MAX_PENDING = 2000
DISABLE_AFTER = datetime.timedelta(days=3)
JITTER = 0.2


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
            events = list(_wanted(endpoint, endpoint.cursor, last_seq)[:batch])
            add_deliveries(endpoint, events, DeliveryTrigger.EVENT)
            endpoint.cursor = events[-1].seq if len(events) == batch else last_seq
        elif endpoint.replay_cursor is not None and endpoint.replay_to is not None:
            events = list(_wanted(endpoint, endpoint.replay_cursor, endpoint.replay_to)[:batch])
            add_deliveries(endpoint, events, DeliveryTrigger.REPLAY)
            endpoint.replay_cursor = events[-1].seq if len(events) == batch else None
            endpoint.replay_to = endpoint.replay_to if endpoint.replay_cursor else None
        endpoint.save(update_fields=["cursor", "replay_cursor", "replay_to"])
        more = more or endpoint.cursor < last_seq or endpoint.replay_cursor is not None
    return more


def _pending_up_to(endpoint: WebhookEndpoint, most: int) -> int:
    return endpoint.deliveries.filter(state=DeliveryState.PENDING).order_by()[:most].count()


def _wanted(endpoint: WebhookEndpoint, after: int, to: int) -> QuerySet[Event]:
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


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was made, as it was claimed: a later claim of the same delivery makes it void."""

    delivery_id: uuid.UUID
    number: int
    request_headers: dict[str, str]
    attempted_at: datetime.datetime
    answer: Answer


def settle(endpoint_id: uuid.UUID, attempts: Iterable[Attempt]) -> None:
    """Records the results of attempts to one endpoint, in the tenant in context.

    Success ends a delivery, and so does the last failure; then the next delivery of its object is due. A
    failure before that makes it wait. An endpoint without a success for three days is disabled.
    """
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint_id)
    steps = [_step(attempt) for attempt in attempts]
    written = fetch_all(_WRITE_STEPS, [exact_json.encode(steps).decode(), endpoint_id])
    states = [state for _, state in written]
    _let_next_go(endpoint, [object_id for object_id, state in written if state != DeliveryState.PENDING])
    if states:
        _judge_health(endpoint, len(states), succeeded=DeliveryState.DELIVERED in states)


_WRITE_STEPS = """
UPDATE webhooks_webhookdelivery d
SET state = s.state, next_attempt_at = s.next_attempt_at, attempted_at = s.attempted_at,
    duration_milliseconds = s.duration_milliseconds, request_headers = s.request_headers,
    response_status = s.response_status, response_body = s.response_body, error = s.error,
    delivered_at = s.delivered_at
FROM jsonb_to_recordset(%s::text::jsonb) AS s(
    id uuid, number integer, state text, next_attempt_at timestamptz, attempted_at timestamptz,
    duration_milliseconds integer, request_headers text, response_status integer, response_body text, error text,
    delivered_at timestamptz)
WHERE d.tenant_id = app_tenant() AND d.id = s.id AND d.endpoint_id = %s AND d.state = 'pending'
    AND d.attempts = s.number
RETURNING d.object_id, d.state
"""


def _step(attempt: Attempt) -> dict[str, Any]:
    """The new state of a delivery after an attempt."""
    answer = attempt.answer
    now = timezone.now()
    state, next_attempt_at, delivered_at = DeliveryState.PENDING, None, None
    if answer.is_success:
        state, delivered_at = DeliveryState.DELIVERED, now
    elif attempt.number > len(settings.WEBHOOKS_RETRY_SECONDS):
        state = DeliveryState.DEAD
    else:
        next_attempt_at = now + retry_after(attempt.number)
    return {
        "id": attempt.delivery_id,
        "number": attempt.number,
        "state": state,
        "next_attempt_at": next_attempt_at,
        "attempted_at": attempt.attempted_at,
        "duration_milliseconds": answer.duration_milliseconds,
        "request_headers": exact_json.encode(_without_signatures(attempt.request_headers)).decode(),
        "response_status": answer.status,
        "response_body": answer.body,
        "error": answer.error,
        "delivered_at": delivered_at,
    }


def retry_after(attempts: int) -> datetime.timedelta:
    """The wait after this many attempts, randomized so that common failures are not retried all at once."""
    seconds = settings.WEBHOOKS_RETRY_SECONDS[attempts - 1]
    return datetime.timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - no secret


def _let_next_go(endpoint: WebhookEndpoint, objects: Sequence[uuid.UUID]) -> None:
    """Makes the next delivery of each object due, after the first one was settled."""
    pending = endpoint.deliveries.filter(state=DeliveryState.PENDING, object_id__in=objects)
    first = pending.order_by("object_id", "seq", "id").distinct("object_id").values("pk")
    WebhookDelivery.objects.filter(pk__in=first, next_attempt_at=None).update(next_attempt_at=timezone.now())


def _judge_health(endpoint: WebhookEndpoint, attempts: int, *, succeeded: bool) -> None:
    before = (endpoint.consecutive_failures, endpoint.failing_since)
    now = timezone.now()
    if succeeded:
        endpoint.consecutive_failures, endpoint.failing_since = 0, None
    else:
        endpoint.consecutive_failures += attempts
        endpoint.failing_since = endpoint.failing_since or now
    if endpoint.failing_since and now - endpoint.failing_since > DISABLE_AFTER and endpoint.is_active:
        endpoint.is_active, endpoint.disabled_at = False, now
        endpoint.disabled_reason = f"No request has succeeded since {endpoint.failing_since:%Y-%m-%d %H:%M} UTC"
        record(ENDPOINT_DISABLED, endpoint.id, endpoint_body(endpoint), acting=Principal.system(WEBHOOKS))
        tell_owners(endpoint)
    if before != (endpoint.consecutive_failures, endpoint.failing_since) or not endpoint.is_active:
        endpoint.save()


def prune(keep: datetime.timedelta, most: int) -> int:
    """Deletes up to `most` settled deliveries older than `keep`, and the pending ones of deleted endpoints."""
    settled = ~Q(state=DeliveryState.PENDING) & Q(created_at__lt=timezone.now() - keep)
    old = WebhookDelivery.objects.filter(settled | Q(endpoint__deleted_at__isnull=False)).values("pk")[:most]
    return WebhookDelivery.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]


def _without_signatures(headers: dict[str, str]) -> dict[str, str]:
    """The headers that are stored: with the signatures, anyone who reads deliveries could forge ours."""
    return {name: value for name, value in headers.items() if "signature" not in name.casefold()}
