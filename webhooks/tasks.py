"""The Celery tasks of webhooks: delivery, started by the relay and by Celery beat, and pruning."""

from __future__ import annotations

import asyncio
import datetime
import multiprocessing
import threading

import structlog
from celery import shared_task
from celery.signals import worker_shutting_down
from django.conf import settings
from django.db import Error

from bigledger.tenants.jobs import for_each_tenant
from webhooks.services.retention import delete_old_deliveries
from webhooks.services.worker import Worker

PRUNE_BATCH = 5000

logger = structlog.get_logger(__name__)
_running = threading.Lock()
# Shared with the processes of the pool, which are not told themselves when the worker is to stop.
_stopping = multiprocessing.Event()


@worker_shutting_down.connect
def stop_delivering(**kwargs: object) -> None:
    _stopping.set()


@shared_task(name="webhooks.deliver")
def deliver() -> None:
    """Sends the webhook deliveries that are due. While it runs in a process, further wake-ups of it end at once."""
    if not _running.acquire(blocking=False):
        return
    try:
        asyncio.run(Worker(_stopping.is_set).deliver())
    except Error as fault:
        logger.warning("deliveries_lost_database", error=str(fault))
    finally:
        _running.release()


@shared_task(name="webhooks.prune")
def prune_deliveries() -> int:
    """Deletes old deliveries that have ended, tenant by tenant, in batches."""
    keep = datetime.timedelta(days=settings.WEBHOOKS_KEEP_DAYS)
    return for_each_tenant(None, lambda: delete_old_deliveries(keep, PRUNE_BATCH), job="webhooks.prune")
