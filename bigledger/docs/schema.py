"""How an operation is described in OpenAPI 3.1, from what its view declares: listing, shapes, bodies, scopes.

REST framework loads this with the first view, so it cannot import one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from msgspec import Struct
from rest_framework.permissions import AllowAny

from bigledger import errors
from bigledger.api.describe import Description
from bigledger.api.filters import FilterField
from bigledger.api.listing import Listing
from bigledger.api.shapes import (
    CurrencyField,
    DayField,
    DescribedField,
    FlagField,
    MoneyField,
    ObjectField,
    ReferenceField,
    Shape,
)
from bigledger.detail_codes import MEANINGS
from bigledger.money import MAX_INTEGER_DIGITS
from bigledger.rules import RULES_PATH, rules

Json = dict[str, Any]
_VERBS = {"retrieve": "Get", "partial_update": "Update", "destroy": "Delete", "post_draft": "Post"}
_WRITING = ("POST", "PATCH", "PUT", "DELETE")
_KINDS: dict[str, Json] = {
    "string": {"type": "string"},
    "enum": {"type": "string"},
    "id": {"type": "string"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
}


class ApiAutoSchema(AutoSchema):
    """One operation. Everything is read from the declarations of the view."""

    view: Any

    def get_operation_id(self) -> str:
        return f"{self.view.resource}_{self.view.action}"

    def get_tags(self) -> list[str]:
        return [self.view.resource.replace("_", " ").capitalize()]

    def get_summary(self) -> str:
        many = self.view.resource.replace("_", " ")
        one = f"{many[:-3]}y" if many.endswith("ies") else many.removesuffix("s")
        told = (getattr(self.view, self.view.action).__doc__ or "").strip().partition("\n")[0]
        if told:
            return told.rstrip(".")
        verb = _VERBS.get(self.view.action, self.view.action.replace("_", " ").capitalize())
        article = "an" if one[0] in "aeiou" else "a"
        return f"{verb} {many}" if self.view.action in ("list", "bulk") else f"{verb} {article} {one}"

    def get_description(self) -> str:  # type: ignore[override] # as spectacular's own
        scope = f"{'read' if self.method == 'GET' else 'write'}:{self.view.resource}"
        text = (getattr(self.view, self.view.action).__doc__ or "").strip()
        if self._open_to_all():
            return text
        named = ", ".join(f"[`{name}`]({RULES_PATH}#{name})" for name in self._rules())
        rules = f"\n\nRules: {named}." if named else ""
        return f"{text}\n\nScope: `{scope}`.{rules}".strip()

    def get_operation(self, *args: Any, **kwargs: Any) -> Json | None:
        operation: Json | None = super().get_operation(*args, **kwargs)
        if operation and (rules := self._rules()):
            operation["x-rules"] = rules
        return operation

    def _rules(self) -> list[str]:
        """The business rules that the operation may break, in the order that its view names them."""
        described = self._description()
        return list(dict.fromkeys(rule.name for rule in described.rules)) if described else []

    def get_auth(self) -> list[Json]:
        return [] if self._open_to_all() else [{"bearer": []}]

    def _open_to_all(self) -> bool:
        return AllowAny in self.view.permission_classes

    def _listing(self) -> Listing | None:
        described = self._description()
        if described and described.listing:
            return described.listing
        return self.view.of.listing if self.view.action == "list" else None

    def _description(self) -> Description | None:
        found: Description | None = self.view.operation
        return found

    def _get_parameters(self) -> list[Json]:
        names = self.view.known_parameters()
        found = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"},
             "description": "An id or a natural key"}
            for name in self.path.split("{")[1:] for name in [name.partition("}")[0]]
        ]  # fmt: skip
        if listing := self._listing():
            found += list(_list_parameters(listing))
            names = ("expand", "fields")
        expansions = self.view.selectable[1] if self.view.selectable else {}
        found += [_named(name, expansions) for name in names or ()]
        found += self._query_of(getattr(self.view, "query_shapes", ()))
        if self.method in _WRITING:
            found.append(_header("Idempotency-Key", "A write that is sent twice with the same key is performed once"))
        if self.method in ("PATCH", "DELETE"):
            found.append(
                _header(
                    "If-Match", "The ETag that the edit is based on; the answer is 412 if the object has changed since"
                )
            )
        if self.method == "GET" and self.view.action == "retrieve" and self.view.body:
            found.append(
                _header("If-None-Match", "The ETag that you have; the answer is 304 if the object has not changed")
            )
        return found

    def _query_of(self, shapes: Iterable[type[Shape]]) -> Iterable[Json]:
        """The fields of the shapes that read the query themselves, each once."""
        fields = {name: field for shape in shapes for name, field in shape().fields.items()}
        for name, field in fields.items():
            yield {"name": name, "in": "query", "schema": self._map_serializer_field(field, "request")}

    def _get_request_body(self, direction: str = "request") -> Json | None:
        described = self._description()
        if described is None or described.takes is None:
            return None
        component = self.resolve_serializer(described.takes(partial=self.method == "PATCH"), "request")
        content: Json = {"schema": component.ref if component else {"type": "object", "additionalProperties": False}}
        if described.example:
            content["example"] = described.example
        parsers = {parser.media_type for parser in self.view.parser_classes}
        return {"content": dict.fromkeys(sorted(parsers), content), "required": self.method != "PATCH"}

    def _get_response_bodies(self, direction: str = "response") -> Json:
        status, schema, media = self._success()
        headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", "X-API-Version")}
        success: Json = {"description": "Success", "headers": headers}
        if schema is not None:
            success["content"] = {media: {"schema": schema}}
            for other in getattr(self.view, "other_media", ()):
                success["content"][other] = {"schema": {"type": "string", "format": "binary"}}
        responses = {str(status): success}
        if self.method in _WRITING and status != 200:
            would_be = {"type": "object", "additionalProperties": True}
            meaning = "The result that the request would have without `validate_only`"
            responses["200"] = {"description": meaning, "headers": headers,
                                "content": {"application/json": {"schema": would_be}}}  # fmt: skip
        if self.method == "GET" and self.view.action == "retrieve" and self.view.body:
            responses["304"] = {"description": "Not modified", "headers": headers}
        for error in self._errors():
            responses[str(error.status)] = {"$ref": f"#/components/responses/{error.status}"}
        return responses

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Json:
        # A shape refuses what it does not know.
        return {**super()._map_basic_serializer(serializer, direction), "additionalProperties": False}

    def _success(self) -> tuple[int, Json | None, str]:
        described = self._description()
        if described and described.media:
            return described.status, {"type": "string", "format": "binary"}, described.media
        body = described.gives if described else self.view.body
        if self.view.action == "destroy":
            return 204, None, ""
        if body is None:
            return (described.status if described else 200), None, ""
        schema = self._struct(body)
        if self._listing():
            schema = _page_of(schema)
        return (described.status if described else 200), schema, "application/json"

    def _struct(self, body: type[Struct]) -> Json:
        """A reference to the struct's schema; it and those inside it become components."""
        (schema,), components = msgspec.json.schema_components([body], ref_template="#/components/schemas/{name}")
        for name, component in components.items():
            self.registry.register_on_missing(
                ResolvedComponent(
                    name=name, type=ResolvedComponent.SCHEMA, object=name, schema=_with_numbers(component)
                )
            )
        return dict(schema)

    def _errors(self) -> Iterable[type[errors.ApiError]]:
        yield errors.ValidationFailed
        yield errors.AuthenticationFailed
        yield errors.PermissionDenied
        yield errors.ResourceNotFound
        yield errors.RateLimitExceeded
        yield errors.InternalError
        yield errors.ServiceUnavailable
        if self.method in _WRITING:
            yield errors.Conflict
            yield errors.PreconditionFailed
            yield errors.PayloadTooLarge
            yield errors.UnsupportedMediaType
            yield errors.BusinessRuleViolation


