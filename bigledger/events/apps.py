"""Fills the registries of events and of rules when Django starts, so that they are whole in every process."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    name = "bigledger.events"

    def ready(self) -> None:
        autodiscover_modules("events", "rules")
