"""Tokens that callers sign themselves, tokens issued here, and what is tried against both."""

from __future__ import annotations

import base64
import json
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django_otp.oath import totp

from bigledger.access.models import Authenticator, Role, User
from bigledger.access.services import add_member
from bigledger.tenants.context import tenant_context
from tests.access.conftest import bearer
from tests.conftest import Answer, Caller

PASSWORD = "sturdy kettle 42"


def claims(caller: Caller, **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"sub": caller.principal.user_public_id, "iat": now, "exp": now + timedelta(hours=1), **more}


def accounts(caller: Caller, token: str) -> Answer:
    return caller.get("/v1/accounts", **bearer(token))


def signed(caller: Caller, secret: str = "", algorithm: str = "HS256", **more: Any) -> str:
    return jwt.encode(claims(caller, **more), secret or caller.signing_secret, algorithm=algorithm)


def unsigned(payload: dict[str, Any], header: dict[str, str], signature: str = "") -> str:
    parts = [json.dumps(part, default=lambda d: int(d.timestamp())).encode() for part in (header, payload)]
    return ".".join([*(base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in parts), signature])


def test_the_references_token_lists_accounts(acme: Caller) -> None:
    assert accounts(acme, signed(acme)).status == 200


def test_a_token_may_narrow_its_own_scopes(acme: Caller) -> None:
    narrow = signed(acme, scope="read:accounts")

    assert accounts(acme, narrow).status == 200
    assert acme.get("/v1/journal-entries", **bearer(narrow)).status == 403


def test_several_secrets_live_at_once_and_are_revoked_one_by_one(acme: Caller) -> None:
    second = acme.post("/v1/signing-secrets", {}).body
    assert accounts(acme, signed(acme, second["secret"])).status == 200
    assert accounts(acme, signed(acme)).status == 200

    assert acme.delete(f"/v1/signing-secrets/{second['id']}").status == 204

    assert accounts(acme, signed(acme, second["secret"])).status == 401
    assert accounts(acme, signed(acme)).status == 200


def _public_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_algorithm_none_is_refused(acme: Caller, algorithm: str) -> None:
    assert accounts(acme, unsigned(claims(acme), {"alg": algorithm, "typ": "JWT"})).status == 401


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "RS256", "ES256"])
def test_the_algorithm_is_pinned_whatever_the_header_says(acme: Caller, algorithm: str) -> None:
    if algorithm.startswith("HS"):
        token = signed(acme, algorithm=algorithm)
    else:
        token = unsigned(claims(acme), {"alg": algorithm, "typ": "JWT"}, "AAAA")

    assert accounts(acme, token).status == 401


def test_a_public_key_as_secret_is_refused(acme: Caller) -> None:
    import hashlib
    import hmac

    head = unsigned(claims(acme), {"alg": "HS256", "typ": "JWT"})
    forged = base64.urlsafe_b64encode(hmac.new(_public_key(), head[:-1].encode(), hashlib.sha256).digest())

    assert accounts(acme, head + forged.rstrip(b"=").decode()).status == 401


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"exp": -timedelta(minutes=5)}, "expired"),
        ({"exp": timedelta(hours=25)}, "more than 24 hours ahead"),
        ({"exp": timedelta(days=36_500)}, "far future"),
        ({"iat": timedelta(minutes=5)}, "issued in the future"),
        ({"nbf": timedelta(minutes=5)}, "not valid yet"),
        ({"exp": "tomorrow"}, "not a number"),
        ({"exp": 1e300}, "beyond every calendar"),
        ({"sub": "user_123"}, "no such user"),
        ({"sub": 7}, "sub is no text"),
    ],
)
def test_claims_that_are_wrong(acme: Caller, change: dict[str, Any], why: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)  # a long run is over more than 5 minutes after its beginning
    payload = claims(acme) | {name: now + at if isinstance(at, timedelta) else at for name, at in change.items()}
    token = unsigned(payload, {"alg": "HS256", "typ": "JWT"})[:-1]
    signature = jwt.get_algorithm_by_name("HS256")
    raw = signature.sign(token.encode(), signature.prepare_key(acme.signing_secret))

    answer = accounts(acme, f"{token}.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}")
    assert (answer.status, answer.error["code"]) == (401, "AUTHENTICATION_FAILED"), why


@pytest.mark.parametrize("claim", ["exp", "iat"])
def test_a_claim_that_is_missing_is_named(acme: Caller, claim: str) -> None:
    payload = claims(acme)
    del payload[claim]
    answer = accounts(acme, jwt.encode(payload, acme.signing_secret, algorithm="HS256"))

    assert (answer.status, claim in answer.error["message"]) == (401, True)


def test_a_clock_that_is_half_a_minute_off_is_forgiven(acme: Caller) -> None:
    now = datetime.now(UTC)
    assert accounts(acme, signed(acme, iat=now + timedelta(seconds=20))).status == 200
    assert accounts(acme, signed(acme, exp=now - timedelta(seconds=20))).status == 200


