"""The parts of the document that all operations share: pages, errors, headers, security."""

from __future__ import annotations

from typing import Any

from bigledger import errors
from bigledger.detail_codes import MEANINGS
from bigledger.docs.schema.names import of_input
from bigledger.docs.schema.published import describe_properties, security_schemes, webhooks
from bigledger.rules import RULES_PATH, rules

Json = dict[str, Any]


def _header(kind: str, description: str) -> Json:
    return {"schema": {"type": kind}, "description": description}


HEADERS: Json = {
    "X-Request-ID": _header("string", "The `X-Request-ID` of the request, if it had one, or the one that it was given"),
    "X-API-Version": _header("string", "The version of the API that answered"),
    "X-RateLimit-Limit": _header("integer", "Requests per hour of the plan; absent when it is unlimited"),
    "X-RateLimit-Remaining": _header("integer", "Requests left in this hour"),
    "X-RateLimit-Reset": _header("integer", "When the hour ends, in seconds since 1970"),
    "ETag": _header("string", "The state of the object, for `If-Match` and `If-None-Match`"),
    "Idempotent-Replayed": _header("string", "`true` when this is the first answer to the same `Idempotency-Key`"),
    "Retry-After": _header("integer", "Seconds to wait before the next attempt"),
    "X-Should-Retry": _header("string", "`true` when the same request may succeed later, else `false`"),
}


def list_schema(schema: Json) -> Json:
    """The schema of a page of a list whose items have this schema."""
    meta = {"$ref": "#/components/schemas/ListMeta"}
    return {
        "type": "object",
        "properties": {"data": {"type": "array", "items": schema}, "meta": meta},
        "required": ["data", "meta"],
    }


def dry_run_schema(schema: Json | None) -> Json:
    """The schema of what a write answers with `validate_only`."""
    left = {"$ref": "#/components/schemas/DryRun"}
    return {"allOf": [schema, left]} if schema else left


def finish(result: Json, generator: Any, **_: Any) -> Json:
    """spectacular's post-processing hook: plain names, and the components that all operations share."""
    _rename_inputs(result)
    components = result.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["ListMeta"] = _list_meta()
    schemas["DryRun"] = _dry_run()
    schemas["Error"] = _error_schema()
    components["headers"] = HEADERS
    by_status: dict[int, list[type[errors.ApiError]]] = {}
    for error in errors.CATALOGUE:
        by_status.setdefault(error.status, []).append(error)
    used = {status for path in result["paths"].values() for one in path.values() for status in one["responses"]}
    components["responses"] = {
        str(status): _error_response(found) for status, found in by_status.items() if str(status) in used
    }
    components["securitySchemes"] = security_schemes()
    result["tags"] = _tags(result)
    result.update(webhooks=webhooks(schemas))
    describe_properties(schemas)
    return result


def _rename_inputs(result: Json) -> None:
    """Of the shapes that spectacular named; references follow."""
    schemas = result["components"]["schemas"]
    names = {name: of_input(name, schemas) for name in schemas}
    result["components"]["schemas"] = {names[name]: schema for name, schema in schemas.items()}
    if len(result["components"]["schemas"]) != len(names):
        raise TypeError("two shapes have one name")
    _replace(result, {f"#/components/schemas/{old}": f"#/components/schemas/{new}" for old, new in names.items()})


def _replace(node: Any, references: dict[str, str]) -> None:
    if isinstance(node, dict):
        node.pop("x-spec-enum-id", None)
        if isinstance(node.get("$ref"), str):
            node["$ref"] = references.get(node["$ref"], node["$ref"])
        for inner in node.values():
            _replace(inner, references)
    elif isinstance(node, list):
        for inner in node:
            _replace(inner, references)


def _tags(result: Json) -> list[Json]:
    found = {tag for path in result["paths"].values() for one in path.values() for tag in one["tags"]}
    return [{"name": tag, "description": f"Operations on {tag[0].lower()}{tag[1:]}."} for tag in sorted(found)]


def _dry_run() -> Json:
    each = {"type": "array", "items": {"type": "object", "additionalProperties": True}}
    return {
        "type": "object",
        "description": "What a write would have left behind, beside the fields of the object, with `validate_only`.",
        "properties": {
            "journal_lines": {**each, "description": "The journal lines that would have been posted"},
            # A webhook endpoint has `events` of its own, which are names of types.
            "events": {"type": "array", "items": {}, "description": "The events that would have been recorded"},
        },
    }


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

    waits = {errors.RateLimitExceeded.status, errors.ServiceUnavailable.status}
    names = ["X-Request-ID", "X-Should-Retry", *(["Retry-After"] if found[0].status in waits else [])]
    return {
        "description": "; ".join(f"`{error.code}`: {error.description}" for error in found),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Error"},
                "examples": {error.code: example(error) for error in found},
            }
        },
    }
