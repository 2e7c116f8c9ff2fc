"""`manage.py relay`: numbers events as they are committed and wakes those who wait for them."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from bigledger.events import relay
from webhooks.wake import wake_deliveries


class Command(BaseCommand):
    help = "Runs the relay of the event log until it is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        relay.run(stop, wake_deliveries)
