"""The start page, and the small things that browsers ask for unasked."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

_MARK = (Path(__file__).parent / "static" / "bigledger" / "mark.svg").read_bytes()


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Where to go from here; a caller of the API that asks `/` is told the same in JSON."""
    context = {
        "title": "Welcome",
        "base_url": settings.PUBLIC_URL,
        "version": settings.API_VERSION,
        "environment": settings.BIGLEDGER_ENVIRONMENT,
    }
    return render(request, "bigledger/start.html", context)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_MARK, content_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/docs/api")
