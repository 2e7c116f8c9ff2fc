"""The API's routes, one list: mounted on `/v1` and on `/api/v1`, and described by the OpenAPI document."""

from __future__ import annotations

from django.urls import include, path

api_routes = [
    path("", include("ledger.urls")),
    path("", include("bigledger.identity.urls")),
    path("", include("bigledger.reports")),
]
