"""The wake-up of the delivery workers. It may be lost, doubled or late, because beat sends another one regularly."""

from __future__ import annotations

import time

import structlog
from django.db import transaction

from bigledger.celery import wake
from webhooks.apps import DELIVERIES

INTERVAL_SECONDS = 0.05
# A broker that does not answer costs its time-out at each try, so no wake-up is sent for a while. The clock wakes the
# workers meanwhile.
AWAY_SECONDS = 5.0

logger = structlog.get_logger(__name__)
_next_at = 0.0


def wake_deliveries() -> None:
    """Wakes the workers, at most every INTERVAL_SECONDS per process, since a worker that is awake keeps looking
    for longer than that."""
    global _next_at
    now = time.monotonic()
    if now < _next_at:
        return
    _next_at = now + INTERVAL_SECONDS
    try:
        wake("webhooks.deliver", DELIVERIES)
    except Exception as fault:  # noqa: BLE001 - whatever is wrong with the broker, the deliveries are in the database
        _next_at = time.monotonic() + AWAY_SECONDS
        logger.warning("deliveries_not_woken", error=str(fault))


def wake_deliveries_on_commit() -> None:
    transaction.on_commit(wake_deliveries)
