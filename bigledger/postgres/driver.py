"""psycopg, with connections that do not wait for ever: what Django's backend takes as its driver.

A server that hangs (stopped, its disk away, its machine gone) says nothing, and neither a time-out of the server's nor
one of TCP's ends the wait on a unix socket. So each connection says until when it waits; one thread of the process
looks once a second and shuts the wire of those whose time is over. libpq then reports a lost server to the waiting
thread. A wait costs two assignments for it.
"""

from __future__ import annotations

import math
import os
import socket
import threading
import time
import weakref
from typing import Any

import psycopg
import structlog
from psycopg import *  # noqa: F403 - the names that Django's backend asks a driver for
from psycopg.pq.abc import PGconn

LOOK_SECONDS = 1.0

logger = structlog.get_logger(__name__)


class Patience:
    """How long one connection waits for its server, as a context around each wait."""

    def __init__(self, wire: socket.socket) -> None:
        self.seconds = math.inf
        self.until = math.inf
        self._wire = wire

    def __enter__(self) -> None:
        self.until = time.monotonic() + self.seconds

    def __exit__(self, *fault: object) -> None:
        self.until = math.inf

    def end(self) -> None:
        """The wire is shut: whoever waits finds the server gone."""
        self.until = math.inf
        try:
            self._wire.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it was closed meanwhile
        logger.error("database_hangs")


class PatientConnection(psycopg.Connection[Any]):
    """A connection that waits for as long as its `patience`."""

    def __init__(self, pgconn: PGconn, *arguments: Any, **more: Any) -> None:
        super().__init__(pgconn, *arguments, **more)
        # A descriptor of its own: libpq closes its one when it likes, and the number may be another's by then.
        wire = socket.socket(fileno=os.dup(pgconn.socket))
        self.patience = Patience(wire)
        self._hang_up = weakref.finalize(self, wire.close)
        _watcher.watch(self.patience)

    def wait(self, *arguments: Any, **more: Any) -> Any:
        with self.patience:
            return super().wait(*arguments, **more)

    def close(self) -> None:
        super().close()
        self._hang_up()


connect = PatientConnection.connect


class _Watcher:
    """The thread that looks, started with the first connection of a process."""

    def __init__(self) -> None:
        self._forget()
        os.register_at_fork(after_in_child=self._forget)  # threads do not come along

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._watched: weakref.WeakSet[Patience] = weakref.WeakSet()
        self._runs = False

    def watch(self, patience: Patience) -> None:
        with self._lock:
            self._watched.add(patience)
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, name="database patience", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            with self._lock:
                watched = list(self._watched)
            now = time.monotonic()
            for patience in watched:
                if patience.until < now:
                    patience.end()


_watcher = _Watcher()
