"""From the path to the view, for callers who bring a credential of their own.

The rest of settings.MIDDLEWARE serves pages (sessions, CSRF, messages, static files): such a caller needs
none of it and would pay for it with each request. The security headers stay.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from django.urls import resolve

from bigledger.api.failures import error_response
from bigledger.api.request import ApiRequest

_MOST_HOSTS = 1000
_resolve = lru_cache(maxsize=4096)(resolve)  # a path always means the same; finding out takes 80 µs


_sane_hosts: set[str] = set()


def _check_host(request: HttpRequest) -> None:
    """Refuses a name that is not ours. The names in ALLOWED_HOSTS with a port are few; what was well is well."""
    given = request.META.get("HTTP_HOST", "")
    if given not in _sane_hosts:
        request.get_host()
        if len(_sane_hosts) < _MOST_HOSTS:
            _sane_hosts.add(given)


def permit(request: ApiRequest) -> None:
    """What the view itself will ask of this caller, asked now: an answer kept for somebody is behind this door.

    Raises PermissionDenied. A path that leads nowhere has nothing to guard, and neither has a view open to all.
    """
    try:
        view = getattr(_resolve(request.path_info).func, "cls", None)
    except Http404:
        return
    if view is not None and request.principal is not None:
        for permission in view.permission_classes:
            if (guard := getattr(permission, "guard", None)) is not None:
                guard(request.principal, request.method, view.resource)


def _respond(request: HttpRequest) -> HttpResponse:
    try:
        _check_host(request)
        request.resolver_match = match = _resolve(request.path_info)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        if callable(render := getattr(response, "render", None)):
            response = render()
    except Exception as fault:  # noqa: BLE001 - as Django's own handler does
        response = error_response(request, fault)
    if not response.streaming:
        response["Content-Length"] = str(len(response.content))
    response["X-Frame-Options"] = "DENY"
    return response


respond = cast(Callable[[HttpRequest], HttpResponse], SecurityMiddleware(_respond))
