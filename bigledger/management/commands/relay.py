"""`manage.py relay`: numbers events as they are committed and wakes those who wait for them."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from bigledger.apps import business_apps
from bigledger.events import relay


class Command(BaseCommand):
    help = "Runs the relay of the event log until it is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        wakes = [import_string(function) for app in business_apps() for function in app.on_numbered]

        def wake_all() -> None:
            for wake in wakes:
                wake()

        relay.run(stop, wake_all)
