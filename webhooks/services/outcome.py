"""Records the attempts of deliveries: what follows from an answer for the delivery, its object and its endpoint."""

from __future__ import annotations

import datetime
import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from bigledger import exact_json
from bigledger.access.principal import Principal
from bigledger.events.record import record
from bigledger.postgres.execute import fetch_all
from webhooks.events import ENDPOINT_DISABLED, WEBHOOKS
from webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from webhooks.selectors import endpoint_body
from webhooks.services.notifications import notify_owners
from webhooks.transport import Answer

DISABLE_AFTER = datetime.timedelta(days=3)
JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was made, as it was claimed. If the delivery was claimed again since, the attempt is ignored."""

    delivery_id: uuid.UUID
    number: int
    request_headers: dict[str, str]
    attempted_at: datetime.datetime
    answer: Answer


def record_attempts(endpoint_id: uuid.UUID, attempts: Iterable[Attempt]) -> None:
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
    """Makes the next delivery of each object due, after the first one has ended."""
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
        notify_owners(endpoint)
    if before != (endpoint.consecutive_failures, endpoint.failing_since) or not endpoint.is_active:
        endpoint.save()


def _without_signatures(headers: dict[str, str]) -> dict[str, str]:
    """The headers that are stored: with the signatures, anyone who reads deliveries could forge ours."""
    return {name: value for name, value in headers.items() if "signature" not in name.casefold()}
