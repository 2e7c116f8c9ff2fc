"""Tokens issued here live as long as they are issued for; a refresh token works once, and its sign-in ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings

from bigledger.access import sign_ins
from bigledger.access.models import Role, SignIn, User
from bigledger.tenants.context import tenant_context
from tests.conftest import Answer, Caller
from tests.security.people import anonymous, bearer, member, sign_in

EMAIL = "boss@acme.example"


@pytest.fixture
def boss(acme: Caller) -> User:
    return member(acme, EMAIL, Role.OWNER).user


def _refresh(token: str) -> Answer:
    return anonymous("/v1/auth/token/refresh", {"refresh": token})


def _changed(token: str, **change: Any) -> str:
    """Signed with our own key: what somebody can do who knows it."""
    claims = jwt.decode(token, options={"verify_signature": False}) | change
    return jwt.encode(
        {k: v for k, v in claims.items() if v is not None}, settings.SIMPLE_JWT["SIGNING_KEY"], algorithm="HS256"
    )


NOW = int(datetime.now(UTC).timestamp())
FORGED = {
    "three years": {"exp": NOW + 3 * 365 * 86400},
    "from tomorrow": {"iat": NOW + 86400, "exp": NOW + 86400 + 600},
    "no beginning": {"iat": None},
    "a beginning that is no number": {"iat": "now"},
    "no sign-in": {"sign_in": None},
    "a sign-in that is none": {"sign_in": "01900000-0000-7000-8000-000000000000"},
}


@pytest.mark.parametrize("change", FORGED)
def test_a_token_that_was_not_issued_so_opens_nothing(acme: Caller, boss: User, change: str) -> None:
    pair = sign_in(EMAIL, scope="admin").body
    assert acme.get("/v1/accounts", **bearer(_changed(pair["access"]))).status == 200

    assert acme.get("/v1/accounts", **bearer(_changed(pair["access"], **FORGED[change]))).status == 401
    assert _refresh(_changed(pair["refresh"], **FORGED[change])).status == 401


def test_a_refresh_token_works_once_and_its_second_use_ends_the_sign_in(acme: Caller, boss: User) -> None:
    first = sign_in(EMAIL).body
    second = _refresh(first["refresh"]).body
    assert second["refresh"] != first["refresh"]
    third = _refresh(second["refresh"]).body
    assert acme.get("/v1/accounts", **bearer(third["access"])).status == 200

    assert _refresh(first["refresh"]).status == 401, "two generations old: somebody has a copy"

    for token in (first, second, third):
        assert _refresh(token["refresh"]).status == 401
        assert acme.get("/v1/accounts", **bearer(token["access"])).status == 401
    assert _refresh(sign_in(EMAIL).body["refresh"]).status == 200, "a new sign-in is another"


def test_two_refreshes_at_once_sign_nobody_out(acme: Caller, boss: User) -> None:
    first = sign_in(EMAIL).body

    pairs = [_refresh(first["refresh"]) for _ in range(3)]

    assert [p.status for p in pairs] == [200] * 3
    assert _refresh(pairs[-1].body["refresh"]).status == 200


def test_after_the_grace_a_used_token_ends_the_sign_in(acme: Caller, boss: User) -> None:
    first = sign_in(EMAIL).body
    second = _refresh(first["refresh"]).body
    with tenant_context(acme.tenant):
        SignIn.objects.update(refreshed_at=datetime.now(UTC) - sign_ins.GRACE - timedelta(seconds=1))

    assert [_refresh(token["refresh"]).status for token in (first, second)] == [401, 401]
    with tenant_context(acme.tenant):
        assert SignIn.objects.get().ended_at is not None


def test_a_sign_in_ends_after_a_month_however_often_it_is_refreshed(acme: Caller, boss: User) -> None:
    pair = sign_in(EMAIL).body
    with tenant_context(acme.tenant):
        SignIn.objects.update(expires_at=datetime.now(UTC) + timedelta(hours=1))
    renewed = _refresh(pair["refresh"]).body
    ends = jwt.decode(renewed["refresh"], options={"verify_signature": False})["exp"]
    assert ends <= datetime.now(UTC).timestamp() + 3600
    with tenant_context(acme.tenant):
        SignIn.objects.update(expires_at=datetime.now(UTC) - timedelta(hours=1))

    assert _refresh(renewed["refresh"]).status == 401
    assert acme.get("/v1/accounts", **bearer(renewed["access"])).status == 401


def test_a_sign_in_can_be_ended(acme: Caller, boss: User) -> None:
    pair, other = sign_in(EMAIL).body, sign_in(EMAIL).body

    assert anonymous("/v1/auth/revoke", {"refresh": pair["refresh"]}).status == 204

    assert _refresh(pair["refresh"]).status == 401
    assert acme.get("/v1/accounts", **bearer(pair["access"])).status == 401
    assert acme.get("/v1/accounts", **bearer(other["access"])).status == 200
    assert anonymous("/v1/auth/revoke", {"refresh": pair["refresh"]}).status == 401
    assert anonymous("/v1/auth/revoke", {"refresh": other["access"]}).status == 401


def test_the_mark_of_the_password_is_in_refresh_tokens_only(acme: Caller, boss: User) -> None:
    pair = sign_in(EMAIL).body
    claims = {kind: jwt.decode(pair[kind], options={"verify_signature": False}) for kind in ("access", "refresh")}

    assert ("password" in claims["access"], "password" in claims["refresh"]) == (False, True)


def test_a_new_password_ends_sessions_and_refresh_tokens(acme: Caller, boss: User) -> None:
    pair = sign_in(EMAIL).body
    acme.client.force_login(boss)
    assert acme.client.get("/sign-in/second-factor").status_code == 200
    boss.set_password("another kettle 43")
    boss.save()

    assert _refresh(pair["refresh"]).status == 401
    assert acme.client.get("/sign-in/second-factor").status_code == 302
    acme.client.logout()
