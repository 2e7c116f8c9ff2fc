"""From the path to the view, for callers who bring a credential of their own.

The rest of settings.MIDDLEWARE serves pages (sessions, CSRF, messages, static files): such a caller needs
none of it and would pay for it with each request.
"""

from __future__ import annotations

from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve

from bigledger.api.failures import error_response
from bigledger.api.request import ApiRequest

# Callers can fill both caches, so their number and length are limited: 4,096 paths of 200 letters.
_MOST_HOSTS = 1000
_MOST_PATH_LETTERS = 200
_MOST_HOST_LETTERS = 255
_resolve_again = lru_cache(maxsize=4096)(resolve)  # a path always means the same; finding out takes 80 µs
_sane_hosts: set[str] = set()


def _resolve(path: str) -> ResolverMatch:
    return _resolve_again(path) if len(path) <= _MOST_PATH_LETTERS else resolve(path)


def _check_host(request: HttpRequest) -> None:
    """Refuses a host that is not in ALLOWED_HOSTS. Hosts that have passed are cached; with their ports they are few."""
    given = request.META.get("HTTP_HOST", "")
    if given not in _sane_hosts:
        request.get_host()
        if len(_sane_hosts) < _MOST_HOSTS and len(given) <= _MOST_HOST_LETTERS:
            _sane_hosts.add(given)


def permit(request: ApiRequest) -> None:
    """Checks the view's own permission now, because a stored answer must not be shown without it.

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


def respond(request: HttpRequest) -> HttpResponse:
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
    return response
