"""The wake-up of the mail job. It may be lost, doubled or late, because the clock sends another one every minute."""

from __future__ import annotations

import time

import structlog
from django.db import transaction

from bigledger.broker import MAILS
from bigledger.celery import wake

# A broker that does not answer costs its time-out at each try, so no wake-up is sent for a while.
AWAY_SECONDS = 5.0

logger = structlog.get_logger(__name__)
_next_at = 0.0


def wake_mails() -> None:
    """Wakes the mail job, unless a wake-up is queued already."""
    global _next_at
    if time.monotonic() < _next_at:
        return
    try:
        wake("mail.deliver", MAILS)
    except Exception as fault:  # noqa: BLE001 - whatever is wrong with the broker, the table has the mail
        _next_at = time.monotonic() + AWAY_SECONDS
        logger.warning("mails_not_woken", error=str(fault))


def wake_mails_on_commit() -> None:
    """Wakes the mail job once per transaction, however many mails the transaction queues."""
    waiting = transaction.get_connection().run_on_commit
    if not any(function is wake_mails for _, function, _ in waiting):
        transaction.on_commit(wake_mails)
