"""The threads that run the application, each with its own database connections."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import structlog

_MOST_WAITING = 512

Job = Callable[[], None]

logger = structlog.get_logger(__name__)


class Pool:
    """`threads` daemons and one queue between them."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()

    def start(self) -> None:
        for number in range(self._threads):
            threading.Thread(target=self._work, name=f"request-{number}", daemon=True).start()

    def has_room(self) -> bool:
        return self._jobs.qsize() < _MOST_WAITING

    def put(self, job: Job) -> None:
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                job()
            except BaseException:  # whatever it is, the thread is needed for the next request
                logger.exception("request_job_failed")
            del job  # what a waiting thread holds, it would hold until its next request
