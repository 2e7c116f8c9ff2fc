"""The relay: numbers committed events, tenant by tenant, and notifies listeners.

It runs as a process of its own (`manage.py relay`). Several at once are safe, because the head of a tenant's log is
locked while it grows. The relay listens for notifications of writers, goes on looking while there is work, and looks at
least once a second. If the server restarts, or the schema does not exist yet, the relay waits for it.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable

import structlog
from django.db import Error, connections

from bigledger.events.wake import INTERVAL_SECONDS, NUMBERED, PENDING_CHANNEL
from bigledger.heartbeat import beat
from bigledger.postgres.execute import fetch_all, fetch_one

# The relay does everything on one connection that goes past any pooler, because listening needs a session.
LISTENER = "listener"
LOG_CHANNEL = "events"  # what `events_number` notifies: "<tenant uuid> <last seq>"
# One call numbers at most BATCH events, divided evenly among at most TENANTS tenants. So no tenant waits for the
# backlog of another, and no transaction becomes long.
BATCH = 2000
TENANTS = 100
LOOK_SECONDS = 1.0
# After it has found events, the relay goes on looking for longer than writers hold their notifications back. Between
# two looks it rests several times as long as it worked: postings on the same machine need the cores more, and the
# events that wait meanwhile are numbered at once.
LINGER_SECONDS = 5 * INTERVAL_SECONDS
RESTS_PER_WORK = 9
SHORTEST_REST_SECONDS, LONGEST_REST_SECONDS = 0.01, 0.05
RECONNECT_SECONDS = 0.5

logger = structlog.get_logger(__name__)


def number_pending() -> dict[uuid.UUID, int]:
    """Numbers committed events, at most a share of a batch per tenant. Returns the last number of each tenant that had
    any."""
    numbered: dict[uuid.UUID, int] = {}
    after = uuid.UUID(int=0)
    while True:
        (tenants,) = fetch_one("SELECT events_waiting(%s, %s)", [after, TENANTS], using=LISTENER)
        if tenants:
            share = max(1, BATCH // len(tenants))
            numbered |= fetch_all("SELECT * FROM events_number(%s, %s)", [tenants, share], using=LISTENER)
        if len(tenants) < TENANTS:
            return numbered
        after = tenants[-1]


def run(stop: threading.Event, on_numbered: Callable[[], None]) -> None:
    """Relays until `stop` is set. `on_numbered` is called after events were numbered, here or by another process that
    says so, at most once per look."""
    while not stop.is_set():
        beat()
        try:
            _serve(stop, on_numbered)
        except Error as fault:
            logger.warning("relay_lost_database", error=str(fault))
            connections[LISTENER].close()
            stop.wait(RECONNECT_SECONDS)
    connections[LISTENER].close()


def _serve(stop: threading.Event, on_numbered: Callable[[], None]) -> None:
    listener = connections[LISTENER]
    with listener.cursor() as cursor:
        cursor.execute(f"LISTEN {PENDING_CHANNEL}")
    last_find = 0.0
    while not stop.is_set():
        beat()
        began = time.monotonic()
        found = number_pending()
        now = time.monotonic()
        if found:
            last_find = now
            on_numbered()
        if now - last_find < LINGER_SECONDS:
            stop.wait(min(max(RESTS_PER_WORK * (now - began), SHORTEST_REST_SECONDS), LONGEST_REST_SECONDS))
        else:
            with listener.wrap_database_errors:
                heard = list(listener.connection.notifies(timeout=LOOK_SECONDS, stop_after=1))
            if any(each.payload == NUMBERED for each in heard):
                on_numbered()
