"""The one middleware of the API: request id, caller, rate limit, transaction with the tenant set, view.

This order keeps tenants apart. The tenant comes from the credential alone; a request
without a credential runs without a tenant, so it can see no rows; an answer that is a failure
rolls everything back.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from io import BytesIO
from typing import cast

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from rest_framework.permissions import SAFE_METHODS

from bigledger import errors, heartbeat, ids, logs
from bigledger.access import limits
from bigledger.access.address import address_of
from bigledger.access.authentication import authenticate
from bigledger.api.dispatch import respond
from bigledger.api.dry_run import answer_dry_run, is_dry_run
from bigledger.api.failures import error_response
from bigledger.api.front import is_private, over_https_only
from bigledger.api.idempotency import once
from bigledger.api.request import ApiRequest
from bigledger.api.response import LaterResponse
from bigledger.interfaces import ADMIN, GRAPHQL, PAGE, REST, current_interface
from bigledger.postgres.backend.base import let_go_of_broken_connections
from bigledger.postgres.execute import settle
from bigledger.postgres.statement import OtherAnswer
from bigledger.tenants.context import entered

MAX_BODY_BYTES = 5 * 1024 * 1024
_API_PATH = re.compile(r"/(api/)?v1(/|$)|/graphql(/v1)?$")
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_ASKED_ALL_THE_TIME = ("/healthz", "/readyz", "/metrics")


class CrossOriginMiddleware(CorsMiddleware):
    """Headers for pages of other origins. Requests without an Origin header only get `Vary: origin`."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_ORIGIN" in request.META or not _API_PATH.match(request.path_info):
            return cast(HttpResponse, super().__call__(request))
        response = cast(HttpResponse, self.get_response(request))
        if "Vary" in response:
            patch_vary_headers(response, ["origin"])
        else:
            response["Vary"] = "origin"
        return response


def _interface_of(request: HttpRequest) -> str:
    path = request.path_info
    if not _API_PATH.match(path):
        return ADMIN if path.startswith("/admin/") else PAGE
    is_graphql = path.startswith("/graphql") or request.META.get("HTTP_HOST", "").startswith("graphql.")
    return GRAPHQL if is_graphql else REST


class ApiMiddleware:
    """Pages pass through with a request id; API paths get a caller and a transaction."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.needs_https = not settings.IS_SANDBOX
        heartbeat.beat_while_threads_are_free(settings.API_THREADS)

    def __call__(self, plain_request: HttpRequest) -> HttpResponse:
        request = cast(ApiRequest, plain_request)
        started = time.perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request.id = given if _SANE_REQUEST_ID.fullmatch(given) else ids.new_request_id()
        request.principal = None
        request.slot = None
        token, door = logs.request_id.set(request.id), current_interface.set(_interface_of(request))
        thread = threading.get_ident()
        heartbeat.at_work[thread] = time.monotonic()
        answer = self._answer if _API_PATH.match(request.path_info) else self.get_response
        if self.needs_https and not is_private(request):
            answer = over_https_only
        try:
            response = answer(request)
        finally:
            let_go_of_broken_connections()
            del heartbeat.at_work[thread]
            logs.request_id.reset(token)
            current_interface.reset(door)
        response["X-Request-ID"] = request.id
        response["X-API-Version"] = settings.API_VERSION
        principal, match = request.principal, request.resolver_match
        logs.log_request(
            request.id,
            tenant=principal.tenant.id if principal else None,
            method=request.method or "",
            route=f"/{match.route}" if match else None,
            status=response.status_code,
            began=started,
            level="DEBUG" if request.path_info in _ASKED_ALL_THE_TIME else "INFO",
        )
        return response

    def _answer(self, request: ApiRequest) -> HttpResponse:
        try:
            if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
                raise errors.PayloadTooLarge(f"The request body must not exceed {MAX_BODY_BYTES} bytes")
            try:
                response = self._in_transaction(request, use_cache=_can_be_read_again(request))
            except OtherAnswer:  # the cached caller has changed, so begin again
                request.principal = None
                response = self._in_transaction(request, use_cache=False)
            if isinstance(response, LaterResponse):
                response.complete()
            return with_limits(response, request.slot)
        except limits.Refused as refusal:
            return with_limits(error_response(request, refusal), refusal.slot)
        except errors.AuthenticationFailed as fault:
            return _refused(request, fault)
        except Exception as fault:  # noqa: BLE001 - the last resort: any exception becomes an error envelope
            return with_limits(error_response(request, fault), request.slot)
        finally:
            limits.release(request.slot)

    @transaction.atomic
    def _in_transaction(self, request: ApiRequest, *, use_cache: bool) -> HttpResponse:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            response = self._attempt_unauthenticated(request)
        else:
            try:
                response = self._known(header, request, use_cache=use_cache)
            finally:
                settle()  # no response leaves before the database has confirmed the caller
        return response

    def _known(self, header: str, request: ApiRequest, *, use_cache: bool) -> HttpResponse:
        principal = authenticate(header, remote_address=address_of(request), use_cache=use_cache)
        if use_cache and limits.is_limited(principal.tenant):
            settle()  # a refused caller must not use up the limits of their former tenant
        request.principal = principal
        request.slot = limits.take(principal.tenant)
        if use_cache:
            _keep_body(request)
        with entered(principal.tenant):
            return self._work(request)

    def _attempt_unauthenticated(self, request: ApiRequest) -> HttpResponse:
        address = address_of(request)
        limits.refuse_if_many(address)
        response = self._attempt(request)
        if response.status_code >= 400:
            limits.count_failure(address)
        return response

    def _work(self, request: ApiRequest) -> HttpResponse:
        """Runs the view, as a dry run or under an idempotency key if the request asks for it."""
        if request.method not in SAFE_METHODS:
            if is_dry_run(request):
                return answer_dry_run(request, self._attempt)
            key = request.META.get("HTTP_IDEMPOTENCY_KEY")
            if key is not None:
                return once(key, request, self._attempt)
        return self._attempt(request)

    def _attempt(self, request: ApiRequest) -> HttpResponse:
        """The view's answer; a failure rolls back its changes, unless the response says that they are to be kept."""
        response = self.get_response(request) if request.principal is None else respond(request)
        if response.status_code >= 400 and not getattr(response, "keeps_work", False):
            transaction.set_rollback(True)
        return response


def _refused(request: ApiRequest, fault: errors.AuthenticationFailed) -> HttpResponse:
    """Counts an invalid credential as a failure of its address; the answer reveals nothing about any tenant."""
    try:
        limits.count_failure(address_of(request))
    except errors.RateLimitExceeded as refusal:
        return error_response(request, refusal)
    return error_response(request, fault)


def _keep_body(request: ApiRequest) -> None:
    """Keeps the body for a second reading, as `request.body` does, which would measure again what is whole already."""
    whole = request.META.get("bigledger.body")
    if whole is None:
        request.body  # noqa: B018 - reading it keeps it
    else:
        request._body, request._stream = whole, BytesIO(whole)


def _can_be_read_again(request: ApiRequest) -> bool:
    """Whether the view may run twice: the body of an upload, for example, cannot be kept for that."""
    return request.META.get("CONTENT_TYPE") == "application/json"


def with_limits(response: HttpResponse, slot: limits.Slot | None) -> HttpResponse:
    for name, value in slot.headers().items() if slot else ():
        response[name] = value
    return response
