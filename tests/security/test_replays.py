"""A replay goes to whoever was answered: the same person, credential, scopes and role, and still allowed to ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.client import encode_multipart

from bigledger.access.models import Role
from bigledger.tenants.context import tenant_context
from tests.access.program import register
from tests.access.test_permissions import OPERATIONS
from tests.conftest import Answer, Caller
from tests.security.people import anonymous, bearer, key_of, keys_in, member, sign_in, signed

KEY = {"name": "prod key", "scopes": ["read", "write", "admin"]}
ACCOUNT = {"code": "1000", "name": "Cash", "type": "asset", "subtype": "current_asset"}


def owner_token(acme: Caller) -> str:
    member(acme, "boss@acme.example", Role.OWNER)
    token: str = sign_in("boss@acme.example", scope="read write admin").body["access"]
    return token


def viewers_token(acme: Caller) -> str:
    member(acme, "guest@acme.example", Role.VIEWER)
    token: str = sign_in("guest@acme.example", scope="read").body["access"]
    return token


def secrets_narrow_token(acme: Caller) -> str:
    return signed(acme.signing_secret, acme.principal.user_public_id, "read")


def secrets_wide_token(acme: Caller) -> str:
    return signed(acme.signing_secret, acme.principal.user_public_id, "admin")


def key_of_owner(acme: Caller) -> str:
    return acme.api_key


def key_of_viewer(acme: Caller) -> str:
    return key_of(acme, member(acme, "looker@acme.example", Role.VIEWER).user)


WIDE: dict[str, Callable[[Caller], str]] = {
    "an owner's token": owner_token,
    "an owner's key": key_of_owner,
    "a wide token of the secret": secrets_wide_token,
}
NARROW: dict[str, Callable[[Caller], str]] = {
    "a viewer's token": viewers_token,
    "a viewer's key": key_of_viewer,
    "a narrow token of the same secret": secrets_narrow_token,
}


@pytest.mark.parametrize("narrow", NARROW)
@pytest.mark.parametrize("wide", WIDE)
def test_nobody_gets_an_owners_key_by_its_idempotency_key(acme: Caller, wide: str, narrow: str) -> None:
    first = acme.post("/v1/api-keys", KEY, idempotency_key="order-1", **bearer(WIDE[wide](acme)))
    assert first.status == 201
    credential = NARROW[narrow](acme)
    there = keys_in(acme)

    stolen = acme.post("/v1/api-keys", KEY, idempotency_key="order-1", **bearer(credential))

    assert (stolen.status, stolen.error["code"]) == (403, "PERMISSION_DENIED")
    assert first.body["key"] not in stolen.text
    assert keys_in(acme) == there


def test_two_people_of_one_application_get_no_replay_of_each_other(acme: Caller) -> None:
    program = register(acme, scopes=["read", "write", "admin"])
    tokens = []
    for email in ("one@acme.example", "two@acme.example"):
        program.browser.force_login(member(acme, email, Role.OWNER).user)
        tokens.append(program.exchange(program.code(scope="read write admin")).body["access_token"])
    first = acme.post("/v1/api-keys", KEY, idempotency_key="order-2", **bearer(tokens[0]))

    other = acme.post("/v1/api-keys", KEY, idempotency_key="order-2", **bearer(tokens[1]))

    assert (first.status, other.status, other.error["code"]) == (201, 409, "IDEMPOTENCY_CONFLICT")
    assert first.body["key"] not in other.text
    assert acme.post("/v1/api-keys", KEY, idempotency_key="order-2", **bearer(tokens[0])).text == first.text


def test_a_demoted_member_gets_no_replay_of_their_answers_as_owner(acme: Caller) -> None:
    boss = member(acme, "boss@acme.example", Role.OWNER)
    key = key_of(acme, boss.user)
    first = acme.post("/v1/api-keys", KEY, idempotency_key="order-3", **bearer(key))
    assert acme.patch(f"/v1/members/{boss.public_id}", {"role": "viewer"}).status == 200

    again = acme.post("/v1/api-keys", KEY, idempotency_key="order-3", **bearer(key))

    assert (first.status, again.status) == (201, 403)
    assert first.body["key"] not in again.text


def test_a_refreshed_token_is_the_same_caller(acme: Caller) -> None:
    member(acme, "boss@acme.example", Role.OWNER)
    pair = sign_in("boss@acme.example", scope="admin").body
    first = acme.post("/v1/api-keys", KEY, idempotency_key="order-4", **bearer(pair["access"]))
    assert first.status == 201

    refreshed = anonymous("/v1/auth/token/refresh", {"refresh": pair["refresh"]})
    again = acme.post("/v1/api-keys", KEY, idempotency_key="order-4", **bearer(refreshed.body["access"]))

    assert (again.status, again.text) == (201, first.text)


def test_permission_comes_before_the_replay_on_every_operation(acme: Caller) -> None:
    """The table of operations: a key is claimed by nobody who may not ask."""
    viewer = key_of(acme, member(acme, "looker@acme.example", Role.VIEWER).user)
    wrong = {}
    writes = [o for o in OPERATIONS if o.action == "write"]
    assert len(writes) > 30
    for operation in writes:
        answer = acme.request(
            operation.method.upper(), f"/v1/{operation.path}", {}, idempotency_key="table", **bearer(viewer)
        )
        if answer.status != 403:
            wrong[operation] = answer.status
    with tenant_context(acme.tenant), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM api_idempotencykey WHERE key = 'table'")
        kept = cursor.fetchone()
    assert (wrong, kept) == ({}, (0,))


def test_the_original_caller_still_gets_the_replay(acme: Caller) -> None:
    first, second = (acme.post("/v1/accounts", ACCOUNT, idempotency_key="mine") for _ in range(2))

    assert (first.status, second.text, second.response["Idempotent-Replayed"]) == (201, first.text, "true")


def _upload(acme: Caller, boundary: str, **change: Any) -> Answer:
    """Every real client makes a new boundary for each attempt."""
    told = {"content": b"%PDF-1.4 bill", "name": "bill.pdf", "kind": "application/pdf", "fields": {}} | change
    file = SimpleUploadedFile(told["name"], told["content"], told["kind"])
    body = encode_multipart(boundary, {"file": file, **told["fields"]})
    return Answer(
        acme.client.generic(
            "POST",
            "/v1/documents",
            body,
            content_type=f"multipart/form-data; boundary={boundary}",
            HTTP_AUTHORIZATION=f"Bearer {acme.api_key}",
            HTTP_IDEMPOTENCY_KEY="upload",
        )
    )


def test_a_retried_upload_with_a_boundary_of_its_own_is_the_same_request(acme: Caller) -> None:
    first, second = _upload(acme, "one"), _upload(acme, "another-one")

    assert (first.status, second.status, second.text) == (201, 201, first.text)
    assert second.response["Idempotent-Replayed"] == "true"
    assert acme.get("/v1/documents").body["meta"]["total"] == 1


@pytest.mark.parametrize(
    "change", [{"content": b"%PDF-1.4 other"}, {"name": "other.pdf"}, {"kind": "text/plain"}, {"fields": {"note": "x"}}]
)
def test_an_upload_of_something_else_is_another_request(acme: Caller, change: dict[str, Any]) -> None:
    assert _upload(acme, "one").status == 201

    other = _upload(acme, "one", **change)

    assert (other.status, other.error["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert acme.get("/v1/documents").body["meta"]["total"] == 1
