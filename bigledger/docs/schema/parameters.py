"""The parameters of an operation: those of a list, the headers, and those that every read or write takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bigledger.api.filters import FilterField
from bigledger.api.listing import Listing
from bigledger.docs.schema.components import Json

_KINDS: dict[str, Json] = {
    "string": {"type": "string"},
    "enum": {"type": "string"},
    "id": {"type": "string"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "number": {"type": "number", "format": "decimal"},
    "integer": {"type": "integer"},
}


def header_parameter(name: str, description: str) -> Json:
    """A parameter that is sent as a header."""
    return {"name": name, "in": "header", "schema": {"type": "string"}, "description": description}


def header_references(names: Iterable[str]) -> Json:
    """Headers of an answer, each described once for the document."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def named_parameter(name: str, expansions: Any) -> Json:
    """`validate_only`, `expand` or `fields`, which every resource describes in the same words."""
    match name:
        case "validate_only":
            schema, text = {"type": "boolean"}, "Check the request and show its result, but save nothing"
        case "expand":
            schema, text = {"type": "string"}, f"Show objects in place of ids: {', '.join(expansions) or 'none'}"
        case _:
            schema, text = {"type": "string"}, "The fields to show, for example `id,lines.account.code`"
    return {"name": name, "in": "query", "schema": schema, "description": text}


def list_parameters(listing: Listing) -> Iterable[Json]:
    """The parameters of a list: paging, sorting, searching, and its filters with their operators."""
    whole = {"type": "integer", "minimum": 1}
    yield {"name": "page", "in": "query", "schema": {**whole, "maximum": 1_000_000, "default": 1}}
    yield {"name": "limit", "in": "query", "schema": {**whole, "maximum": 100, "default": 20}}
    yield {"name": "cursor", "in": "query", "schema": {"type": "string"},
           "description": "Empty for the first page, then `meta.next_cursor`"}  # fmt: skip
    order = f"`name:asc,other:desc` of {', '.join(listing.sort)}; the default is {listing.order}"
    yield {"name": "sort", "in": "query", "schema": {"type": "string"}, "description": order}
    yield from filter_parameters(listing)


def filter_parameters(listing: Listing) -> Iterable[Json]:
    """Searching, and the filters of a list with their operators."""
    if listing.search:
        yield {"name": "search", "in": "query", "schema": {"type": "string", "maxLength": 100},
               "description": f"Searches {', '.join(listing.search)}"}  # fmt: skip
    if listing.has_metadata:
        values = {"type": "object", "additionalProperties": {"type": "string"}}
        yield {"name": "metadata", "in": "query", "style": "deepObject", "explode": True, "schema": values,
               "description": "`metadata[key]=value`: the objects that have this value under this key"}  # fmt: skip
    for name, field in listing.filters.items():
        yield {"name": name, "in": "query", "schema": _filter_schema(field)}
        for operator in field.operators:
            schema = {"type": "string"} if operator == "in" else _filter_schema(field)
            yield {"name": f"{name}[{operator}]", "in": "query", "schema": schema}


def _filter_schema(field: FilterField) -> Json:
    return {**_KINDS[field.kind], **({"enum": list(field.values)} if field.values else {})}
