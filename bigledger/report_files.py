"""A report as a file: CSV, XLSX and PDF, all from the object that JSON shows."""

from __future__ import annotations

import datetime
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.http import FileResponse
from django.utils.module_loading import import_string

from bigledger.api.download import download, download_file
from bigledger.api.response import LaterResponse
from bigledger.apps import business_apps
from bigledger.errors import ServiceUnavailable
from bigledger.tables import Cell, csv_lines, flat, table_of, write_xlsx
from bigledger.tenants.context import current_tenant
from bigledger.typesetting.render import PdfFailed, render
from bigledger.typesetting.sheet import TEMPLATE, Line, Sheet, period_of, sheet_data

CSV, XLSX, PDF = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/pdf"
# Of reports that are no tables by themselves: what gives their rows.
TABLES: Mapping[str, Callable[[Any], Iterator[list[Cell]]]] = {
    name: import_string(report.table) for app in business_apps() for name, report in app.reports.items() if report.table
}
_SHEETS: Mapping[str, Callable[[Any], Sheet]] = {
    name: import_string(report.sheet) for app in business_apps() for name, report in app.reports.items() if report.sheet
}
# Setting a document is work for a core, so that most threads of a process stay free for everything else.
logger = structlog.get_logger(__name__)
_at_work = threading.BoundedSemaphore(max(1, settings.API_THREADS // 4))
_NOT_ON_PAPER = ("_id", "lines_url")
_DAYS = re.compile(r"days_(\w+?)_(\d+)")


def as_file(report: Any, wanted: str) -> FileResponse | LaterResponse:
    """Named after the report and the last day of its parameters. `wanted` is `csv`, `xlsx` or `pdf`."""
    days = [str(value) for value in report.params.values() if isinstance(value, datetime.date)]
    name = "_".join([report.type, *days[-1:]])
    if wanted == "pdf":
        data = sheet_data(sheet_of(report), current_tenant().name, report.as_of_seq)
        headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
        return LaterResponse(lambda: _set(data), content_type=PDF, headers=headers)
    rows = TABLES.get(report.type, table_of)(report)
    if wanted == "csv":
        return download(csv_lines(rows), name=f"{name}.csv", media_type=f"{CSV}; charset=utf-8")

    def write(path: Path) -> None:
        write_xlsx(path, name, rows, report.totals)

    return download_file(write, name=f"{name}.xlsx", media_type=XLSX)


def sheet_of(report: Any) -> Sheet:
    """The report as lines, for paper and for pages. Raises ValidationFailed for one of too many lines."""
    return _SHEETS.get(report.type, plain_sheet)(report)


def _set(data: dict[str, Any]) -> bytes:
    """Raises ServiceUnavailable when as many documents are being made here as may be, or this one took too long."""
    if not _at_work.acquire(blocking=False):
        raise ServiceUnavailable("Too many documents are being prepared at the moment; try again in a few seconds.")
    try:
        return render(TEMPLATE, data)
    except PdfFailed as fault:
        logger.exception("report_not_set", title=data["heading"], said=str(fault))
        raise ServiceUnavailable("The document took too long to prepare; ask for fewer days, or for CSV.") from None
    finally:
        _at_work.release()


def plain_sheet(report: Any) -> Sheet:
    """Of a report that says nothing about paper: its columns as they are, the totals that belong to one below it, and
    the other totals below those."""
    header, *rows = table_of(report)
    names = [str(name) for name in header]
    kept = [place for place, name in enumerate(names) if name != "id" and not name.endswith(_NOT_ON_PAPER)]
    totals = flat(report.totals)
    figures = [
        place for place in kept if _is_figure(names[place], place, rows) or _total_of(names[place], totals) is not None
    ]
    texts = [place for place in kept if place not in figures]
    columns = [*texts, *figures]
    lines = [
        Line("row", [_cell(names[place], row[place]) for place in columns], _address(of))
        for row, of in zip(rows, report.rows, strict=True)
    ]
    below = [_total_of(names[place], totals) for place in figures]
    if not rows:
        lines = []
    elif any(value is not None for value in below):
        lines.append(Line("total", [*([None] * (len(texts) - 1)), "Total", *below]))
    else:
        lines += [
            Line("sum", [*([None] * (len(texts) - 1)), _words(name), *([None] * (len(figures) - 1)), value])
            for name, value in totals.items()
        ]
    lengths = [max((len(str(row[place] or "")) for row in rows), default=0) for place in texts]
    wide = lengths.index(max(lengths))
    return Sheet(
        title=_words(report.type),
        period=period_of(report.params),
        currency=report.currency,
        heads=[_words(names[place]) for place in columns],
        lines=lines,
        texts=len(texts),
        wide=wide,
    )


def _address(row: Any) -> str:
    address: str = getattr(row, "lines_url", "") or getattr(row, "id", "")
    return address


def _is_figure(name: str, place: int, rows: list[list[Cell]]) -> bool:
    found = [row[place] for row in rows if row[place] is not None]
    return not name.endswith("rate") and bool(found) and all(isinstance(value, Decimal) for value in found)


def _cell(name: str, value: Cell) -> Cell:
    """A rate is a percentage."""
    if isinstance(value, Decimal) and name.endswith("rate"):
        return f"{(value * 100).normalize():f} %"
    return value


def _total_of(name: str, totals: Mapping[str, Cell]) -> Cell:
    """The total of a column, which `totals` has under its name or under the name of the field inside an object."""
    return next((value for total, value in totals.items() if name == total or name.endswith(f"_{total}")), None)


def _words(name: str) -> str:
    """The name for people. The object around a field is left out when its name is collective (`amounts_days_1_30`)."""
    for collective in ("amounts_", "figures_"):
        name = name.removeprefix(collective)
    if days := _DAYS.fullmatch(name):
        return f"{days[1]}\N{EN DASH}{days[2]} days" if days[1] != "over" else f"Over {days[2]} days"
    return name.replace("_", " ").capitalize()
