"""Pages for people who integrate."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bigledger.errors import CATALOGUE


def errors(request: HttpRequest) -> HttpResponse:
    """The catalogue; each code is an anchor, which `documentation_url` in every error opens."""
    return render(request, "docs/errors.html", {"catalogue": CATALOGUE})
