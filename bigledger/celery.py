"""The Celery application: scheduled jobs and wake-ups. Data that must not be lost is in the database."""

import logging.config
import os
import sys
from pathlib import Path
from typing import Any

from celery import Celery, bootsteps
from celery.beat import PersistentScheduler
from celery.signals import setup_logging

from bigledger import clock
from bigledger.heartbeat import INTERVAL_SECONDS, beat
from bigledger.private import keep_files_private

if "celery" in Path(sys.argv[0]).parts[-2:]:  # a worker or the clock; other processes import this only to send tasks
    keep_files_private()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bigledger.settings")
app = Celery("bigledger")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def wake(task: str, queue: str) -> None:
    """Puts `task` into `queue`, unless a message is there already, because one is enough. Raises any error of the
    broker."""
    with app.producer_pool.acquire(block=True) as producer:
        if not producer.channel.queue_declare(queue).message_count:
            app.send_task(task, queue=queue, retry=False, producer=producer)


@setup_logging.connect
def log_as_everybody_does(**more: object) -> None:
    """Replaces Celery's own log lines, which do not pass through our filters."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


class HeartbeatStep(bootsteps.StartStopStep):
    """Beats in Celery's event loop, which serves a worker with Redis; the folder transport beats by itself."""

    def register_with_event_loop(self, consumer: Any, hub: Any) -> None:
        hub.call_repeatedly(INTERVAL_SECONDS, beat)


app.steps["consumer"].add(HeartbeatStep)


class Clock(PersistentScheduler):
    """Celery's scheduler, with the jobs that the apps declare; it beats at every tick."""

    def setup_schedule(self) -> None:
        self.app.conf.beat_schedule = clock.schedule()  # not a setting: settings are read before apps are known
        super().setup_schedule()

    def tick(self, *args: Any, **options: Any) -> Any:
        beat()
        return super().tick(*args, **options)
