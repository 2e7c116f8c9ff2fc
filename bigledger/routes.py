"""The API's routes, one list: mounted on `/v1` and on `/api/v1`, and described by the OpenAPI document."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import import_string

from bigledger.apps import business_apps

api_routes: list[URLPattern | URLResolver] = [
    *(path("", include(app.routes)) for app in business_apps() if app.routes),
    path("", include("bigledger.identity.urls")),
    path("", include("bigledger.reports")),
    path("", include("bigledger.feed")),
]
alias_routes: list[URLPattern | URLResolver] = [
    path("", include(import_string(app.aliases))) for app in business_apps() if app.aliases
]
page_routes: list[URLPattern | URLResolver] = [
    path(place, include(module)) for app in business_apps() for place, module in app.pages.items()
]
