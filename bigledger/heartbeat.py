"""Signs of life: each child of the supervisor touches a file, which the supervisor checks.

A loop calls `beat` where it goes round, so that what stops going round stops beating. Outside `manage.py up` there is
no file and nothing happens.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

INTERVAL_SECONDS = 1.0
# A process whose threads are all at work on requests older than this does not serve any more.
STUCK_SECONDS = 120.0

_last = 0.0
at_work: dict[int, float] = {}  # thread to when its request began


def beat() -> None:
    """Cheap enough for every turn of a loop: the file is touched once a second at most."""
    global _last
    now = time.monotonic()
    if now - _last < INTERVAL_SECONDS:
        return
    _last = now
    child = settings.BIGLEDGER_CHILD
    if child:
        touch(beat_file(child))


def beat_file(child: str) -> Path:
    return Path(settings.BIGLEDGER_HOME) / "run" / f"{child}.beat"


def touch(path: Path) -> None:
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        os.utime(path)


def beat_while_threads_are_free(threads: int) -> None:
    """For one of several API processes: beats in `<child>-<pid>.beat` unless all threads are stuck."""
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
