"""A CSV file as objects, each with the lines of the file that it stands on."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rest_framework import serializers

from bigledger.api.failures import to_catalogue
from bigledger.api.patience import most_faults
from bigledger.api.sheets.columns import Column, Sheet
from bigledger.errors import ApiError, Detail, PayloadTooLarge, ValidationFailed, combined, shortened

MAX_LINES = 20_000
_STEP = re.compile(r"(?P<name>[^.\[\]]+)(?:\[(?P<index>[0-9]+)\])?")
_PLACE = re.compile(r"line (?P<line>[0-9]+)(, column (?P<column>.+))?", re.DOTALL)
_SHOWN_NAME = 60
MISSING_COLUMN = "This column is required."


@dataclass(slots=True)
class Row:
    """A line of the file, by the names of its columns; empty cells are left out."""

    line: int
    cells: dict[str, str]


@dataclass(slots=True)
class Record:
    """One object of the file: what JSON would hold, and the line of each element of its lists."""

    line: int
    key: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)


def place(line: int, column: str | None = None) -> str:
    """How a detail names a place in a file."""
    return f"line {line}, column {shortened(column, _SHOWN_NAME)}" if column else f"line {line}"


def line_of(detail: Detail) -> int:
    found = _PLACE.match(detail.field or "")
    return int(found["line"]) if found else 0


def column_of(detail: Detail) -> str:
    found = _PLACE.match(detail.field or "")
    return (found["column"] or "") if found else ""


def read(content: bytes, sheet: Sheet) -> tuple[list[Record], list[Detail]]:
    """The objects of the file, and every fault of its form. Raises ValidationFailed for what is no text, and
    PayloadTooLarge."""
    faults: list[Detail] = []
    rows = _rows(_decoded(content), faults)
    columns = _columns(next(rows, None), sheet, faults)
    records: list[Record] = []
    previous: Row | None = None
    for row in _named(rows, columns, faults):
        if row.line > MAX_LINES:
            raise PayloadTooLarge(f"A file has at most {MAX_LINES:,} lines; split it.")
        if previous is None or not _continues(previous, row, sheet):
            if len(records) == sheet.most:
                raise PayloadTooLarge(f"A file has at most {sheet.most:,} {_words(sheet)}; split it.")
            previous = row
            records.append(Record(row.line, row.cells.get(sheet.key or "")))
        _add(records[-1], row, previous, columns, faults)
        if len(faults) >= most_faults():
            break
    if sheet.key:
        _check_together(records, sheet.key, faults)
    return records, faults


def _words(sheet: Sheet) -> str:
    return sheet.resource.name.replace("_", " ")


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValidationFailed.at(place(1), "The file is in UTF-16; save it as CSV in UTF-8.", "invalid_characters")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise ValidationFailed.at(place(line), "Is not in UTF-8.", "invalid_characters") from None
    if not text.strip():
        raise ValidationFailed.at(place(1), "The file is empty; its first line names the columns.", "blank")
    return text


def _rows(text: str, faults: list[Detail]) -> Iterator[tuple[int, list[str]]]:
    """The lines that have something in them, each with its number, up to one that is not CSV; a cell may go over
    several."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            faults.append(Detail(f"Is not CSV: {fault}.", field=place(line), code="invalid"))
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _columns(head: tuple[int, list[str]] | None, sheet: Sheet, faults: list[Detail]) -> list[Column | None]:
    """The column of each cell; None for one that there is not, which is a fault."""
    line, cells = head or (1, [])
    known = {column.name: column for column in sheet.columns}
    names = [cell.strip() for cell in cells]
    if len(names) == 1 and names[0] not in known and re.search("[;\t|]", names[0]):
        message = "The columns are separated by commas, not by semicolons, tabs or bars."
        raise ValidationFailed.at(place(line), message, "invalid")
    missing = [name for name in sheet.required if name not in names]
    found: list[Column | None] = []
    for name in names:
        column = known.get(name)
        if column is None:
            faults.append(_unknown(line, name, list(known)))
        elif column in found:
            faults.append(Detail("Given more than once.", place(line, name), code="repeated"))
            column = None
        found.append(column)
    faults += [Detail(MISSING_COLUMN, place(line, name), code="required") for name in missing]
    return found


