"""Everything that answers over HTTP: the API twice, pages beside it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from bigledger import health, pages
from bigledger.backoffice import choices, history, lists, operations, reports
from bigledger.backoffice.views import choose_tenant
from bigledger.docs import views as docs
from bigledger.graphql import page as graphql_page
from bigledger.graphql.view import GraphView, at_host
from bigledger.routes import alias_routes, api_routes, page_routes
from bigledger.schema import SCHEMA

_v1: list[Any] = [*api_routes, *alias_routes, path("openapi.json", docs.openapi)]

_graphql = csrf_exempt(GraphView.as_view(schema=SCHEMA))

urlpatterns = [
    path("graphql", _graphql),
    path("graphql/v1", _graphql),
    path("graphql/token", graphql_page.token, name="graphql-token"),
    path("v1", at_host("graphql.", _graphql)),
    path("v1/", include(_v1)),
    path("api/v1/", include((_v1, "api"), namespace="api")),
    path("", pages.start, name="start"),
    path("favicon.ico", pages.favicon),
    path("docs", pages.docs),
    path("docs/", pages.docs),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("", include("bigledger.identity.page_urls")),
    *page_routes,
    path("docs/", include("bigledger.docs.urls")),
    path("admin/tenant/", choose_tenant, name="choose_tenant"),
    path(
        "admin/",
        (
            reports.urls() + operations.urls() + choices.urls() + history.urls() + lists.urls() + admin.site.get_urls(),
            "admin",
            admin.site.name,
        ),
    ),
]

handler400 = "bigledger.api.failures.bad_request"
handler403 = "bigledger.api.failures.forbidden"
handler404 = "bigledger.api.failures.not_found"
handler500 = "bigledger.api.failures.server_error"
