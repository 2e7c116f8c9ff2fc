"""Pages for people who integrate."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bigledger.docs.openapi import encoded
from bigledger.errors import CATALOGUE
from bigledger.events.registry import event_types


def openapi(request: HttpRequest) -> HttpResponse:
    """`/v1/openapi.json`, for everybody."""
    return HttpResponse(encoded(), content_type="application/json")


def reference(request: HttpRequest) -> HttpResponse:
    """The API, to read and to try, in a page that loads nothing from elsewhere."""
    return render(request, "docs/reference.html")


def errors(request: HttpRequest) -> HttpResponse:
    """The catalogue; each code is an anchor, which `documentation_url` in every error opens."""
    return render(request, "docs/errors.html", {"catalogue": CATALOGUE})


def events(request: HttpRequest) -> HttpResponse:
    """The registry; each type is an anchor."""
    return render(request, "docs/events.html", {"events": event_types()})
