"""Wakes the relay after a commit, and outside of the transaction.

A NOTIFY inside the writer's transaction would make all commits wait for each other (docs/adr/0021). This one is sent on
the autocommit connection after the transaction, at most every few milliseconds per process; the relay goes on looking
for longer than that after it has found events. If a notification is lost, the relay finds the events when it looks the
next time.
"""

from __future__ import annotations

import time

import structlog
from django.db import Error, connections

from bigledger.postgres.backend.base import connected
from bigledger.postgres.execute import call
from bigledger.postgres.statement import Call

PENDING_CHANNEL = "events_pending"
NUMBERED = "numbered"  # what a notification says when its sender has numbered events, which the relay does otherwise
INTERVAL_SECONDS = 0.02
_NOTIFY = Call("pg_notify({0}, {1})")

logger = structlog.get_logger(__name__)
_last_sent = 0.0


def wake_relay_on_commit() -> None:
    """Wakes the relay once the transaction is committed."""
    connected("default").on_commit(_wake_relay)


def _wake_relay() -> None:
    global _last_sent
    now = time.monotonic()
    if now - _last_sent < INTERVAL_SECONDS:
        return
    _last_sent = now
    _notify("")


def report_numbered() -> None:
    """Events are numbered: the relay wakes those who wait for them."""
    _notify(NUMBERED)


def _notify(message: str) -> None:
    try:
        call(_NOTIFY, PENDING_CHANNEL.encode(), message.encode(), using="autonomous")
    except Error as fault:
        # The change is committed all the same; the relay numbers its events when it looks the next time.
        logger.warning("relay_not_woken", error=str(fault))
        connections["autonomous"].close()
