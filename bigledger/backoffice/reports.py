"""The reports in the back office: a list, and a page for each, with its parameters above it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from bigledger.access.admin_tenant import add_faults, may
from bigledger.api.response import LaterResponse
from bigledger.api.shapes import Shape
from bigledger.backoffice.addresses import page_of
from bigledger.backoffice.shape_forms import ShapeForm, form_of
from bigledger.errors import ApiError
from bigledger.periods import month_end_before
from bigledger.report_files import as_file, sheet_of
from bigledger.reports import REPORTS
from bigledger.tenants.context import current_tenant
from bigledger.typesetting.sheet import Sheet, figure_of, text_of

_FORMATS = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV"}


def title_of(name: str) -> str:
    return name.replace("_", " ").capitalize()


def catalogue(request: HttpRequest) -> HttpResponse:
    """Every report with what it shows."""
    _require(request)
    found = [(title_of(name), reverse("admin:report", args=(name,)), about(name)) for name in REPORTS]
    return TemplateResponse(request, "backoffice/reports.html", {**_frame(request, "Reports"), "reports": found})


def report(request: HttpRequest, name: str) -> HttpResponseBase:
    """Without parameters, as of today or of this fiscal year; with `format`, the file."""
    _require(request)
    if name not in REPORTS:
        raise Http404
    shape, build = REPORTS[name]
    given = request.GET.copy()
    wanted = given.pop("format", [""])[-1]
    form = form_of(shape)(given)
    found, sheet = _made(form, shape, build)
    if wanted in _FORMATS and found is not None:
        return _completed(as_file(found, wanted))
    shown = {
        **_frame(request, sheet.title if sheet else title_of(name)),
        "about": about(name),
        "form": form,
        "sheet": sheet,
        "lines": list(_shown(sheet)) if sheet else [],
        "report": found,
        "files": [(label, _address(request, format=form_)) for form_, label in _FORMATS.items()] if found else [],
        "periods": list(_periods(request, set(form.fields))),
        "is_asked": bool(given) or all(not field.required for field in form.fields.values()),
    }
    return TemplateResponse(request, "backoffice/report.html", shown)


def about(name: str) -> str:
    """The first paragraph of what its function says of itself."""
    return " ".join((REPORTS[name][1].__doc__ or "").strip().partition("\n\n")[0].partition("Raises")[0].split())


def urls() -> list[URLPattern]:
    return [
        path("reports/", admin.site.admin_view(catalogue), name="reports"),
        path("reports/<str:name>/", admin.site.admin_view(report), name="report"),
    ]


def _require(request: HttpRequest) -> None:
    if not may(request, "read", "reports"):
        raise PermissionDenied


def _frame(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title}


def _made(form: ShapeForm, shape: type[Shape], build: Callable[..., Any]) -> tuple[Any, Sheet | None]:
    """The report and its lines; nothing, with the faults at their fields, when it cannot be made."""
    if not form.is_valid():
        return None, None
    try:
        found = build(**shape.read(form.texts()))
        form.fill(found.params)
        return found, sheet_of(found)
    except ApiError as fault:
        add_faults(form, fault, {})
        return None, None


def _completed(file: HttpResponseBase) -> HttpResponseBase:
    if isinstance(file, LaterResponse):
        file.complete()
    return file


def _shown(sheet: Sheet) -> Iterator[dict[str, Any]]:
    """Each line as cells of a table; its texts and the first figure lead to what they are made of."""
    for line in sheet.lines:
        page = page_of(line.address) if line.address else None
        texts = [
            {"text": text_of(cell), "page": page if cell and isinstance(cell, str) else None}
            for cell in line.cells[: sheet.texts]
        ]
        figures = [
            {**figure_of(cell, sheet.currency), "page": page if not place else None}
            for place, cell in enumerate(line.cells[sheet.texts :])
        ]
        span = len(sheet.heads) - len(line.cells) + 1 if line.kind == "section" else 1
        yield {"kind": line.kind, "texts": texts, "figures": figures, "span": span}


def _address(request: HttpRequest, **more: str) -> str:
    given = request.GET.copy()
    for name, value in more.items():
        given[name] = value
    return f"?{given.urlencode()}"


def _periods(request: HttpRequest, names: set[str]) -> Iterator[tuple[str, str]]:
    """Stretches of days that are asked for most, as links that leave the other parameters as they are."""
    tenant = current_tenant()
    today = tenant.today()
    month, year = today.replace(day=1), tenant.fiscal_year_of(today)[0]
    last_month, last_year = month_end_before(today), year - datetime.timedelta(days=1)
    spans = [
        ("This month", month, today),
        ("Last month", last_month.replace(day=1), last_month),
        ("This fiscal year", year, today),
        ("Last fiscal year", tenant.fiscal_year_of(last_year)[0], last_year),
    ]
    kept = {name: value for name, value in request.GET.items() if name in names - {"as_of", "from", "to"} and value}
    for label, start, end in spans:
        if "as_of" in names and label != "This fiscal year":
            shown = {"This month": "Today"}.get(label, f"End of {label.lower()}")
            yield shown, f"?{urlencode({**kept, 'as_of': end})}"
        elif {"from", "to"} <= names:
            yield label, f"?{urlencode({**kept, 'from': start, 'to': end})}"