def test_another_members_secret_and_djangos_own_are_refused(acme: Caller, globex: Caller) -> None:
    for secret in (globex.signing_secret, settings.SECRET_KEY, settings.SIMPLE_JWT["SIGNING_KEY"]):
        assert accounts(acme, signed(acme, secret)).status == 401


def test_the_secret_decides_the_tenant(acme: Caller, globex: Caller) -> None:
    acme.post("/v1/accounts", {"code": "1", "name": "Acme's", "type": "asset", "subtype": "current_asset"})
    with tenant_context(globex.tenant):
        add_member(user=User.objects.get(pk=acme.principal.user_id), role=Role.VIEWER)

    assert [a["name"] for a in accounts(acme, signed(acme)).body["data"]] == ["Acme's"]
    assert accounts(globex, signed(globex)).body["data"] == []


def test_a_forged_token_type_does_not_borrow_our_key(acme: Caller) -> None:
    more = {"token_type": "access", "tenant": str(acme.tenant.id), "scope": "admin", "jti": "x", "iss": "bigledger"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for secret in (acme.signing_secret, "x"):
            assert accounts(acme, signed(acme, secret, **more)).status == 401


@pytest.mark.parametrize("token", ["..", "a.b.c", "e30.e30.e30", "\udcff.é.x", "." * 8000, "[.[.["])
def test_a_string_that_only_looks_like_a_token_is_refused(acme: Caller, token: str) -> None:
    assert accounts(acme, token.encode("utf-8", "surrogateescape").decode("latin-1")).status == 401


def test_a_key_in_the_query_string_opens_nothing(acme: Caller) -> None:
    for name in ("api_key", "access_token", "token", "key"):
        answer = acme.client.get(f"/v1/accounts?{name}={acme.api_key}")
        assert answer.status_code == 401


@pytest.fixture
def owner(acme: Caller) -> User:
    user = User.objects.get(pk=acme.principal.user_id)
    user.set_password(PASSWORD)
    user.save()
    return user


def _token(caller: Caller, **body: Any) -> Answer:
    caller.client.logout()
    given = {"email": "owner@acme.example", "password": PASSWORD, **body}
    return Answer(caller.client.post("/v1/auth/token", json.dumps(given), content_type="application/json"))


def _post(caller: Caller, path: str, body: dict[str, str]) -> Answer:
    return Answer(caller.client.post(path, json.dumps(body), content_type="application/json"))


def test_tokens_are_issued_refreshed_and_verified(acme: Caller, owner: User) -> None:
    pair = _token(acme).body
    assert (pair["token_type"], pair["expires_in"], pair["scope"]) == ("Bearer", 900, "read write")
    assert accounts(acme, pair["access"]).status == 200
    assert accounts(acme, pair["refresh"]).status == 401

    renewed = _post(acme, "/v1/auth/token/refresh", {"refresh": pair["refresh"]})
    assert accounts(acme, renewed.body["access"]).status == 200
    assert _post(acme, "/v1/auth/token/refresh", {"refresh": pair["access"]}).status == 401
    assert _post(acme, "/v1/auth/verify", {"token": pair["access"]}).body["active"] is True
    assert _post(acme, "/v1/auth/verify", {"token": pair["refresh"]}).status == 401


def test_a_new_password_ends_the_refresh_tokens(acme: Caller, owner: User) -> None:
    pair = _token(acme).body
    owner.set_password("another kettle 43")
    owner.save()

    assert _post(acme, "/v1/auth/token/refresh", {"refresh": pair["refresh"]}).status == 401


def test_a_person_of_several_tenants_names_one(acme: Caller, globex: Caller, owner: User) -> None:
    with tenant_context(globex.tenant):
        add_member(user=owner, role=Role.VIEWER)

    unsure = _token(acme)
    assert (unsure.status, unsure.fields) == (400, ["tenant_id"])
    chosen = _token(acme, tenant_id=str(globex.tenant.id)).body["access"]
    assert acme.get("/v1/tenant", **bearer(chosen)).body["name"] == "Globex"
    assert _token(acme, tenant_id="01900000-0000-7000-8000-000000000000").status == 400


def test_a_wrong_password_and_an_unknown_address_look_the_same(acme: Caller, owner: User) -> None:
    wrong, unknown = _token(acme, password="wrong"), _token(acme, email="nobody@acme.example")

    assert (wrong.status, unknown.status) == (401, 401)
    assert wrong.error["message"] == unknown.error["message"]


def test_guessing_a_password_is_slowed_by_account(acme: Caller, owner: User) -> None:
    assert [_token(acme, password=f"guess {n}").status for n in range(5)] == [401] * 5
    right = _token(acme)
    assert (right.status, right.error["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert 1 <= int(right.response["Retry-After"]) <= 2


def test_a_second_factor_is_asked_for_where_there_is_one(acme: Caller, owner: User) -> None:
    device = Authenticator.objects.create(user=owner, name="phone", confirmed=True)

    missing = _token(acme)
    assert (missing.status, "code of the second factor" in missing.error["message"]) == (401, True)
    code = f"{totp(device.bin_key):06d}"
    assert _token(acme, code=code).status == 200
    assert _token(acme, code=code).status == 401, "a code works once"
