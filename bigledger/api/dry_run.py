"""`?validate_only=true` on any write: everything is checked, computed and shown, and nothing is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from bigledger import errors, exact_json
from bigledger.api.request import ApiRequest
from bigledger.dry_run import dry_run


def is_dry_run(request: ApiRequest) -> bool:
    """Raises ValidationFailed for a value other than true and false."""
    given = request.GET.get("validate_only") if request.META.get("QUERY_STRING") else None
    if given not in (None, "true", "false"):
        raise errors.ValidationFailed.at("validate_only", "Must be true or false.", "not_a_boolean")
    return given == "true" or _asked_for_in_bulk(request)


def _asked_for_in_bulk(request: ApiRequest) -> bool:
    """`options.validate_only` of a bulk request has the same meaning. The view itself refuses a malformed body."""
    if not request.path_info.endswith("/bulk") or b'"validate_only"' not in request.body:
        return False
    try:
        body = exact_json.decode_request(request.body)
        return body["options"]["validate_only"] is True
    except (exact_json.MalformedJson, LookupError, TypeError):
        return False


def answer_dry_run(request: ApiRequest, work: Callable[[ApiRequest], HttpResponse]) -> HttpResponse:
    """The would-be object with `journal_lines` and `events` beside its fields, as 200; or the failure."""
    with dry_run() as left:
        response = work(request)
    transaction.set_rollback(True)
    if response.status_code >= 400:
        return response
    would_be: Any = exact_json.decode(response.content) if response.content else {}
    # The object's own fields win: a webhook endpoint has `events` itself.
    body = {"journal_lines": left.journal_lines, "events": left.events, **would_be}
    shown = HttpResponse(exact_json.encode(body), content_type="application/json")
    if kept_by_nobody := response.get("Cache-Control"):
        shown["Cache-Control"] = kept_by_nobody
    return shown
