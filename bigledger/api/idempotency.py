"""`Idempotency-Key`: a write that is sent twice is performed once.

The key is claimed and the answer stored in the transaction of the work itself, so that there is no moment at
which one of them exists without the other. `/v1` and `/api/v1` share one space of keys. See spec section 2.

A replay goes only to the original caller: everything that determines the answer (person, credential, scopes, role)
is part of the request's fingerprint, and the view's permission is checked before anything is looked up (ADR 85).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from io import BytesIO

import msgspec
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError, transaction
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from bigledger import errors, ids
from bigledger.access import secrets
from bigledger.api.dispatch import permit
from bigledger.api.request import ApiRequest
from bigledger.postgres.execute import call
from bigledger.postgres.statement import Call, Statement

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_ENCRYPTED = b"gAAAA"  # how every Fernet token begins, and no JSON
_LOCK_NOT_AVAILABLE = "55P03"
_CLAIM = Call("api_claim_idempotency_key({0}::uuid, {1}, decode({2}, 'hex'))")
_KEEP = Statement(
    "UPDATE api_idempotencykey SET status = {0}::smallint, body = decode({1}, 'hex'), etag = {2}"
    " WHERE tenant_id = app_tenant() AND id = {3}::uuid RETURNING ''"
)


class _StoredAnswer(msgspec.Struct):
    """The request that a key stands for and what it was answered; bytes in hexadecimal."""

    fingerprint: str
    status: int
    body: str
    etag: str


def once(key: str, request: ApiRequest, work: Callable[[ApiRequest], HttpResponse]) -> HttpResponse:
    """The answer of `work`, or the stored answer of an earlier request with this key.

    Failures of the caller's (4xx) are remembered like successes, without what the work had begun. What was
    nobody's doing is not: a 5xx and a 429 leave the key unused, and so does a failure of more than 64 KiB. Raises
    IdempotencyConflict when the key came with another request, or its first request is still at work after 15 seconds;
    PermissionDenied before that.
    """
    if not _KEY.fullmatch(key):
        raise errors.ValidationFailed.at(
            "Idempotency-Key", "Must be 1 to 255 printable ASCII characters without spaces.", "invalid"
        )
    permit(request)
    identifier = ids.new_id()
    mine = _fingerprint(request)
    try:
        answer = call(_CLAIM, str(identifier).encode(), key.encode(), mine)
    except OperationalError as fault:
        if getattr(fault.__cause__, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise errors.IdempotencyConflict("The first request with this key is still being processed") from None
        raise
    if answer:
        return _replayed(msgspec.json.decode(answer, type=_StoredAnswer), mine)
    with transaction.atomic():
        response = work(request)
    is_failure = response.status_code >= 400
    if response.status_code >= 500 or response.status_code == 429 or (is_failure and _is_large(response)):
        transaction.set_rollback(True)
        return response
    body = response.content
    if response.get("Cache-Control") == "no-store":
        # It shows a secret, which is stored nowhere in clear.
        body = secrets.encrypt(body.decode())
    tag = response.get("ETag", "").encode()
    call(_KEEP, b"%d" % response.status_code, body.hex().encode(), tag, str(identifier).encode())
    return response


def _is_large(response: HttpResponse) -> bool:
    return len(response.content) > errors.MAX_ERROR_BYTES


def _replayed(stored: _StoredAnswer, fingerprint: bytes) -> HttpResponse:
    if stored.fingerprint.encode() != fingerprint:
        raise errors.IdempotencyConflict()
    body = bytes.fromhex(stored.body)
    shows_secret = body.startswith(_ENCRYPTED)
    if shows_secret:
        body = secrets.decrypt(body).encode()
    replayed = HttpResponse(body, status=stored.status, content_type="application/json")
    if shows_secret:
        replayed["Cache-Control"] = "no-store"
    replayed["Idempotent-Replayed"] = "true"
    if stored.etag:
        replayed["ETag"] = stored.etag
    return replayed


def _fingerprint(request: ApiRequest) -> bytes:
    path = request.path_info.removeprefix("/api")
    query = request.META.get("QUERY_STRING", "")
    who = request.principal.identity if request.principal else ""
    head = f"{who} {request.method} {path}?{query}\n".encode()
    return hashlib.sha256(head + (_parts(request) or request.body)).hexdigest().encode()


def _parts(request: ApiRequest) -> bytes | None:
    """What an upload says, without the boundary, which every client makes anew for each attempt; None for what is
    no form, or none that can be read."""
    if not request.META.get("CONTENT_TYPE", "").startswith("multipart/form-data"):
        return None
    try:
        parser = MultiPartParser(request.META, BytesIO(request.body), request.upload_handlers, request.encoding)
        fields, files = parser.parse()
    except (MultiPartParserError, SuspiciousOperation, ValueError):
        return None
    parts = [
        [name, file.name, file.content_type, hashlib.sha256(file.read()).hexdigest()]
        for name, several in sorted(files.lists())
        for file in several
    ]
    return b"form " + msgspec.json.encode([sorted(fields.lists()), parts])
