"""The parts of the document that all operations share: pages, errors, headers, security."""

from __future__ import annotations

from typing import Any

from bigledger import errors
from bigledger.detail_codes import MEANINGS
from bigledger.rules import RULES_PATH, rules

Json = dict[str, Any]


def with_numbers(schema: Any) -> Any:
    """msgspec describes a Decimal as a string; ours are written as numbers."""
    if isinstance(schema, dict):
        if schema.get("format") == "decimal":
            return {"type": "number"}
        return {key: with_numbers(value) for key, value in schema.items()}
    return [with_numbers(item) for item in schema] if isinstance(schema, list) else schema


def list_schema(schema: Json) -> Json:
    """The schema of a page of a list whose items have this schema."""
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
