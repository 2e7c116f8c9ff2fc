"""`GET /v1/{resource}/export`: a file that `/import` takes."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from msgspec import Struct
from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.download import download
from bigledger.api.shapes import ListField, ReferenceField
from bigledger.api.sheets.columns import Column, Sheet

_BATCH = 200


def export_of(sheet: Sheet) -> Callable[..., FileResponse]:
    """The method of a view that exports the sheet: those objects that the filters of the list leave."""

    def export(self: Any, request: Request) -> FileResponse:
        rows = sheet.resource.listed(request.query_params.dict())
        found = rows.filter(sheet.resource.listing.chosen(rows.model, request.query_params))
        return download(_pieces(sheet, found), name=f"{name}.csv", media_type="text/csv; charset=utf-8")

    name = sheet.resource.name.replace("_", "-")
    export.__doc__ = (
        f"Export {name.replace('-', ' ')}\n\nA CSV file in the columns of the import, in the order in which they were"
        " created. Other objects are named by their natural keys, so the file can be imported elsewhere."
    )
    described = describe(media="text/csv", filtering=sheet.resource.listing)
    return described(action(detail=False, methods=["get"])(export))


def _pieces(sheet: Sheet, rows: QuerySet[Any]) -> Iterator[str]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(sheet.header)
    last: Any = None
    while True:
        following = rows if last is None else rows.filter(pk__gt=last)
        batch = list(following.order_by("pk")[:_BATCH])
        if not batch:
            break
        last = batch[-1].pk
        objects = [_shown(body, sheet) for body in sheet.resource.bodies(batch)]
        writer.writerows(_lines(sheet, objects))
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _shown(body: Any, sheet: Sheet) -> Mapping[str, Any]:
    """The fields of the shape, as the body has them, and the column that is the same on all lines."""
    found = dict(sheet.shown(body)) if sheet.shown else fields_of(body)
    return found | ({sheet.key: found.get(sheet.key) or body.id} if sheet.key else {})


def fields_of(value: Any) -> Any:
    """A body as the input that would create it: dictionaries and lists, and an object inside as its id (`account_id`
    beside `account`)."""
    if isinstance(value, Struct):
        found: dict[str, Any] = {}
        for name in value.__struct_fields__:
            inner = getattr(value, name)
            if isinstance(inner, Struct) and hasattr(inner, "id"):
                found[f"{name}_id"] = inner.id
            found[name] = fields_of(inner)
        return found
    return [fields_of(inner) for inner in value] if isinstance(value, list) else value


def _lines(sheet: Sheet, objects: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    """The cells of each line, ids as the natural keys of what they name."""
    values = [list(_values(sheet, one)) for one in objects]
    for column_index, column in enumerate(sheet.columns):
        if model := _model_of(column):
            _name(model, [line for lines in values for line in lines], column_index)
    for lines in values:
        for line in lines:
            yield [column.cell_of(value) for column, value in zip(sheet.columns, line, strict=True)]


def _values(sheet: Sheet, one: Mapping[str, Any]) -> Iterator[list[Any]]:
    """One line for each element of the longest list, and one at least; what is no list is on all of them."""
    parts = {column.part for column in sheet.columns if column.part}
    count = max((len(one.get(part) or ()) for part in parts), default=0)
    for index in range(max(count, 1)):
        yield [_value(sheet, column, one, index) for column in sheet.columns]


def _value(sheet: Sheet, column: Column, one: Mapping[str, Any], index: int) -> Any:
    if column.part:
        elements = one.get(column.part) or ()
        return _at(elements[index], column.path) if index < len(elements) else None
    if index and column.name != sheet.key:
        return None  # the first line says it for all
    return one.get(column.name) if column.name in sheet.names or not column.path else _at(one, column.path)


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _model_of(column: Column) -> Any:
    """The model whose objects the column names; None when they have no natural key."""
    field = column.field.child if isinstance(column.field, ListField) else column.field
    return field.model if isinstance(field, ReferenceField) and field.model.natural_field else None


def _name(model: Any, lines: Sequence[list[Any]], column_index: int) -> None:
    """Puts natural keys in place of ids, with one query."""
    ids: dict[str, uuid.UUID] = {}
    for line in lines:
        given = line[column_index]
        for text in given if isinstance(given, list) else [given] if given else []:
            if (found := model.id_in(text)) is not None:
                ids[text] = found
    if not ids:
        return
    rows = model._default_manager.filter(pk__in=set(ids.values())).values_list("pk", model.natural_field)
    keys = {pk: key for pk, key in rows if key}
    named = {text: model.named(keys[pk]) for text, pk in ids.items() if pk in keys}  # what has no key keeps its id
    for line in lines:
        given = line[column_index]
        if isinstance(given, list):
            line[column_index] = [named.get(text, text) for text in given]
        elif given:
            line[column_index] = named.get(given, given)