def _with_numbers(schema: Any) -> Any:
    """msgspec describes a Decimal as a string; ours are written as numbers."""
    if isinstance(schema, dict):
        if schema.get("format") == "decimal":
            return {"type": "number"}
        return {key: _with_numbers(value) for key, value in schema.items()}
    return [_with_numbers(item) for item in schema] if isinstance(schema, list) else schema


def _header(name: str, description: str) -> Json:
    return {"name": name, "in": "header", "schema": {"type": "string"}, "description": description}


def _named(name: str, expansions: Any) -> Json:
    match name:
        case "validate_only":
            schema, text = {"type": "boolean"}, "Check the request and show its result, but save nothing"
        case "expand":
            schema, text = {"type": "string"}, f"Show objects in place of ids: {', '.join(expansions) or 'none'}"
        case _:
            schema, text = {"type": "string"}, "The fields to show, for example `id,lines.account.code`"
    return {"name": name, "in": "query", "schema": schema, "description": text}


def _list_parameters(listing: Listing) -> Iterable[Json]:
    whole = {"type": "integer", "minimum": 1}
    yield {"name": "page", "in": "query", "schema": {**whole, "maximum": 1_000_000, "default": 1}}
    yield {"name": "limit", "in": "query", "schema": {**whole, "maximum": 100, "default": 20}}
    yield {"name": "cursor", "in": "query", "schema": {"type": "string"},
           "description": "Empty for the first page, then `meta.next_cursor`"}  # fmt: skip
    order = f"`name:asc,other:desc` of {', '.join(listing.sort)}; the default is {listing.order}"
    yield {"name": "sort", "in": "query", "schema": {"type": "string"}, "description": order}
    if listing.search:
        yield {"name": "search", "in": "query", "schema": {"type": "string", "maxLength": 100},
               "description": f"Searches {', '.join(listing.search)}"}  # fmt: skip
    for name, field in listing.filters.items():
        yield {"name": name, "in": "query", "schema": _filter_schema(field)}
        for operator in field.operators:
            schema = {"type": "string"} if operator == "in" else _filter_schema(field)
            yield {"name": f"{name}[{operator}]", "in": "query", "schema": schema}


