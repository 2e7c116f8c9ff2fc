"""Any list of the back office as a file, with the filters it has, and the sums of all that it shows."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from msgspec import Struct

from bigledger.access.admin_columns import grouped
from bigledger.access.admin_tenant import TenantAdmin
from bigledger.api.download import download, download_file
from bigledger.tables import Cell, csv_lines, write_xlsx

MOST_ROWS = 100_000  # of a file, and of what is summed: a longer list is asked for with a filter, or over the API
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _NoTotals(Struct):
    """The totals of an export, which has none: the page of the list shows the sums itself."""


def export(request: HttpRequest, app: str, model: str, wanted: str) -> HttpResponseBase:
    """The rows of the list that the address filters, in its columns and order, as CSV or XLSX."""
    try:
        page = admin.site._registry.get(apps.get_model(app, model))
    except LookupError:
        page = None
    if not isinstance(page, TenantAdmin) or wanted not in ("csv", "xlsx"):
        raise Http404
    if not page.has_view_permission(request):
        raise PermissionDenied
    try:
        rows = page.get_changelist_instance(request).get_queryset(request)[:MOST_ROWS]
    except IncorrectLookupParameters:
        raise Http404 from None
    name = f"{page.opts.verbose_name_plural}.{wanted}".replace(" ", "-")
    table = list(_table(page, rows))
    if wanted == "csv":
        return download(csv_lines(table), name=name, media_type="text/csv; charset=utf-8")
    title = str(page.opts.verbose_name_plural).capitalize()
    return download_file(lambda file: write_xlsx(file, title, table, _NoTotals()), name=name, media_type=_XLSX)


def urls() -> list[URLPattern]:
    view = admin.site.admin_view(export)
    return [path("export/<str:app>/<str:model>.<str:wanted>", view, name="export")]


def exports(request: HttpRequest, opts: Any) -> list[tuple[str, str]]:
    """Titles and addresses of the files of a list as it is filtered."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return [
        (title, reverse("admin:export", args=(opts.app_label, opts.model_name, wanted)) + query)
        for title, wanted in (("CSV", "csv"), ("Excel", "xlsx"))
    ]


def _table(page: TenantAdmin, rows: Any) -> Iterator[list[Cell]]:
    names = [name for name in page.list_display if name != "action_checkbox"]
    yield [str(label_for_field(name, page.model, model_admin=page)) for name in names]
    for row in rows:
        yield [_cell(page, name, row) for name in names]


def _cell(page: TenantAdmin, name: Any, row: Any) -> Cell:
    """The value itself where the column shows a number, so that a spreadsheet can reckon with it."""
    order = getattr(getattr(page, str(name), None), "admin_order_field", None)
    value = getattr(row, order, None) if isinstance(order, str) else None
    if not isinstance(value, Decimal):
        _, _, value = lookup_field(name, row, page)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="seconds")
    return value if isinstance(value, Decimal | int | datetime.date) else str("" if value is None else value)


def sums(changelist: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """By currency, the sum of each of the columns that the page sums, over every page of the list, in one query."""
    page = changelist.model_admin
    if not page.sum_columns or not 0 < changelist.result_count <= MOST_ROWS:
        return []
    rows = changelist.queryset.order_by().values("currency").annotate(
        **{f"sum_of_{name}": Sum(name) for name in page.sum_columns}
    )  # fmt: skip
    return [
        (row["currency"], [(name.replace("_", " ").capitalize(), grouped(row[f"sum_of_{name}"], row["currency"]))
                           for name in page.sum_columns])
        for row in sorted(rows, key=lambda row: row["currency"])
    ]  # fmt: skip
