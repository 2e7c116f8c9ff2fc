"""Heartbeats: each child of the supervisor touches a file while it works, and the supervisor checks the file.

A loop calls `beat` in each iteration, so a loop that hangs stops beating. Outside `manage.py up` there is no file, and
nothing happens.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

INTERVAL_SECONDS = 1.0
# A process no longer serves if all its threads are at work on requests older than this.
STUCK_SECONDS = 120.0

_last = 0.0
at_work: dict[int, float] = {}  # thread to when its request began


def beat() -> None:
    """Call this in every iteration of a loop; it touches the file at most once a second."""
    global _last
    now = time.monotonic()
    if now - _last < INTERVAL_SECONDS:
        return
    _last = now
    child = settings.BIGLEDGER_CHILD
    if child:
        touch(beat_file(child))


def beat_file(child: str) -> Path:
    """The heartbeat file of a child."""
    return Path(settings.BIGLEDGER_HOME) / "run" / f"{child}.beat"


def touch(path: Path) -> None:
    """Sets the time of the file to now, and creates it if it does not exist."""
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        os.utime(path)


def beat_while_threads_are_free(threads: int) -> None:
    """For one of several API processes: touches `<child>-<pid>.beat` unless all of its threads are stuck."""
    if not settings.BIGLEDGER_CHILD:
        return
    path = beat_file(f"{settings.BIGLEDGER_CHILD}-{os.getpid()}")

    def watch() -> None:
        while True:
            now = time.monotonic()
            stuck = sum(1 for began in list(at_work.values()) if now - began > STUCK_SECONDS)
            if stuck < threads:
                touch(path)
            time.sleep(INTERVAL_SECONDS)

    threading.Thread(target=watch, name="beat", daemon=True).start()
