"""Errors for people: a page instead of the envelope, if a browser asks and the path is not one of the API."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from bigledger import errors

API_PATH = re.compile(r"/(api/)?v1(/|$)")

_TITLES = {
    400: "This request could not be understood",
    403: "You do not have access to this page",
    404: "Page not found",
    405: "This page does not support that action",
    413: "The upload is too large",
    429: "Too many requests",
    500: "Something went wrong",
    503: "Temporarily unavailable",
}
_WORDS = {
    403: "You are signed in, but your role does not give you access to this page.",
    404: "The address may be mistyped, or the page may have been removed.",
    405: "Go back and use the links and buttons of the page.",
    500: "This is an error on our side, and it has been logged. If it persists, tell us the request id below.",
    503: "Try again in a minute.",
}


def wants_page(request: HttpRequest) -> bool:
    """Whether HTML is preferred, as by a browser. `*/*`, or no Accept header, gets JSON."""
    accepted = request.META.get("HTTP_ACCEPT", "")
    if "text/html" not in accepted or API_PATH.match(request.path_info):
        return False
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"


def error_page(request: HttpRequest, error: errors.ApiError, headers: Mapping[str, str]) -> HttpResponse:
    status = error.status
    context = {
        "title": _TITLES.get(status, error.description),
        "message": _WORDS.get(status, error.message),
        "status": status,
        "request_id": getattr(request, "id", ""),
    }
    # Without the request: what failed may be what a context processor would ask again.
    page = render_to_string("bigledger/error.html", context)
    response = HttpResponse(page, status=status, headers={**headers, "Cache-Control": "no-store"})
    response.told = context  # type: ignore[attr-defined] # for a frame that shows the same inside
    return response
