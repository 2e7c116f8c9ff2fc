"""A process remembers callers; what another process takes from them is gone from the next request on (ADR 52)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from bigledger.access import authentication
from tests.access.conftest import bearer
from tests.api.conftest import open_chart, rent
from tests.committed import behind_its_back, tenant  # noqa: F401 - a fixture
from tests.conftest import Caller

ACCOUNT = {"code": "1000", "name": "Cash", "type": "asset", "subtype": "current_asset"}


@pytest.fixture
def caller(tenant: Caller) -> Caller:  # noqa: F811
    assert tenant.get("/v1/accounts").status == 200
    return tenant


KEY = "UPDATE access_apikey SET {} WHERE tenant_id = %s"
MEMBER = "UPDATE access_membership SET {} WHERE tenant_id = %s"
USER = "UPDATE access_user SET {} WHERE id IN (SELECT user_id FROM access_membership WHERE tenant_id = %s)"
TAKEN = {
    "the key revoked": (KEY, "revoked_at = now()", "revoked_at = NULL", 401),
    "the key expired": (KEY, "expires_at = now()", "expires_at = NULL", 401),
    "the key for another address only": (KEY, "allowed_networks = '{10.0.0.0/8}'", "allowed_networks = '{}'", 401),
    "the key for reading only": (KEY, "scopes = '{read}'", "scopes = '{read,write,admin}'", 403),
    "the member a viewer": (MEMBER, "role = 'viewer'", "role = 'owner'", 403),
    "the user inactive": (USER, "is_active = false", "is_active = true", 401),
}


@pytest.mark.parametrize("what", TAKEN)
def test_it_is_gone_at_once_and_back_at_once(caller: Caller, what: str) -> None:
    statement, taken, given, status = TAKEN[what]

    assert behind_its_back(statement.format(taken), caller.tenant.id)
    assert caller.post("/v1/accounts", ACCOUNT).status == status

    assert behind_its_back(statement.format(given), caller.tenant.id)
    assert caller.get("/v1/accounts").body["data"] == []  # nothing was kept
    assert caller.post("/v1/accounts", ACCOUNT).status == 201


def test_nothing_is_posted_with_a_key_that_was_revoked(caller: Caller) -> None:
    """The posting goes to the database together with the question whose key it is."""
    open_chart(caller)
    assert caller.post("/v1/journal-entries", rent()).status == 201
    assert caller.post("/v1/journal-entries", rent()).status == 201
    behind_its_back(KEY.format("revoked_at = now()"), caller.tenant.id)

    for wrong_or_right in (rent(), rent(date="no day"), {"unknown": 1}, b"{", None):
        assert caller.post("/v1/journal-entries", wrong_or_right).status == 401
    assert caller.post("/v1/journal-entries?validate_only=true", rent()).status == 401
    assert caller.post("/v1/journal-entries", rent(), idempotency_key="k").status == 401

    behind_its_back(KEY.format("revoked_at = NULL"), caller.tenant.id)
    assert caller.get("/v1/journal-entries").body["meta"]["total"] == 2


def test_a_request_that_is_begun_again_happens_once_and_counts_once(caller: Caller) -> None:
    open_chart(caller)
    behind_its_back("UPDATE tenants_tenant SET plan = 'free' WHERE id = %s", caller.tenant.id)
    first = caller.post("/v1/journal-entries", rent())
    behind_its_back("UPDATE tenants_tenant SET name = 'New' WHERE id = %s", caller.tenant.id)
    second = caller.post("/v1/journal-entries", rent())

    left = [int(answer.response["X-RateLimit-Remaining"]) for answer in (first, second)]
    assert left == [999, 998]
    assert caller.get("/v1/journal-entries").body["meta"]["total"] == 2


def test_a_membership_that_ended_opens_nothing(caller: Caller) -> None:
    assert behind_its_back("DELETE FROM access_membership WHERE tenant_id = %s", caller.tenant.id)

    assert caller.get("/v1/accounts").status == 401


def test_the_tenants_new_plan_holds_from_the_next_request_on(caller: Caller) -> None:
    assert "X-RateLimit-Limit" not in caller.get("/v1/accounts").response

    assert behind_its_back("UPDATE tenants_tenant SET plan = 'free' WHERE id = %s", caller.tenant.id)

    assert caller.get("/v1/accounts").response["X-RateLimit-Limit"] == "1000"


def token_of(caller: Caller) -> str:
    now = datetime.now(UTC)
    claims = {"sub": caller.principal.user_public_id, "iat": now, "exp": now + timedelta(hours=1)}
    return jwt.encode(claims, caller.signing_secret, algorithm="HS256")


def test_a_member_who_signs_their_tokens_is_checked_too(caller: Caller) -> None:
    token = bearer(token_of(caller))
    assert caller.get("/v1/accounts", **token).status == 200
    assert caller.get("/v1/accounts", **token).status == 200

    assert behind_its_back(MEMBER.format("role = 'viewer'"), caller.tenant.id)

    assert caller.post("/v1/accounts", ACCOUNT, **token).status == 403
    assert behind_its_back(USER.format("is_active = false"), caller.tenant.id)
    assert caller.get("/v1/accounts", **token).status == 401


def test_an_unchanged_caller_is_recognized_by_the_version_alone(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert caller.get("/v1/accounts").status == 200  # the first use of the key was noted on it
    answers: list[bytes] = []
    real = authentication.call
    monkeypatch.setattr(authentication, "call", lambda *told: answers.append(real(*told)) or answers[-1])

    assert caller.get("/v1/accounts").status == 200
    assert [b"{" in answer for answer in answers] == [False]

    behind_its_back("UPDATE tenants_tenant SET name = 'New' WHERE id = %s", caller.tenant.id)
    assert caller.get("/v1/tenant").body["name"] == "New"
    assert [b"{" in answer for answer in answers] == [False, True]
