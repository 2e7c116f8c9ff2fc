"""The closed catalogue of errors: each class owns its code, its HTTP status and what it means.

REST, GraphQL and WebSocket render an error through `envelope`, so that a fault looks the same on each.
`docs/errors.md` and the page at `/docs/api/errors` are generated from `CATALOGUE`.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from bigledger.detail_codes import DetailCode
from bigledger.rules import Rule

DOCUMENTATION_PATH = "/docs/api/errors"
MAX_DETAILS = 100
MAX_ERROR_BYTES = 64 * 1024
_MAX_DETAIL_BYTES = MAX_ERROR_BYTES - 8 * 1024  # the rest is for the envelope
_MAX_PATH, _MAX_TEXT = 200, 1000


@dataclass(frozen=True, slots=True)
class Detail:
    """One fault: the path of the field (`lines[0].debit`), a message, and the rule if one was broken.

    `code` says in one word what is wrong; None is the word of the error that carries the detail, or `rule_broken`.
    """

    message: str
    field: str | None = None
    rule: Rule | None = None
    limit: str | None = None
    scope: str | None = None
    code: DetailCode | None = None

    def __post_init__(self) -> None:
        if self.rule is not None and not isinstance(self.rule, Rule):
            raise TypeError(f"{self.rule!r} is not a registered rule")

    @classmethod
    def of(cls, rule: Rule, field: str | None = None, /, **values: object) -> "Detail":
        """`rule` was broken at `field`; `values` fill its message."""
        return cls(rule.text(values), field=field, rule=rule)

    def as_dict(self, default: DetailCode) -> dict[str, str]:
        """The detail as the API shows it; long input of the caller is shortened."""
        found = {
            "field": self.field and shortened(self.field, _MAX_PATH),
            "code": self.code or ("rule_broken" if self.rule else default),
            "message": shortened(self.message, _MAX_TEXT),
            "rule": self.rule.name if self.rule else None,
            "limit": self.limit,
            "scope": self.scope and shortened(self.scope, _MAX_PATH),
        }
        return {name: value for name, value in found.items() if value is not None}


def shortened(text: str, most: int) -> str:
    """`text` with at most `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


class ApiError(Exception):
    """Base of the catalogue; never raised itself."""

    code: ClassVar[str]
    status: ClassVar[int]
    description: ClassVar[str]
    do_not_call_in_templates: ClassVar[bool] = True  # a page that lists the catalogue means the class
    detail_code: ClassVar[DetailCode] = "invalid"  # of the details that name none

    def __init__(self, message: str | None = None, details: Iterable[Detail] = ()) -> None:
        self.message = message or self.description
        self.details = list(details)
        super().__init__(self.message)


class AuthenticationFailed(ApiError):
    code, status, description = "AUTHENTICATION_FAILED", 401, "Invalid or missing authentication"


class PermissionDenied(ApiError):
    code, status, description = "PERMISSION_DENIED", 403, "Insufficient permissions"
    detail_code = "missing_scope"


class ResourceNotFound(ApiError):
    code, status, description = "RESOURCE_NOT_FOUND", 404, "Resource does not exist"
    detail_code = "not_found"


class ValidationFailed(ApiError):
    code, status, description = "VALIDATION_ERROR", 400, "Validation failed"

    @classmethod
    def at(cls, field: str, message: str, code: DetailCode) -> "ValidationFailed":
        """One fault at one field."""
        return cls(details=[Detail(message, field=field, code=code)])


class Conflict(ApiError):
    code, status, description = "CONFLICT", 409, "The request conflicts with the current state"
    detail_code = "taken"


class IdempotencyConflict(ApiError):
    code, status = "IDEMPOTENCY_CONFLICT", 409
    description = "The idempotency key was already used with a different request"


class PreconditionFailed(ApiError):
    code, status = "PRECONDITION_FAILED", 412
    description = "The object has changed since it was read"


class BusinessRuleViolation(ApiError):
    code, status, description = "BUSINESS_RULE_VIOLATION", 422, "A business rule forbids this"
    detail_code = "rule_broken"

    @classmethod
    def of(cls, rule: Rule, field: str | None = None, /, **values: object) -> "BusinessRuleViolation":
        """The one rule that was broken; `values` fill its message."""
        detail = Detail.of(rule, field, **values)
        return cls(detail.message, [detail])


class MethodNotAllowed(ApiError):
    code, status, description = "METHOD_NOT_ALLOWED", 405, "The resource does not support this method"


class RequestTimeout(ApiError):
    code, status, description = "REQUEST_TIMEOUT", 408, "The request was not received in time"


class LengthRequired(ApiError):
    code, status, description = "LENGTH_REQUIRED", 411, "The request must state the length of its body"


class PayloadTooLarge(ApiError):
    code, status, description = "PAYLOAD_TOO_LARGE", 413, "The request body is too large"
    detail_code = "too_large"


class UnsupportedMediaType(ApiError):
    code, status = "UNSUPPORTED_MEDIA_TYPE", 415
    description = "The media type of the request body is not supported"


class RateLimitExceeded(ApiError):
    code, status, description = "RATE_LIMIT_EXCEEDED", 429, "Too many requests"
    detail_code = "limit_exceeded"

    def __init__(self, details: Iterable[Detail], retry_after_seconds: int) -> None:
        super().__init__(details=details)
        self.retry_after_seconds = retry_after_seconds


class InternalError(ApiError):
    code, status, description = "INTERNAL_ERROR", 500, "Internal server error"


class ServiceUnavailable(ApiError):
    code, status, description = "SERVICE_UNAVAILABLE", 503, "Service temporarily unavailable"
    retry_after_seconds = 5


CATALOGUE: tuple[type[ApiError], ...] = (
    AuthenticationFailed,
    PermissionDenied,
    ResourceNotFound,
    ValidationFailed,
    Conflict,
    IdempotencyConflict,
    PreconditionFailed,
    BusinessRuleViolation,
    MethodNotAllowed,
    RequestTimeout,
    LengthRequired,
    PayloadTooLarge,
    UnsupportedMediaType,
    RateLimitExceeded,
    InternalError,
    ServiceUnavailable,
)


def listed(error: ApiError, most: int = MAX_DETAILS) -> tuple[list[dict[str, str]], int]:
    """The details that an answer shows, and how many more there are: at most `most`, in a bounded number of bytes."""
    shown: list[dict[str, str]] = []
    left = _MAX_DETAIL_BYTES
    for detail in error.details[:most]:
        row = detail.as_dict(error.detail_code)
        left -= len(json.dumps(row, ensure_ascii=False).encode(errors="replace"))
        if left < 0:
            break
        shown.append(row)
    return shown, len(error.details) - len(shown)


def combined(faults: Sequence[ApiError]) -> ApiError:
    """One error for several: a request that is malformed somewhere is malformed, whatever else is wrong with it."""
    details = [detail for fault in faults for detail in _with_codes(fault)]
    first = next(
        (fault for kind in (ValidationFailed, ResourceNotFound) for fault in faults if isinstance(fault, kind)),
        faults[0],
    )
    return type(first)(first.message, details)


def _with_codes(fault: ApiError) -> list[Detail]:
    """Its details, each with the word that it would have had alone; the message when there are none."""
    details = fault.details or [Detail(fault.message)]
    return [detail if detail.code or detail.rule else replace(detail, code=fault.detail_code) for detail in details]


def envelope(error: ApiError, *, request_id: str, base_url: str) -> dict[str, Any]:
    """The reference's error body. `base_url` is this server's own, so that the link opens here.

    `details_omitted` is there when there are more faults than are listed, and says how many more were found.
    """
    details, omitted = listed(error)
    return {
        "error": {
            "code": error.code,
            "message": shortened(error.message, _MAX_TEXT),
            "details": details,
            **({"details_omitted": omitted} if omitted else {}),
            "request_id": request_id,
            "documentation_url": f"{base_url}{DOCUMENTATION_PATH}#{error.code}",
        }
    }
