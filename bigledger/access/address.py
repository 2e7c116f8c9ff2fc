"""The address that a request came from."""

from __future__ import annotations

from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The caller's IP address, as limits and `allowed_networks` see it."""
    return str(request.META.get("REMOTE_ADDR", ""))
