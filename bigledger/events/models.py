"""One row per fact. Writers insert rows without `seq`; the relay numbers them in commit order."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from bigledger.tenants.models import TenantModel, tenant_key


class Event(TenantModel):
    """A fact, frozen: `data` is the JSON text that receivers get, kept as text because a JSON column would
    read long decimals back rounded."""

    id_prefix = "evt"

    tenant = tenant_key(db_constraint=False)
    seq = models.BigIntegerField(null=True, editable=False)
    type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    data = models.TextField()
    actor = models.CharField(max_length=40, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "seq"], name="events_event_seq"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.public_id}"
