"""The one connection of the process that listens: which log has grown, and up to which number."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import structlog
from django.db import Error, connections

from bigledger.events.relay import LISTENER, LOG_CHANNEL

QUIET_SECONDS = 5.0  # after which the connection is tried, since a lost one may say nothing
RECONNECT_SECONDS = 0.5

logger = structlog.get_logger(__name__)


class Listener(threading.Thread):
    """Calls `on_growth(tenant, seq)` for each notification, and `on_gap()` whenever some may have been missed."""

    def __init__(self, on_growth: Callable[[uuid.UUID, int], None], on_gap: Callable[[], None]) -> None:
        super().__init__(name="listener", daemon=True)
        self._on_growth, self._on_gap = on_growth, on_gap
        self._ended = threading.Event()

    def end(self) -> None:
        """Within `QUIET_SECONDS`."""
        self._ended.set()

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                self._listen()
            except (Error, OSError) as fault:
                logger.warning("sockets_lost_database", error=str(fault))
                connections[LISTENER].close()
                self._ended.wait(RECONNECT_SECONDS)
        connections[LISTENER].close()

    def _listen(self) -> None:
        listener = connections[LISTENER]
        with listener.cursor() as cursor:
            cursor.execute(f"LISTEN {LOG_CHANNEL}")
        self._on_gap()
        while not self._ended.is_set():
            was_quiet = True
            with listener.wrap_database_errors:
                for notification in listener.connection.notifies(timeout=QUIET_SECONDS):
                    was_quiet = False
                    tenant, _, seq = notification.payload.partition(" ")
                    self._on_growth(uuid.UUID(tenant), int(seq))
            if was_quiet:
                with listener.cursor() as cursor:
                    cursor.execute("SELECT 1")
