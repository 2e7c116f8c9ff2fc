"""The closed catalogue of errors: each class owns its code, its HTTP status and what it means.

REST, GraphQL and WebSocket render an error through `envelope`, so that a fault looks the same on each.
`docs/errors.md` and the page at `/docs/api/errors` are generated from `CATALOGUE`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

DOCUMENTATION_PATH = "/docs/api/errors"


@dataclass(frozen=True, slots=True)
class Detail:
    """One fault: the path of the field (`lines[0].debit`), what is wrong, and the rule when one was broken."""

    message: str
    field: str | None = None
    rule: str | None = None
    limit: str | None = None
    scope: str | None = None

    def as_dict(self) -> dict[str, str]:
        names = ("field", "message", "rule", "limit", "scope")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


class ApiError(Exception):
    """Base of the catalogue; never raised itself."""

    code: ClassVar[str]
    status: ClassVar[int]
    description: ClassVar[str]
    do_not_call_in_templates: ClassVar[bool] = True  # a page that lists the catalogue means the class

    def __init__(self, message: str | None = None, details: Iterable[Detail] = ()) -> None:
        self.message = message or self.description
        self.details = list(details)
        super().__init__(self.message)


class AuthenticationFailed(ApiError):
    code, status, description = "AUTHENTICATION_FAILED", 401, "Invalid or missing authentication"


class PermissionDenied(ApiError):
    code, status, description = "PERMISSION_DENIED", 403, "Insufficient permissions"


class ResourceNotFound(ApiError):
    code, status, description = "RESOURCE_NOT_FOUND", 404, "Resource does not exist"


class ValidationFailed(ApiError):
    code, status, description = "VALIDATION_ERROR", 400, "Validation failed"

    @classmethod
    def at(cls, field: str, message: str) -> "ValidationFailed":
        """One fault at one field."""
        return cls(details=[Detail(message, field=field)])


class Conflict(ApiError):
    code, status, description = "CONFLICT", 409, "The request conflicts with the present state"


class IdempotencyConflict(ApiError):
    code, status = "IDEMPOTENCY_CONFLICT", 409
    description = "The idempotency key was used with another request"


class PreconditionFailed(ApiError):
    code, status = "PRECONDITION_FAILED", 412
    description = "The object changed since it was read"


class BusinessRuleViolation(ApiError):
    code, status, description = "BUSINESS_RULE_VIOLATION", 422, "A business rule forbids this"

    @classmethod
    def of(cls, rule: str, message: str, field: str | None = None) -> "BusinessRuleViolation":
        """The one rule (`account_in_use`) that was broken, and why."""
        return cls(message, [Detail(message, field=field, rule=rule)])


class MethodNotAllowed(ApiError):
    code, status, description = "METHOD_NOT_ALLOWED", 405, "The resource does not take this method"


class PayloadTooLarge(ApiError):
    code, status, description = "PAYLOAD_TOO_LARGE", 413, "The request body is too large"


class UnsupportedMediaType(ApiError):
    code, status = "UNSUPPORTED_MEDIA_TYPE", 415
    description = "The request body is of a media type that is not understood"


class RateLimitExceeded(ApiError):
    code, status, description = "RATE_LIMIT_EXCEEDED", 429, "Too many requests"

    def __init__(self, details: Iterable[Detail], retry_after_seconds: int) -> None:
        super().__init__(details=details)
        self.retry_after_seconds = retry_after_seconds


class InternalError(ApiError):
    code, status, description = "INTERNAL_ERROR", 500, "Internal server error"


class ServiceUnavailable(ApiError):
    code, status, description = "SERVICE_UNAVAILABLE", 503, "Service temporarily unavailable"


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
    PayloadTooLarge,
    UnsupportedMediaType,
    RateLimitExceeded,
    InternalError,
    ServiceUnavailable,
)


def envelope(error: ApiError, *, request_id: str, base_url: str) -> dict[str, Any]:
    """The reference's error body. `base_url` is this server's own, so that the link opens here."""
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "details": [detail.as_dict() for detail in error.details],
            "request_id": request_id,
            "documentation_url": f"{base_url}{DOCUMENTATION_PATH}#{error.code}",
        }
    }
