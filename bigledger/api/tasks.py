"""Scheduled jobs."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from bigledger.api.models import IdempotencyKey
from bigledger.tenants.jobs import for_each_tenant

_LIFETIME = timedelta(hours=24)
_BATCH = 5000


@shared_task(name="api.prune_idempotency_keys")
def prune_idempotency_keys() -> int:
    """Deletes idempotency keys that are older than a day; returns how many."""
    return for_each_tenant(None, _sweep, job="api.prune_idempotency_keys")


def _sweep() -> int:
    old = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - _LIFETIME).values_list("pk", flat=True)[:_BATCH]
    return IdempotencyKey.objects.filter(pk__in=list(old)).delete()[0]
