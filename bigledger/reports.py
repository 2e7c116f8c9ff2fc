"""Every report by its name, for REST and GraphQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from django.urls import path
from django.utils.module_loading import import_string
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.shapes import Shape
from bigledger.api.views import ApiViewSet
from bigledger.apps import business_apps
from bigledger.errors import ResourceNotFound

REPORTS: Mapping[str, tuple[type[Shape], Callable[..., Any]]] = {
    name: (import_string(report.params), import_string(report.build))
    for app in business_apps()
    for name, report in app.reports.items()
}
# All have the same envelope; the document shows that of the first.
_BODIES = [get_type_hints(build)["return"] for _, build in REPORTS.values()]


class ReportViewSet(ApiViewSet):
    """`GET /v1/reports/{type}?as_of=…`: `{type, params, generated_at, currency, rows, totals}`."""

    resource = "reports"
    query_shapes = [shape for shape, _ in REPORTS.values()]

    def known_parameters(self) -> None:
        return None  # each report's shape refuses what it does not know

    @describe(gives=next(iter(_BODIES), None))
    def retrieve(self, request: Request, pk: str) -> Response:
        if pk not in REPORTS:
            raise ResourceNotFound(f"There is no report {pk[:60]}; the reports are {', '.join(REPORTS)}")
        params, report = REPORTS[pk]
        return Response(report(**params.read(request.query_params.dict())))


urlpatterns = [path("reports/<str:pk>", ReportViewSet.as_view({"get": "retrieve"}))]
