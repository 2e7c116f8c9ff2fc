"""Idempotency keys: the first answer to a write, kept for a day in the write's own transaction."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from bigledger.tenants.models import TenantModel, tenant_key


class IdempotencyKey(TenantModel):
    """`fingerprint` is the SHA-256 of the request; `status`, `body` and `etag` are the answer it got."""

    id_prefix = "idem"

    tenant = tenant_key(db_constraint=False)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    etag = models.CharField(max_length=64, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="api_idempotencykey_key")]

    def __str__(self) -> str:
        return self.key
