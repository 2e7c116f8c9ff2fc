"""One list of API routes, answering on `/v1` and on `/api/v1`; pages beside it."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from bigledger import health

api = [path("", include("ledger.urls")), path("", include("bigledger.reports"))]

urlpatterns = [
    path("v1/", include(api)),
    path("api/v1/", include((api, "api"), namespace="api")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("docs/", include("bigledger.docs.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "bigledger.api.failures.bad_request"
handler403 = "bigledger.api.failures.forbidden"
handler404 = "bigledger.api.failures.not_found"
handler500 = "bigledger.api.failures.server_error"
