"""A report as a table, for spreadsheets: CSV (RFC 4180) and XLSX, from the object that JSON shows.

No text becomes a formula: a cell of a CSV that would begin one has one apostrophe more in front, and an XLSX has texts
as texts (OWASP, *CSV injection*).
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_type_hints

import xlsxwriter
from msgspec import UNSET, Struct, structs

from bigledger.errors import ValidationFailed

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
MOST_XLSX_ROWS = 1_048_576
_DAY_FORMAT, _AMOUNT_FORMAT = "yyyy-mm-dd", "#,##0.00##"

Cell = str | int | Decimal | datetime.date | None


def flat(row: Struct) -> dict[str, Any]:
    """The fields of a row by name; those of an object inside it follow its own name (`account_code`)."""
    return dict(_fields(row, ""))


def _fields(row: Struct, before: str) -> Iterator[tuple[str, Any]]:
    for field in structs.fields(row):
        value = getattr(row, field.name)
        name = f"{before}{field.encode_name}"
        if isinstance(value, Struct):
            yield from _fields(value, f"{name}_")
        elif value is not UNSET and not _struct_in(field.type):
            yield name, value


def _columns(row: type[Struct], before: str = "") -> Iterator[str]:
    """The names that `flat` gives to the fields of such rows, also when there is none."""
    for field in structs.fields(row):
        name = f"{before}{field.encode_name}"
        if inner := _struct_in(field.type):
            yield from _columns(inner, f"{name}_")
        elif field.default is not UNSET:
            yield name


def _struct_in(type_: Any) -> type[Struct] | None:
    """The object in a field of this type, which may be missing."""
    parts = (type_, *get_args(type_))
    return next((part for part in parts if isinstance(part, type) and issubclass(part, Struct)), None)


def _header(row: type[Struct], rows: Iterable[dict[str, Any]]) -> list[str]:
    """The columns that such rows always have, and those that some of these have (a comparison)."""
    return list(dict.fromkeys([*_columns(row), *(name for one in rows for name in one)]))


def _row_type(report: Struct) -> type[Struct]:
    row: type[Struct] = get_args(get_type_hints(type(report))["rows"])[0]
    return row


def table_of(report: Any) -> Iterator[list[Cell]]:
    """The names of the columns, then a line for each row."""
    flattened = [flat(row) for row in report.rows]
    header = _header(_row_type(report), flattened)
    yield list(header)
    for row in flattened:
        yield [row.get(name) for name in header]


def csv_lines(rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """Each row as a line of CSV."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    for row in rows:
        writer.writerow(map(_safe, row))
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _safe(value: Cell) -> Cell:
    return guarded(value) if isinstance(value, str) else value


def guarded(text: str) -> str:
    """The text as a cell of a CSV that no spreadsheet takes for a formula; `unguarded` gives back the text."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given. A text that needed no guard is what it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def write_xlsx(path: Path, title: str, rows: Iterable[list[Cell]], totals: Struct) -> None:
    """A workbook with a sheet of the rows, the first of which names the columns, and one of the totals.

    In constant memory. Raises ValidationFailed for more rows than a sheet has.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        # No time of its making: the same report twice is the same file.
        book.set_properties({"title": title, "created": datetime.datetime(2000, 1, 1)})  # noqa: DTZ001
        formats = {
            "head": book.add_format({"bold": True}),
            "day": book.add_format({"num_format": _DAY_FORMAT}),
            "amount": book.add_format({"num_format": _AMOUNT_FORMAT}),
        }
        _write(book.add_worksheet("Rows"), rows, formats)
        shown: list[list[Cell]] = [["total", "amount"], *([name, value] for name, value in flat(totals).items())]
        _write(book.add_worksheet("Totals"), shown, formats)


def _write(sheet: Any, rows: Iterable[list[Cell]], formats: dict[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows):
        if line == MOST_XLSX_ROWS:
            raise ValidationFailed.at("format", f"A sheet has {MOST_XLSX_ROWS:,} rows; ask for CSV.", "too_many")
        for column, value in enumerate(row):
            if line == 0:
                sheet.set_column(column, column, max(12, len(str(value)) + 2))
                sheet.write_string(0, column, str(value), formats["head"])
            elif isinstance(value, Decimal | int):
                sheet.write_number(line, column, value, formats["amount"])
            elif isinstance(value, datetime.date):
                sheet.write_datetime(line, column, value, formats["day"])
            elif value is not None:
                sheet.write_string(line, column, str(value))
