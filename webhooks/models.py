"""Endpoints and deliveries.

The log is the queue: an endpoint's `cursor` is the last event that was turned into deliveries, so that a slow
endpoint's backlog waits in the log and not here. Of the pending deliveries of one object to one endpoint only
the first has a `next_attempt_at`; the next one gets its own when the first has ended (`services/outcome.py`).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey, TenantModel


class WebhookEndpoint(WithMetadata, TenantModel):
    """A URL to which a tenant's events are sent. `events` are types, or `*` for all."""

    id_prefix = "whe"

    url = models.CharField(max_length=2000)
    events = ArrayField(models.CharField(max_length=60))
    description = models.CharField(max_length=500, blank=True)
    is_active = models.BooleanField(default=True)
    encrypted_secret = models.BinaryField()
    previous_encrypted_secret = models.BinaryField(null=True)
    previous_secret_expires_at = models.DateTimeField(null=True)
    cursor = models.BigIntegerField()
    replay_cursor = models.BigIntegerField(null=True)
    replay_to = models.BigIntegerField(null=True)
    # Its health: failures since the last success, and since when there was none.
    consecutive_failures = models.IntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            # A replay is a range or there is none.
            models.CheckConstraint(
                condition=Q(replay_cursor__isnull=True, replay_to__isnull=True)
                | Q(replay_cursor__isnull=False, replay_to__isnull=False),
                name="webhooks_webhookendpoint_replay",
            ),
        ]

    def __str__(self) -> str:
        return self.url


class DeliveryState(models.TextChoices):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class DeliveryTrigger(models.TextChoices):
    EVENT = "event"
    TEST = "test"
    REDELIVERY = "redelivery"
    REPLAY = "replay"


class WebhookDelivery(TenantModel):
    """One event on its way to one endpoint. `body` is the exact text, signature included, of every attempt."""

    id_prefix = "whd"

    endpoint = TenantForeignKey(WebhookEndpoint, models.PROTECT, related_name="deliveries")
    event_id = models.UUIDField()
    event_type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    seq = models.BigIntegerField(null=True)
    trigger = models.CharField(max_length=12, choices=DeliveryTrigger.choices)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.IntegerField(default=0)
    # When it may be sent (again), or how long a worker's claim on it lasts; NULL while an earlier delivery of
    # its object is pending, and when it has ended.
    next_attempt_at = models.DateTimeField(null=True)
    # The last attempt.
    attempted_at = models.DateTimeField(null=True)
    duration_milliseconds = models.IntegerField(null=True)
    request_headers = models.TextField(blank=True)
    response_status = models.IntegerField(null=True)
    response_body = models.TextField(blank=True)
    error = models.CharField(max_length=300, blank=True)
    delivered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "endpoint", "seq"],
                condition=Q(trigger="event"),
                name="webhooks_webhookdelivery_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "endpoint", "next_attempt_at"],
                condition=Q(next_attempt_at__isnull=False),
                name="webhooks_webhookdelivery_due",
            ),
            models.Index(
                fields=["tenant", "endpoint", "object_id", "seq"],
                condition=Q(state="pending"),
                name="webhooks_webhookdelivery_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type}, {self.get_state_display().lower()}"