def _unknown(line: int, name: str, known: Sequence[str]) -> Detail:
    if not name:
        return Detail("A column without a name.", place(line), code="blank")
    close = difflib.get_close_matches(name[:_SHOWN_NAME], known, n=1)
    message = "Unknown column." + (f" Did you mean {close[0]}?" if close else f" The columns are {', '.join(known)}.")
    return Detail(message, place(line, name), code="unknown_field")


def _named(
    rows: Iterator[tuple[int, list[str]]], columns: Sequence[Column | None], faults: list[Detail]
) -> Iterator[Row]:
    for line, cells in rows:
        if len(cells) != len(columns):
            message = f"Has {len(cells)} cells, and the first line has {len(columns)}."
            faults.append(Detail(message, place(line), code="too_many" if len(cells) > len(columns) else "too_few"))
            continue
        named = {c.name: cell for c, cell in zip(columns, cells, strict=True) if c is not None and cell.strip()}
        yield Row(line, named)


def _continues(first: Row, row: Row, sheet: Sheet) -> bool:
    """Whether the row is a further line of the object that began with `first`."""
    key = row.cells.get(sheet.key) if sheet.key else None
    return key is not None and key == first.cells.get(sheet.key or "")


def _add(record: Record, row: Row, first: Row, columns: Sequence[Column | None], faults: list[Detail]) -> None:
    """Puts what the row says into its object."""
    elements: dict[str, dict[str, Any]] = {}
    for column in columns:
        if column is None or (cell := row.cells.get(column.name)) is None:
            continue
        if column.part:
            _put(elements.setdefault(column.part, {}), column.path, column.value_of(cell))
        elif row is first:
            if column.path:
                _put(record.data, column.path, column.value_of(cell))
            else:
                faults += _key_faults(column, cell, row.line)
        elif cell != first.cells.get(column.name):
            message = f"Must be empty or as on line {first.line}, whose key is the same."
            faults.append(Detail(message, place(row.line, column.name), code="incompatible"))
    for part, element in elements.items():
        record.data.setdefault(part, []).append(element)
        record.lines.setdefault(part, []).append(row.line)


def _key_faults(column: Column, cell: str, line: int) -> list[Detail]:
    try:
        column.field.run_validation(column.value_of(cell))
    except serializers.ValidationError as fault:
        return [replace(detail, field=place(line, column.name)) for detail in to_catalogue(fault).details]
    return []


def _put(into: dict[str, Any], path: Sequence[str], value: Any) -> None:
    *outer, last = path
    for name in outer:
        into = into.setdefault(name, {})
    into[last] = value


def _check_together(records: Sequence[Record], key: str, faults: list[Detail]) -> None:
    """The lines of one object stand one below another."""
    seen: dict[str, int] = {}
    for record in records:
        if record.key is None:
            continue
        if record.key in seen:
            message = f"Line {seen[record.key]} began this one; its lines stand one below another."
            faults.append(Detail(message, place(record.line, key), code="repeated"))
        seen.setdefault(record.key, record.line)


def placed(fault: ApiError, record: Record, sheet: Sheet) -> ApiError:
    """The fault with the places in the file in front of which the service or the shape saw paths."""
    fault.details = [
        replace(detail, field=_place_of(detail.field, record, sheet)) for detail in combined([fault]).details
    ]
    return fault


def _place_of(path: str | None, record: Record, sheet: Sheet) -> str:
    if not path:
        return place(record.line)
    steps = list(_STEP.finditer(path))
    names = [step["name"] for step in steps]
    called = {field_name: column for column, field_name in sheet.names.items()}
    if names and len(names) == 1:
        names[0] = called.get(names[0], names[0])
    line = record.line
    of_part: Mapping[str, list[int]] = record.lines
    if steps and steps[0]["index"] and names[0] in of_part:
        index = int(steps[0]["index"])
        line = of_part[names[0]][index] if index < len(of_part[names[0]]) else line
    known = set(sheet.header)
    for length in range(len(names), 0, -1):
        if (name := ".".join(names[:length])) in known:
            return place(line, name)
    return place(line, names[0] if names else path)
