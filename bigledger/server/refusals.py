"""Answers that the server gives itself, before there is a request for Django: in the catalogue's envelope too."""

from __future__ import annotations

import re

from django.conf import settings

from bigledger import errors, exact_json, ids, logs
from bigledger.server import headers
from bigledger.server.environ import Scope

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_RETRY_AFTER_SECONDS = "1"


def request_id(given: str | None) -> str:
    """The client's own when it is sane, else a new one."""
    return given if given and _SANE_REQUEST_ID.fullmatch(given) else ids.new_request_id()


def refusal(scope: Scope, error: errors.ApiError, began: float) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of the answer; a line of the log is written. `began` is a time of perf_counter.

    The connection closes after it: what is still to come of the body would pass for the next request.
    """
    identifier = request_id(scope.headers.get("x-request-id"))
    body = exact_json.encode(errors.envelope(error, request_id=identifier, base_url=settings.PUBLIC_URL))
    given = {
        "content-type": "application/json",
        "connection": "close",
        "x-request-id": identifier,
        "x-api-version": settings.API_VERSION,
        **{name.lower(): value for name, value in headers.of_data().items()},
    }
    if isinstance(error, errors.ServiceUnavailable | errors.RequestTimeout):
        given["retry-after"] = _RETRY_AFTER_SECONDS
    if "origin" in scope.headers:
        given["access-control-allow-origin"] = "*"
        given["access-control-expose-headers"] = "X-Request-ID"
    logs.log_request(identifier, tenant=None, method=scope.method, route=None, status=error.status, began=began)
    return error.status, list(given.items()), b"" if scope.method == "HEAD" else body
