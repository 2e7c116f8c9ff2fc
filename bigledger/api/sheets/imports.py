"""`POST /v1/{resource}/import`: the objects of a file are created, all of them or none."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from bigledger.access.principal import Principal
from bigledger.api.bodies import Body
from bigledger.api.bulk import attempt
from bigledger.api.describe import describe
from bigledger.api.failures import to_catalogue
from bigledger.api.forms import form_of
from bigledger.api.patience import looking_for, most_faults
from bigledger.api.response import Response
from bigledger.api.shapes import Shape
from bigledger.api.sheets.columns import Sheet
from bigledger.api.sheets.reading import MISSING_COLUMN, Record, column_of, line_of, placed, read
from bigledger.errors import ApiError, Detail, PayloadTooLarge, ValidationFailed, combined
from bigledger.rules import Rule

LONGEST_SECONDS = 60.0

# Creates what each of the checked inputs asks for, in their order; an error instead of what could not be created.
Work = Callable[[Sequence[Mapping[str, Any]], Principal], Sequence[Any]]


class ImportInput(Shape):
    file = serializers.FileField(allow_empty_file=True)  # the reader says what is wrong with an empty one


class ImportBody(Body):
    """How many objects of each resource were created."""

    created: dict[str, int]


class CsvParser(BaseParser):
    media_type = "text/csv"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        return stream.read()


def import_into(
    sheet: Sheet,
    work: Work,
    *,
    example: str,
    rules: Collection[Rule] = (),
    besides: Callable[[Sequence[Mapping[str, Any]]], Mapping[str, int]] = lambda rows: {},
    foreign: Callable[[bytes, Principal], Mapping[str, int] | None] = lambda content, acting: None,
    note: str = "",
) -> Callable[..., Response]:
    """The method of a view that imports the sheet. `besides` says what else the work creates, by resource; `example` is
    a file that works on the demo books. `foreign` imports a file of another form, if it is one, and says how many
    objects that created; `note` describes it."""

    def import_rows(self: Any, request: Request) -> Response:
        content = _content(request)
        if (created := foreign(content, self.principal)) is not None:
            return Response(ImportBody(dict(created)), status=201)
        records, faults = read(content, sheet)
        rows = _checked(records, faults, sheet)
        outcomes = work(rows, self.principal)
        refused = [
            placed(outcome, record, sheet)
            for record, outcome in zip(records, outcomes, strict=False)
            if isinstance(outcome, ApiError)
        ]
        if refused:
            raise combined(refused)
        return Response(ImportBody({sheet.resource.name: len(rows), **besides(rows)}), status=201)

    import_rows.sheet = sheet  # type: ignore[attr-defined] # for whoever walks the operations
    many = sheet.resource.name.replace("_", " ")
    import_rows.__doc__ = (
        f"Import {many}\n\nA CSV file, as the body or as `file` of a form: all of it or nothing. Faults name line and"
        f" column. At most {sheet.most:,} {many}.\n\nColumns: {', '.join(f'`{name}`' for name in sheet.header)}."
        + (f"\n\n{note}" if note else "")
    )
    described = describe(
        takes=ImportInput, gives=ImportBody, status=201, example={"file": example}, rules=rules, csv=example
    )
    routed = action(detail=False, methods=["post"], url_path="import", parser_classes=[CsvParser, MultiPartParser])
    return described(routed(import_rows))


def created_each(create: Callable[..., Any]) -> Work:
    """One after the other, each in its own savepoint. Raises PayloadTooLarge when they take too long together."""

    def work(rows: Sequence[Mapping[str, Any]], acting: Principal) -> list[Any]:
        until = time.monotonic() + LONGEST_SECONDS
        outcomes: list[Any] = []
        left = most_faults()
        for row in rows:
            if time.monotonic() > until:
                raise PayloadTooLarge(f"The import took longer than {LONGEST_SECONDS:.0f} seconds; split the file.")
            outcomes.append(attempt(partial(create, **row, acting=acting)))
            if isinstance(outcomes[-1], ApiError):
                left -= 1
                if left <= 0:
                    break
        return outcomes

    return work


def _content(request: Request) -> bytes:
    """The file, whichever way it came."""
    given: Any = request.data
    if isinstance(given, QueryDict):
        content: bytes = ImportInput.read(form_of(request))["file"].read()
        return content
    return given or b""  # REST framework has an empty object for an empty body


def _checked(records: Sequence[Record], faults: list[Detail], sheet: Sheet) -> list[dict[str, Any]]:
    """What the services take. Raises ValidationFailed with `faults` and those of every object."""
    checked: list[dict[str, Any]] = []
    left = most_faults() - len(faults)
    missing = {column_of(fault) for fault in faults if fault.message == MISSING_COLUMN}
    for record in records:
        if left <= 0:
            break
        try:
            with looking_for(left):
                checked.append(sheet.shape.read(record.data))
        except serializers.ValidationError as found:
            details = placed(to_catalogue(found), record, sheet).details
            faults += [detail for detail in details if not (detail.code == "required" and _is_in(detail, missing))]
            left = most_faults() - len(faults)
    if faults:
        raise ValidationFailed(details=sorted(faults, key=line_of))
    return checked


def _is_in(detail: Detail, missing: Collection[str]) -> bool:
    """Whether the detail says of a line what is said of the whole file: that it lacks a column (`lines.quantity`), or
    all of a list (`lines`)."""
    name = column_of(detail)
    return any(name == column or column.startswith(f"{name}.") for column in missing)
