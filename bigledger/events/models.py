"""The numbered log: one row per fact, in the order in which the facts were committed.

Writers insert into `events_pending`, a table of SQL's own (`sql/log.sql`); the relay moves rows from there
into this one, which nobody else can write and nobody can change.
"""

from __future__ import annotations

from django.db import models

from bigledger.tenants.models import TenantModel, tenant_key


class Event(TenantModel):
    """A fact, frozen. `data` and `previous` are the JSON text that receivers get, kept as text because a JSON
    column would read long decimals back rounded. `interface` is empty for events of before it was kept. `hash` chains
    each event to the one before it."""

    id_prefix = "evt"

    tenant = tenant_key(db_constraint=False)
    seq = models.BigIntegerField(editable=False)
    type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    data = models.TextField()
    previous = models.TextField(null=True)
    api_version = models.CharField(max_length=20)
    actor = models.CharField(max_length=100, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    interface = models.CharField(max_length=10, blank=True, default="", db_default="")
    created_at = models.DateTimeField(editable=False)
    hash = models.BinaryField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "seq"], name="events_event_seq"),
        ]
        indexes = [
            models.Index(fields=["tenant", "created_at", "seq"], name="events_event_recorded"),
            models.Index(fields=["tenant", "object_id", "seq"], name="events_event_object"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"
