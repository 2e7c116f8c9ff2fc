"""The relay: gives committed events their numbers, tenant by tenant, and says so.

Runs as a process of its own (`manage.py relay`). Several at once are safe: the head of a tenant's log is
locked while it grows. Listens for writers' wake-ups, goes on looking while there is work, and sweeps in any
case; a server that restarts, or a schema that is not there yet, is waited for.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable

import structlog
from django.db import Error, connections

from bigledger.events.wake import INTERVAL_SECONDS, PENDING_CHANNEL
from bigledger.postgres.execute import fetch_all, fetch_one

LOG_CHANNEL = "events"  # what `events_number` notifies: "<tenant uuid> <last seq>"
BATCH = 1000
SWEEP_SECONDS = 1.0
# After its last find the relay looks every PACE for longer than writers' wake-ups are held back.
PACE_SECONDS = 0.01
LINGER_SECONDS = 5 * INTERVAL_SECONDS
RECONNECT_SECONDS = 0.5

logger = structlog.get_logger(__name__)


def number_pending() -> dict[uuid.UUID, int]:
    """Numbers what is committed, at most a batch per tenant so that none waits for another's backlog.

    Returns the last number of each tenant that had something.
    """
    numbered: dict[uuid.UUID, int] = {}
    for (tenant,) in fetch_all("SELECT * FROM events_waiting()", using="worker"):
        (last,) = fetch_one("SELECT events_number(%s, %s)", [tenant, BATCH], using="worker")
        if last is not None:
            numbered[tenant] = last
    return numbered


def run(stop: threading.Event, on_numbered: Callable[[], None]) -> None:
    """Relays until `stop` is set. `on_numbered` is called after events were numbered, at most once a round."""
    while not stop.is_set():
        try:
            _serve(stop, on_numbered)
        except Error as fault:
            logger.warning("relay_lost_database", error=str(fault))
            connections["worker"].close()
            stop.wait(RECONNECT_SECONDS)
    connections["worker"].close()


def _serve(stop: threading.Event, on_numbered: Callable[[], None]) -> None:
    worker = connections["worker"]
    with worker.cursor() as cursor:
        cursor.execute(f"LISTEN {PENDING_CHANNEL}")
    last_find = 0.0
    while not stop.is_set():
        if number_pending():
            last_find = time.monotonic()
            on_numbered()
        if time.monotonic() - last_find < LINGER_SECONDS:
            stop.wait(PACE_SECONDS)
        else:
            with worker.wrap_database_errors:
                list(worker.connection.notifies(timeout=SWEEP_SECONDS, stop_after=1))
