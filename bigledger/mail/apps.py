"""Fills the registry of kinds when Django starts, from each app's `mails.py`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class MailConfig(AppConfig):
    name = "bigledger.mail"

    def ready(self) -> None:
        autodiscover_modules("mails")
