"""Every report by its name: a route of its own, whose answer is described by its own type, and the list of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.module_loading import import_string
from rest_framework.request import Request

from bigledger.api.bodies import Body
from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.shapes import ChoiceField, Shape
from bigledger.api.views import ApiViewSet
from bigledger.apps import business_apps
from bigledger.errors import ValidationFailed
from bigledger.report_files import CSV, PDF, XLSX, as_file

REPORTS: Mapping[str, tuple[type[Shape], Callable[..., Any]]] = {
    name: (import_string(report.params), import_string(report.build))
    for app in business_apps()
    for name, report in app.reports.items()
}

_known = [name for name, (shape, _) in REPORTS.items() if "known_at" in shape().fields]
NOT_KNOWN = f"Only these reports can be given as they were known earlier: {', '.join(_known)}."


class FormatParams(Shape):
    """How a report is shown; all are made from the same object."""

    format = ChoiceField(("json", "csv", "xlsx", "pdf"), required=False)


class ReportBody(Body):
    """A report that can be asked for: its name, its address and its query parameters."""

    type: str
    description: str
    url: str
    params: list[str]


class ReportListBody(Body):
    data: list[ReportBody]


class ReportsViewSet(ApiViewSet):
    resource = "reports"

    @describe(gives=ReportListBody, named="listReports")
    def catalogue(self, request: Request) -> Response:
        """The reports, each with its parameters."""
        return Response(
            ReportListBody(
                [
                    ReportBody(
                        name, _first_line(build), f"/v1/reports/{name}", [*shape().fields, *FormatParams().fields]
                    )
                    for name, (shape, build) in REPORTS.items()
                ]
            )
        )


class ReportViewSet(ApiViewSet):
    """`GET /v1/reports/{type}?as_of=…`: `{type, params, generated_at, currency, rows, totals}`."""

    resource = "reports"
    query_shapes: list[type[Shape]] = []
    other_media = (CSV, XLSX, PDF)

    def known_parameters(self) -> None:
        return None  # each report's shape refuses what it does not know


def _first_line(build: Callable[..., Any]) -> str:
    return (build.__doc__ or "").strip().partition("\n")[0]


def _view_of(name: str, shape: type[Shape], build: Callable[..., Any]) -> type[ReportViewSet]:
    camel = name.title().replace("_", "")

    @describe(gives=get_type_hints(build)["return"], named=f"get{camel}Report")
    def made(self: ReportViewSet, request: Request) -> HttpResponseBase:
        given = request.query_params.dict()
        if "known_at" in given and "known_at" not in shape().fields:
            raise ValidationFailed.at("known_at", NOT_KNOWN, "incompatible")
        wanted = FormatParams.read({"format": given.pop("format")} if "format" in given else {}).get("format", "json")
        report = build(**shape.read(given))
        if wanted == "json":
            return Response(report)
        return as_file(report, wanted)

    made.__doc__ = f"{name.replace('_', ' ').capitalize()}\n\n{_first_line(build)}"
    return type(f"{camel}ReportViewSet", (ReportViewSet,), {name: made, "query_shapes": [shape, FormatParams]})


urlpatterns: list[URLPattern] = [
    path("reports", ReportsViewSet.as_view({"get": "catalogue"})),
    *(
        path(f"reports/{name}", _view_of(name, shape, build).as_view({"get": name}))
        for name, (shape, build) in REPORTS.items()
    ),
]
