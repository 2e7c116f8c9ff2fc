"""How the bodies of answers are described, from their types: exact numbers, dates and moments, closed lists."""

from __future__ import annotations

import datetime
import inspect
import types
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, UNSET, Raw, Struct, UnsetType, structs

from bigledger.api.bodies import Body
from bigledger.api.resource import resource_of
from bigledger.closed_lists import OneOf
from bigledger.docs.schema.names import of_struct

Json = dict[str, Any]
# Money and rates are JSON numbers; the format tells a generator to keep their digits.
NUMBER: Json = {"type": "number", "format": "decimal"}
_SCALARS: dict[Any, Json] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: NUMBER,
    datetime.date: {"type": "string", "format": "date"},
    datetime.datetime: {"type": "string", "format": "date-time"},
    Raw: {"type": "object", "additionalProperties": True},
    Any: {},
}


def reference(struct: type[Struct]) -> Json:
    """What stands in place of the schema of a struct."""
    return {"$ref": f"#/components/schemas/{of_struct(struct)}"}


def described(struct: type[Struct]) -> Json:
    """The schema of one struct; structs inside it are references."""
    closed = _closed_by_filters(struct)
    hints = get_type_hints(struct, include_extras=True)
    properties, required = {}, []
    for field in structs.fields(struct):
        schema = _of(hints[field.name])
        if schema.get("type") in ("string", ["string", "null"]) and field.name in closed:
            schema["enum"] = [*closed[field.name], *([None] if "null" in schema["type"] else [])]
        properties[field.encode_name] = schema
        if field.default is NODEFAULT or field.default is not UNSET:
            required.append(field.encode_name)
    text = inspect.cleandoc(struct.__doc__) if struct.__doc__ and struct.__doc__ != Body.__doc__ else ""
    about = {"description": text} if text and not text.startswith(f"{struct.__name__}(") else {}
    return {"type": "object", **about, "properties": properties, "required": required}


def inside(struct: type[Struct]) -> Iterator[type[Struct]]:
    """The structs that stand in the fields of one, each once for each field."""
    for hint in get_type_hints(struct, include_extras=True).values():
        yield from _structs_in(hint)


def inside_field(struct: type[Struct], name: str) -> Iterator[type[Struct]]:
    """The structs that stand in one field."""
    return _structs_in(get_type_hints(struct, include_extras=True)[name])


def nullable(schema: Json) -> Json:
    """The schema, or null."""
    if isinstance(schema.get("type"), str):
        return {
            **schema,
            "type": [schema["type"], "null"],
            **({"enum": [*schema["enum"], None]} if "enum" in schema else {}),
        }
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema


def _closed_by_filters(struct: type[Struct]) -> Mapping[str, Any]:
    """By the name of a field: the values that the list's filter of this name has (ADR 161)."""
    resource = resource_of(struct)
    filters = resource.listing.filters if resource else {}
    return {name: found.values for name, found in filters.items() if found.values}


def _of(hint: Any) -> Json:
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *marks = get_args(hint)
        closed = next((mark for mark in marks if isinstance(mark, OneOf)), None)
        return {**_of(inner), **({"enum": list(closed.values)} if closed else {})}
    if origin in (Union, types.UnionType):
        parts = [part for part in get_args(hint) if part is not UnsetType]
        kinds = [part for part in parts if part is not type(None)]
        schema = _of(kinds[0]) if len(kinds) == 1 else {"anyOf": [_of(kind) for kind in kinds]}
        return nullable(schema) if type(None) in parts else schema
    if origin in (list, tuple):
        return {"type": "array", "items": _of(get_args(hint)[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(get_args(hint)[1]) or True}
    if isinstance(hint, type) and issubclass(hint, Struct):
        return reference(hint)
    return dict(_SCALARS[hint])


def _structs_in(hint: Any) -> Iterator[type[Struct]]:
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint
    for part in get_args(hint):
        yield from _structs_in(part)
