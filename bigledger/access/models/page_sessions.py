"""The sessions of browsers on our pages, with whose they are, so that people see theirs and end them."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class PageSession(AbstractBaseSession):
    """Not a tenant's row: a browser is signed in as a person. The columns repeat what `session_data` holds."""

    user = models.ForeignKey("access.User", models.CASCADE, related_name="+", null=True)
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    signed_in_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session of a browser"
        verbose_name_plural = "sessions of browsers"
