"""Jobs of the clock."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from bigledger.api.models import IdempotencyKey
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant

_KEPT = timedelta(hours=24)


@shared_task(name="api.sweep_idempotency_keys")
def sweep_idempotency_keys() -> int:
    """Deletes the keys that are older than a day; returns how many."""
    swept = 0
    for tenant in Tenant.objects.using("worker").all():
        with tenant_context(tenant):
            swept += IdempotencyKey.objects.filter(created_at__lt=timezone.now() - _KEPT).delete()[0]
    return swept
