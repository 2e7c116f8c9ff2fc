"""Everything that answers over HTTP: the API twice, pages beside it."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from bigledger import health
from bigledger.docs import views as docs
from bigledger.routes import api_routes

urlpatterns = [
    path("v1/", include([*api_routes, path("openapi.json", docs.openapi)])),
    path("api/v1/", include(([*api_routes, path("openapi.json", docs.openapi)], "api"), namespace="api")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", include("bigledger.identity.page_urls")),
    path("docs/", include("bigledger.docs.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "bigledger.api.failures.bad_request"
handler403 = "bigledger.api.failures.forbidden"
handler404 = "bigledger.api.failures.not_found"
handler500 = "bigledger.api.failures.server_error"