def _filter_schema(field: FilterField) -> Json:
    return {**_KINDS[field.kind], **({"enum": list(field.values)} if field.values else {})}


def _page_of(schema: Json) -> Json:
    meta = {"$ref": "#/components/schemas/ListMeta"}
    return {
        "type": "object",
        "properties": {"data": {"type": "array", "items": schema}, "meta": meta},
        "required": ["data", "meta"],
    }


def finish(result: Json, generator: Any, **_: Any) -> Json:
    """spectacular's post-processing hook: the components that all operations share."""
    components = result.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["ListMeta"] = _list_meta()
    schemas["Error"] = _error_schema()
    components["headers"] = {
        "X-Request-ID": {
            "schema": {"type": "string"},
            "description": "The `X-Request-ID` of the request, if it had one",
        },
        "X-API-Version": {"schema": {"type": "string"}},
    }
    by_status: dict[int, list[type[errors.ApiError]]] = {}
    for error in errors.CATALOGUE:
        by_status.setdefault(error.status, []).append(error)
    components["responses"] = {str(status): _error_response(found) for status, found in by_status.items()}
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, OAuth 2.0 token or JWT"}
    }
    return result


def _list_meta() -> Json:
    whole = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "description": "For a page: page, limit, total, pages. For a cursor: limit, next_cursor.",
        "properties": {"page": whole, "limit": whole, "total": whole, "pages": whole,
                       "next_cursor": {"type": ["string", "null"]}},
        "required": ["limit"],
    }  # fmt: skip


def _error_schema() -> Json:
    text = {"type": "string"}
    detail = {
        "type": "object",
        "properties": {
            "code": {"type": "string", "enum": list(MEANINGS), "description": "What is wrong, in one word"},
            "rule": {**text, "enum": [rule.name for rule in rules()], "description": f"Explained at {RULES_PATH}"},
            **dict.fromkeys(("field", "message", "limit", "scope"), text),
        },
        "required": ["code", "message"],
    }
    inside = {
        "code": {"type": "string", "enum": [error.code for error in errors.CATALOGUE]},
        "message": text,
        "details": {"type": "array", "items": detail, "maxItems": errors.MAX_DETAILS},
        "request_id": text,
        "documentation_url": text,
    }
    omitted = {
        "type": "integer",
        "minimum": 1,
        "description": "The number of faults that were found but are not listed",
    }
    properties = {**inside, "details_omitted": omitted}
    error = {"type": "object", "properties": properties, "required": list(inside)}
    return {"type": "object", "properties": {"error": error}, "required": ["error"]}


def _error_response(found: list[type[errors.ApiError]]) -> Json:
    def example(error: type[errors.ApiError]) -> Json:
        instance = errors.ApiError.__new__(error)
        errors.ApiError.__init__(instance)
        value = errors.envelope(instance, request_id="req_abc123", base_url="https://api.bigledger.com")
        return {"value": value}

    return {
        "description": "; ".join(f"`{error.code}`: {error.description}" for error in found),
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Error"},
                "examples": {error.code: example(error) for error in found},
            }
        },
    }


class _MoneySchema(OpenApiSerializerFieldExtension):
    target_class = MoneyField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        most = 10**MAX_INTEGER_DIGITS
        lowest = {"exclusiveMinimum": -most} if self.target.signed else {"minimum": 0}
        return {"type": "number", **lowest, "exclusiveMaximum": most}


class _DaySchema(OpenApiSerializerFieldExtension):
    target_class = DayField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


class _ReferenceSchema(OpenApiSerializerFieldExtension):
    target_class = ReferenceField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        return {"type": "string", "pattern": f"^{self.target.prefix}_.+$", "maxLength": 100}


class _FlagSchema(OpenApiSerializerFieldExtension):
    target_class = FlagField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        return {"type": "boolean"}


class _CurrencySchema(OpenApiSerializerFieldExtension):
    target_class = CurrencyField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        return {"type": "string", "pattern": "^[A-Z]{3}$"}


class _DescribedSchema(OpenApiSerializerFieldExtension):
    target_class = DescribedField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        found: Json = self.target.schema()
        return found


class _ObjectSchema(OpenApiSerializerFieldExtension):
    target_class = ObjectField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        return {"type": "object", "additionalProperties": {}}
