"""Endpoints: registered, changed, deleted, their secrets rotated, by people of the tenant."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from bigledger.access.principal import Principal
from bigledger.access.secrets import encrypt
from bigledger.errors import BusinessRuleViolation, Detail, ResourceNotFound, ValidationFailed
from bigledger.events import chain
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.events.registry import event_types
from bigledger.tenants.locks import lock
from webhooks import addresses, signing
from webhooks.bodies import EndpointBody, ReplayBody
from webhooks.events import (
    ENDPOINT_CREATED,
    ENDPOINT_DELETED,
    ENDPOINT_REPLAYED,
    ENDPOINT_SECRET_ROTATED,
    ENDPOINT_UPDATED,
)
from webhooks.models import WebhookEndpoint
from webhooks.rules import ENDPOINT_INACTIVE, REPLAY_RUNNING, TOO_MANY_ENDPOINTS
from webhooks.selectors import endpoint_body
from webhooks.wake import wake_deliveries_on_commit

MAX_ENDPOINTS = 50


@transaction.atomic
def create_endpoint(
    *,
    url: str,
    events: Sequence[str],
    description: str = "",
    is_active: bool = True,
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> EndpointBody:
    """An endpoint that receives all later events; only this answer contains its secret.

    Raises ValidationFailed; BusinessRuleViolation (`too_many_endpoints`).
    """
    _check(url, events)
    lock("endpoints")
    if WebhookEndpoint.objects.filter(deleted_at=None).count() >= MAX_ENDPOINTS:
        raise BusinessRuleViolation.of(TOO_MANY_ENDPOINTS, most=MAX_ENDPOINTS)
    secret = signing.new_secret()
    endpoint = WebhookEndpoint(
        url=url,
        events=list(events),
        description=description,
        is_active=is_active,
        metadata=dict(metadata or {}),
        encrypted_secret=encrypt(secret),
        cursor=chain.head()[0],
    )
    endpoint.save(force_insert=True)
    endpoint.refresh_from_db()
    record(ENDPOINT_CREATED, endpoint.id, endpoint_body(endpoint), acting=acting)
    return endpoint_body(endpoint, secret)


@transaction.atomic
def update_endpoint(*, endpoint: WebhookEndpoint, changes: Mapping[str, Any], acting: Principal) -> EndpointBody:
    """Changes the given fields. An endpoint that is activated again receives the events that it missed.

    Raises ValidationFailed.
    """
    endpoint = _locked(endpoint)
    before = endpoint_body(endpoint)
    for name, value in changes.items():
        setattr(endpoint, name, value)
    _check(endpoint.url, endpoint.events)
    if endpoint.is_active and not before.is_active:
        endpoint.disabled_at, endpoint.disabled_reason = None, ""
        endpoint.failing_since, endpoint.consecutive_failures = None, 0
        wake_deliveries_on_commit()
    body = shown_change(endpoint, before, endpoint_body)
    if body is None:
        return before
    endpoint.save()
    record(ENDPOINT_UPDATED, endpoint.id, body, acting=acting, previous=before)
    return body


@transaction.atomic
def delete_endpoint(*, endpoint: WebhookEndpoint, acting: Principal) -> None:
    """Stops sending events to it. Its deliveries are deleted later, since there may be many."""
    endpoint = _locked(endpoint)
    endpoint.is_active, endpoint.deleted_at = False, timezone.now()
    record(ENDPOINT_DELETED, endpoint.id, _saved(endpoint), acting=acting)


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint, overlap_hours: int, acting: Principal) -> EndpointBody:
    """Creates a new secret, shown once; the previous one also signs for `overlap_hours`."""
    endpoint = _locked(endpoint)
    secret = signing.new_secret()
    endpoint.previous_encrypted_secret = endpoint.encrypted_secret if overlap_hours else None
    expiry = timezone.now() + datetime.timedelta(hours=overlap_hours)
    endpoint.previous_secret_expires_at = expiry if overlap_hours else None
    endpoint.encrypted_secret = encrypt(secret)
    record(ENDPOINT_SECRET_ROTATED, endpoint.id, _saved(endpoint), acting=acting)
    return endpoint_body(endpoint, secret)


@transaction.atomic
def replay_events(*, endpoint: WebhookEndpoint, from_seq: int, to_seq: int | None, acting: Principal) -> ReplayBody:
    """Sends the events from `from_seq` to `to_seq` (both included; the last one when None) again, those that
    the endpoint asks for. Raises ValidationFailed; BusinessRuleViolation (`replay_running`,
    `endpoint_inactive`)."""
    endpoint = _locked(endpoint)
    _check_active(endpoint)
    # What the endpoint has not had yet reaches it anyway.
    last = endpoint.cursor if to_seq is None else min(to_seq, endpoint.cursor)
    if from_seq > last:
        message = f"Must not be after event {last}, the last of the range that was sent to this endpoint."
        raise ValidationFailed.at("from_seq", message, "too_large")
    if endpoint.replay_cursor is not None:
        raise BusinessRuleViolation.of(REPLAY_RUNNING, last=endpoint.replay_to)
    endpoint.replay_cursor, endpoint.replay_to = from_seq - 1, last
    _saved(endpoint)
    body = ReplayBody(endpoint.public_id, from_seq, last)
    record(ENDPOINT_REPLAYED, endpoint.id, body, acting=acting)
    wake_deliveries_on_commit()
    return body


def _check_active(endpoint: WebhookEndpoint) -> None:
    if not endpoint.is_active:
        raise BusinessRuleViolation.of(ENDPOINT_INACTIVE)


def _locked(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    found = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk, deleted_at=None).first()
    if found is None:
        raise ResourceNotFound()
    return found


def _saved(endpoint: WebhookEndpoint) -> EndpointBody:
    endpoint.updated_at = timezone.now()
    endpoint.save()
    return endpoint_body(endpoint)


def _check(url: str, events: Sequence[str]) -> None:
    faults = []
    try:
        addresses.check_url(url)
    except ValueError as fault:
        faults.append(Detail(str(fault), field="url", code="invalid"))
    known = {"*", *(event_type.name for event_type in event_types())}
    faults += [
        Detail(
            f"There is no event type {name[:60]}; the types are listed at /docs/api/events.",
            field=f"events[{position}]",
            code="not_found",
        )
        for position, name in enumerate(events)
        if name not in known
    ]
    if faults:
        raise ValidationFailed(details=faults)
