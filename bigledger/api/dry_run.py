"""`?validate_only=true` on any write: the write is performed, its result is shown, and everything is rolled back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from bigledger import errors, exact_json
from bigledger.api.request import ApiRequest
from bigledger.dry_run import dry_run


def is_dry_run(request: ApiRequest) -> bool:
    """Whether the request asks for a dry run. Raises ValidationFailed for a value other than true and false."""
    given = request.GET.get("validate_only") if request.META.get("QUERY_STRING") else None
    if given not in (None, "true", "false"):
        raise errors.ValidationFailed.at("validate_only", "Must be true or false.", "not_a_boolean")
    return given == "true" or _is_bulk_dry_run(request)


def _is_bulk_dry_run(request: ApiRequest) -> bool:
    """`options.validate_only` of a bulk request has the same meaning. The view itself refuses a malformed body."""
    if not request.path_info.endswith("/bulk") or b'"validate_only"' not in request.body:
        return False
    try:
        body = exact_json.decode_request(request.body)
        return body["options"]["validate_only"] is True
    except (exact_json.MalformedJson, LookupError, TypeError):
        return False


def answer_dry_run(request: ApiRequest, work: Callable[[ApiRequest], HttpResponse]) -> HttpResponse:
    """Performs the write and rolls it back. Returns 200 with the object, its `journal_lines` and `events`; or the
    failure."""
    with dry_run() as left:
        response = work(request)
    transaction.set_rollback(True)
    if response.status_code >= 400:
        return response
    would_be: Any = exact_json.decode(response.content) if response.content else {}
    # The object's own fields win: a webhook endpoint has `events` itself.
    body = {"journal_lines": left.journal_lines, "events": left.events, **would_be}
    shown = HttpResponse(exact_json.encode(body), content_type="application/json")
    if cache_control := response.get("Cache-Control"):
        shown["Cache-Control"] = cache_control
    return shown
