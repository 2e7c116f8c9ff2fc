"""Every failure in the catalogue's envelope: REST framework's, Django's, the database's and our own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from bigledger import errors, exact_json
from bigledger.api import error_pages
from bigledger.api.patience import most_faults
from bigledger.detail_codes import word
from bigledger.money import MAX_INTEGER_DIGITS

_OUT_OF_RANGE = "22003"

logger = structlog.get_logger(__name__)


def field_details(detail: Any) -> list[errors.Detail]:
    """REST framework's nested dictionary of faults as a flat list with paths (`lines[0].debit`), as far as faults are
    looked for."""
    return list(islice(_flat(detail, ""), most_faults()))


def _flat(detail: Any, path: str) -> Iterator[errors.Detail]:
    if isinstance(detail, dict):
        for key, value in detail.items():
            if key == "non_field_errors":
                yield from _flat(value, path)
            elif isinstance(key, int):
                yield from _flat(value, f"{path}[{key}]")
            else:
                yield from _flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(detail, list):
        nested = any(isinstance(item, dict | list) for item in detail)
        for position, item in enumerate(detail):
            yield from _flat(item, f"{path}[{position}]" if nested else path)
    else:
        yield errors.Detail(str(detail), field=path or None, code=word(getattr(detail, "code", "")))


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
        case DataError():
            logger.warning("data_error", sqlstate=getattr(fault.__cause__, "sqlstate", None))
            return _unstorable(fault)
        case IntegrityError():
            logger.warning("integrity_error", **_constraint(fault))
            return errors.Conflict("The database refused the change because it conflicts with another")
        case OperationalError() | InterfaceError():
            logger.error("database_unavailable", error=str(fault))
            return errors.ServiceUnavailable()
        case _:
            logger.error("unhandled_exception", exc_info=fault)
            return errors.InternalError()


def _unstorable(fault: DataError) -> errors.ValidationFailed:
    """A value that a column refused and that no check had caught: the caller's, or a sum that results from it."""
    if getattr(fault.__cause__, "sqlstate", None) == _OUT_OF_RANGE:
        detail = errors.Detail(f"An amount would have more than {MAX_INTEGER_DIGITS} digits.", code="too_large")
        return errors.ValidationFailed(details=[detail])
    return errors.ValidationFailed("The request contains a value that cannot be stored")


def _constraint(fault: IntegrityError) -> dict[str, str | None]:
    """The violated constraint, without the row, which must not be shown."""
    diagnostics = getattr(fault.__cause__, "diag", None)
    return {name: getattr(diagnostics, f"{name}_name", None) for name in ("constraint", "table")}


def error_body(request: HttpRequest, error: errors.ApiError) -> dict[str, Any]:
    return errors.envelope(error, request_id=getattr(request, "id", ""), base_url=settings.PUBLIC_URL)


def headers(error: errors.ApiError) -> dict[str, str]:
    """`X-Should-Retry` says whether the same request may succeed later: clients need not know the catalogue for it."""
    may_succeed = error.status >= 500 or isinstance(error, errors.RateLimitExceeded)
    return {"X-Should-Retry": "true" if may_succeed else "false", **_own_headers(error)}


def _own_headers(error: errors.ApiError) -> dict[str, str]:
    match error:
        case errors.AuthenticationFailed():
            return {"WWW-Authenticate": "Bearer"}
        case errors.RateLimitExceeded() | errors.ServiceUnavailable():
            return {"Retry-After": str(error.retry_after_seconds)}
        case _:
            return {}


def error_response(request: HttpRequest, fault: BaseException) -> HttpResponse:
    """For failures anywhere: in a view, in middleware, Django's own 404 and 500."""
    error = to_catalogue(fault)
    if error_pages.wants_page(request):
        return error_pages.error_page(request, error, headers(error))
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
    """Logs the exception, while it is being handled; nothing else logs it."""
    return error_response(request, sys.exc_info()[1] or errors.InternalError())
