"""Fills the registry when Django starts, so that it is whole in every process and not only where views are."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    name = "bigledger.events"

    def ready(self) -> None:
        autodiscover_modules("events")
