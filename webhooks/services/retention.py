"""Deletes old deliveries."""

from __future__ import annotations

import datetime

from django.db.models import Q
from django.utils import timezone

from webhooks.models import DeliveryState, WebhookDelivery


def delete_old_deliveries(keep: datetime.timedelta, most: int) -> int:
    """Deletes up to `most` ended deliveries older than `keep`, and the pending ones of deleted endpoints."""
    ended = ~Q(state=DeliveryState.PENDING) & Q(created_at__lt=timezone.now() - keep)
    old = WebhookDelivery.objects.filter(ended | Q(endpoint__deleted_at__isnull=False)).values("pk")[:most]
    return WebhookDelivery.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
