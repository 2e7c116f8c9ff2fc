"""Every failure in the catalogue's envelope: REST framework's, Django's, the database's and our own."""

from __future__ import annotations

from typing import Any

import structlog
from django.core.exceptions import DisallowedHost, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from bigledger import errors, exact_json

logger = structlog.get_logger(__name__)


def field_details(detail: Any, path: str = "") -> list[errors.Detail]:
    """REST framework's nested dictionary of faults as a flat list with paths (`lines[0].debit`)."""
    if isinstance(detail, dict):
        found: list[errors.Detail] = []
        for key, value in detail.items():
            if key == "non_field_errors":
                found += field_details(value, path)
            elif isinstance(key, int):
                found += field_details(value, f"{path}[{key}]")
            else:
                found += field_details(value, f"{path}.{key}" if path else str(key))
        return found
    if isinstance(detail, list):
        if any(isinstance(item, dict | list) for item in detail):
            return [d for i, item in enumerate(detail) for d in field_details(item, f"{path}[{i}]")]
        return [d for item in detail for d in field_details(item, path)]
    return [errors.Detail(str(detail), field=path or None)]


def to_catalogue(fault: BaseException) -> errors.ApiError:
    """The catalogue's error for anything that can be raised; what is unknown is an InternalError."""
    match fault:
        case errors.ApiError():
            return fault
        case exceptions.ValidationError():
            return errors.ValidationFailed(details=field_details(fault.detail))
        case exceptions.ParseError():
            return errors.ValidationFailed(str(fault.detail))
        case exceptions.AuthenticationFailed() | exceptions.NotAuthenticated():
            return errors.AuthenticationFailed(str(fault.detail))
        case exceptions.PermissionDenied() | DjangoPermissionDenied():
            return errors.PermissionDenied()
        case exceptions.NotFound() | Http404():
            return errors.ResourceNotFound()
        case exceptions.MethodNotAllowed():
            return errors.MethodNotAllowed(str(fault.detail))
        case exceptions.UnsupportedMediaType():
            return errors.UnsupportedMediaType(str(fault.detail))
        case exceptions.NotAcceptable():
            return errors.ValidationFailed(str(fault.detail))
        case RequestDataTooBig():
            return errors.PayloadTooLarge()
        case SuspiciousOperation() | UnicodeDecodeError():
            return errors.ValidationFailed("The request is malformed")
        case IntegrityError():
            logger.warning("integrity_error", error=str(fault))
            return errors.Conflict("The database refused the change because it conflicts with another")
        case OperationalError() | InterfaceError():
            logger.error("database_unavailable", error=str(fault))
            return errors.ServiceUnavailable()
        case _:
            logger.error("unhandled_exception", exc_info=fault)
            return errors.InternalError()


def error_body(request: HttpRequest, error: errors.ApiError) -> dict[str, Any]:
    try:
        base_url = f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:  # which may be the very failure that is told
        base_url = ""
    return errors.envelope(error, request_id=getattr(request, "id", ""), base_url=base_url)


def headers(error: errors.ApiError) -> dict[str, str]:
    match error:
        case errors.AuthenticationFailed():
            return {"WWW-Authenticate": "Bearer"}
        case errors.RateLimitExceeded():
            return {"Retry-After": str(error.retry_after_seconds)}
        case _:
            return {}


def error_response(request: HttpRequest, fault: BaseException) -> HttpResponse:
    """For failures anywhere: in a view, in middleware, Django's own 404 and 500."""
    error = to_catalogue(fault)
    body = exact_json.encode(error_body(request, error))
    return HttpResponse(body, status=error.status, content_type="application/json", headers=headers(error))


def exception_handler(fault: Exception, context: dict[str, Any]) -> HttpResponse:
    """REST framework's hook."""
    response = error_response(context["request"]._request, fault)
    if isinstance(fault, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, errors.ResourceNotFound())


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, exception or errors.ValidationFailed())


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, errors.PermissionDenied())


def server_error(request: HttpRequest) -> HttpResponse:
    return error_response(request, errors.InternalError())
