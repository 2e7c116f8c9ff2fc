"""Pages for people who integrate."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bigledger.docs.openapi import encoded
from bigledger.docs.rulebook import entries
from bigledger.errors import CATALOGUE, DOCUMENTATION_PATH, BusinessRuleViolation
from bigledger.events.registry import event_types
from bigledger.rules import RULES_PATH


def openapi(request: HttpRequest) -> HttpResponse:
    """`/v1/openapi.json`, for everybody."""
    return HttpResponse(encoded(), content_type="application/json")


def reference(request: HttpRequest) -> HttpResponse:
    """The API, to read and to try, in a page that loads nothing from elsewhere."""
    return render(request, "docs/reference.html")


def errors(request: HttpRequest) -> HttpResponse:
    """The catalogue; each code is an anchor, which `documentation_url` in every error opens."""
    about = {"catalogue": CATALOGUE, "with_rules": BusinessRuleViolation.code, "rules_path": RULES_PATH}
    return render(request, "docs/errors.html", about)


def events(request: HttpRequest) -> HttpResponse:
    """The registry; each type is an anchor."""
    return render(request, "docs/events.html", {"events": event_types()})


def rules(request: HttpRequest) -> HttpResponse:
    """The business rules; each name is an anchor."""
    about = {"rules": entries(), "error": BusinessRuleViolation, "errors_path": DOCUMENTATION_PATH}
    return render(request, "docs/rules.html", about)
