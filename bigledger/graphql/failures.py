"""Every error of GraphQL in the catalogue's envelope, under `extensions`."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from graphql import GraphQLError

from bigledger import errors
from bigledger.api.failures import to_catalogue
from bigledger.detail_codes import DetailCode
from bigledger.graphql.limits import TooMuch

# How the library words what is wrong with a variable: where, and why.
_VARIABLE = re.compile(r"Variable '\$(?P<name>\w+)' got invalid value .* at '(?P<path>[^']+)'; (?P<why>.*)", re.DOTALL)
_WHOLE = re.compile(r"Variable '\$(?P<path>\w+)' (?:got invalid value .*?; )?(?P<why>.*)", re.DOTALL)
_CODES: tuple[tuple[str, DetailCode], ...] = (
    ("was not provided", "required"),
    ("must not be null", "null"),
    ("is not defined by type", "unknown_field"),
    ("does not exist in", "not_a_choice"),
    ("cannot represent non-string", "not_a_string"),
    ("Must be a string", "not_a_string"),
    ("Must be a number", "not_a_number"),
    ("Int cannot represent", "not_a_number"),
    ("Boolean cannot represent", "not_a_boolean"),
    ("to be an object", "not_an_object"),
)


def error_of(fault: GraphQLError) -> errors.ApiError:
    """The catalogue's error. Remembered with the fault, so that what is nobody's fault is logged once."""
    known = getattr(fault, "_catalogued", None)
    if known is None:
        known = fault._catalogued = _error_of(fault)  # type: ignore[attr-defined]
    found: errors.ApiError = known
    return found


def _error_of(fault: GraphQLError) -> errors.ApiError:
    if isinstance(fault, TooMuch):
        return errors.ValidationFailed(
            fault.message, [errors.Detail(fault.message, limit=fault.limit, code="limit_exceeded")]
        )
    if fault.original_error is None or isinstance(fault.original_error, GraphQLError):
        return errors.ValidationFailed(fault.message, _details(fault))
    return to_catalogue(fault.original_error)


def _details(fault: GraphQLError) -> list[errors.Detail]:
    found = _VARIABLE.match(fault.message) or _WHOLE.match(fault.message)
    if found is None:
        return []
    code = next((code for part, code in _CODES if part in found["why"]), None)
    return [errors.Detail(found["why"], field=found["path"], code=code)]


def formatted(fault: GraphQLError, request_id: str) -> dict[str, Any]:
    """`{message, locations, path, extensions: {code, details, request_id, documentation_url}}`."""
    envelope = errors.envelope(error_of(fault), request_id=request_id, base_url=settings.PUBLIC_URL)["error"]
    shown: dict[str, Any] = {"message": envelope.pop("message")}
    if fault.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in fault.locations]
    if fault.path:
        shown["path"] = fault.path
    return {**shown, "extensions": envelope}


def raised(fault: errors.ApiError, request_id: str) -> dict[str, Any]:
    """An error of ours that no field raised."""
    return formatted(GraphQLError(fault.message, original_error=fault), request_id)
