"""The outermost middleware: security headers on every answer. Beside it, what is answered without HTTPS."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from bigledger import errors
from bigledger.api.error_pages import wants_page
from bigledger.api.failures import error_response
from bigledger.server import headers, proxies

# For load balancers and probes, which know no certificate; they show nothing.
_OPEN_PATHS = frozenset({"/healthz", "/readyz"})
_HTTPS_ONLY = "This server accepts HTTPS only; a proxy that terminates TLS must be listed in TRUSTED_PROXIES"


class FrontMiddleware:
    """Sees every answer of Django's: of the API, rehearsed and replayed, pages, static files, redirects, failures."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content and wants_page(request):
            page = error_response(request, errors.MethodNotAllowed())
            for name in ("Allow", "X-Request-ID", "X-API-Version"):
                page[name] = response[name]
            response = page
        _secure(request, response)
        return response


def _secure(request: HttpRequest, response: HttpResponse) -> None:
    if response.headers.get("Content-Type", "").startswith("text/html"):
        wanted = headers.of_page(headers.page_policy(request.path_info))
    else:
        wanted = headers.of_data()
    # Below `headers[name] = value`, which would check the same few names and values again for each answer.
    given = response.headers._store
    for name, value in wanted.items():
        given.setdefault(name.lower(), (name, value))


def over_https_only(request: HttpRequest) -> HttpResponse:
    return error_response(request, errors.PermissionDenied(_HTTPS_ONLY))


def is_private(request: HttpRequest) -> bool:
    """Whether the request came over HTTPS (by connection or trusted proxy), from this machine, or is a probe."""
    meta = request.META
    if request.scheme == "https" or request.path_info in _OPEN_PATHS:
        return True
    if meta.get("bigledger.through_proxy") or "HTTP_X_FORWARDED_PROTO" in meta or "HTTP_X_FORWARDED_FOR" in meta:
        return False
    return proxies.is_loopback(meta.get("bigledger.peer") or meta.get("REMOTE_ADDR", ""))
