"""The API's routes, one list: mounted on `/v1` and on `/api/v1`, and described by the OpenAPI document."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from webhooks.urls import aliases

api_routes: list[URLPattern | URLResolver] = [
    path("", include("ledger.urls")),
    path("", include("webhooks.urls")),
    path("", include("bigledger.identity.urls")),
    path("", include("customers.urls")),
    path("", include("invoicing.urls")),
    path("", include("bigledger.reports")),
    path("", include("bigledger.feed")),
]
alias_routes: list[URLPattern | URLResolver] = [path("", include(aliases.urls))]
