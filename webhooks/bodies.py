"""Output: the bodies of endpoints and deliveries."""

from __future__ import annotations

import datetime

from msgspec import UNSET, Raw, Struct, UnsetType

from bigledger.api.bodies import Body, Secret


class EndpointBody(Body):
    """A webhook endpoint. Only the answer that created it contains `secret`."""

    volatile = ("cursor", "failing_since")

    id: str
    url: str
    events: list[str]
    description: str
    is_active: bool
    previous_secret_expires_at: datetime.datetime | None
    cursor: int
    failing_since: datetime.datetime | None
    disabled_at: datetime.datetime | None
    disabled_reason: str | None
    metadata: dict[str, str]
    created_at: datetime.datetime
    updated_at: datetime.datetime
    secret: Secret | UnsetType = UNSET


class WebhookRequestBody(Struct):
    """The last request that was sent; `body` is its exact text."""

    url: str
    headers: Raw
    body: str


class WebhookResponseBody(Struct):
    """The answer; at most its first 2,000 characters."""

    status: int
    body: str


class DeliveryBody(Body):
    id: str
    endpoint_id: str
    event_id: str
    event_type: str
    seq: int | None
    trigger: str
    status: str
    attempts: int
    next_attempt_at: datetime.datetime | None
    attempted_at: datetime.datetime | None
    delivered_at: datetime.datetime | None
    duration_milliseconds: int | None
    error: str | None
    request: WebhookRequestBody
    response: WebhookResponseBody | None
    created_at: datetime.datetime


class RedeliveryBody(Struct):
    """The payload of `webhook_delivery.redelivered`: which delivery repeats which."""

    id: str
    repeats: str
    endpoint_id: str
    event_id: str


class ReplayBody(Body):
    """A range of events that is being sent again."""

    id: str
    from_seq: int
    to_seq: int
