"""Failures are counted, not attempts: by address, and by account and address; a good credential is never refused."""

from __future__ import annotations

import sys
import time
import uuid
from typing import Any

import pytest
from django.test import Client
from django_otp.oath import totp

from bigledger.access.limits import unauthenticated
from bigledger.access.models import Authenticator, Role, User
from tests.committed import tenant  # noqa: F401 - a fixture
from tests.conftest import Answer, Caller
from tests.security.people import PASSWORD, anonymous, member

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.8"
EMAIL = "boss@acme.example"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """One window that lasts, and fewer failures than a deployment allows."""
    ends = int(time.time()) + 60
    monkeypatch.setattr("django_ratelimit.core._get_window", lambda value, period: ends)
    monkeypatch.setattr(unauthenticated, "FAILURE_RATE", "5/m")


def _get(caller: Caller, credential: str, address: str, path: str = "/v1/accounts") -> Any:
    return caller.client.get(path, HTTP_AUTHORIZATION=f"Bearer {credential}", REMOTE_ADDR=address)


WRONG = {
    "an Authorization header that is none": "xxx",
    "a key that is none": "blg_sandbox_none",
    "a token that is none": "a.b.c",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_header_is_a_strangers_failure(acme: Caller, wrong: str) -> None:
    statuses = [_get(acme, WRONG[wrong], HERE).status_code for _ in range(8)]

    assert statuses == [401] * 5 + [429] * 3
    assert _get(acme, acme.api_key, HERE).status_code == 200, "a good credential is not refused for others' failures"
    assert _get(acme, WRONG[wrong], ELSEWHERE).status_code == 401
    without = Client().get("/v1/accounts", REMOTE_ADDR=HERE)
    assert (without.status_code, "Retry-After" in without) == (429, True)


OAUTH = {
    "/oauth/token": {"grant_type": "client_credentials", "client_id": "none", "client_secret": "none"},
    "/oauth/introspect": {"token": "none", "client_id": "none", "client_secret": "none"},
    "/oauth/revoke": {"token": "none", "client_id": "none", "client_secret": "none"},
}


@pytest.mark.parametrize("path", OAUTH)
def test_wrong_clients_are_counted_and_right_ones_never_refused(acme: Caller, path: str) -> None:
    statuses = [anonymous(path, OAUTH[path], address=HERE).status for _ in range(7)]
    assert statuses[5:] == [429, 429] and max(statuses[:5]) < 429

    body = {"name": "sync", "grant_type": "client_credentials", "scopes": ["read"]}
    client = acme.post("/v1/oauth-applications", body).body
    right = {"client_id": client["client_id"], "client_secret": client["client_secret"], "token": "none"}
    answer = anonymous(path, right | {"grant_type": "client_credentials"}, address=HERE)
    assert answer.status == 200


def test_invitations_that_are_none_are_counted(acme: Caller) -> None:
    statuses = [Client().get("/invitations/none", REMOTE_ADDR=HERE).status_code for _ in range(7)]

    assert statuses == [404] * 5 + [429] * 2


def test_successful_attempts_are_not_counted(acme: Caller) -> None:
    member(acme, EMAIL, Role.OWNER)
    body = {"email": EMAIL, "password": PASSWORD}

    assert [anonymous("/v1/auth/token", body, address=HERE).status for _ in range(40)] == [200] * 40


def test_an_attackers_failures_do_not_lock_the_victim_out_elsewhere(acme: Caller) -> None:
    member(acme, EMAIL, Role.OWNER)

    def attempt(password: str, address: str) -> Answer:
        return anonymous("/v1/auth/token", {"email": EMAIL, "password": password}, address=address)

    assert [attempt(f"guess {n}", HERE).status for n in range(5)] == [401] * 5
    assert attempt(PASSWORD, HERE).status == 429
    assert attempt(PASSWORD, ELSEWHERE).status == 200


def test_waits_grow(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = []
    monkeypatch.setattr(unauthenticated._cache().__class__, "get", lambda *_, **__: None)
    real = unauthenticated._cache().__class__.add

    def add(self: Any, key: str, value: Any, timeout: Any = None, version: int | None = None) -> bool:
        if key.startswith("wait:"):
            waits.append(timeout)
        return bool(real(self, key, value, timeout, version))

    monkeypatch.setattr(unauthenticated._cache().__class__, "add", add)
    for _ in range(16):
        unauthenticated.count_wrong("somebody", HERE)

    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]


@pytest.fixture
def device(tenant: Caller, monkeypatch: pytest.MonkeyPatch) -> Authenticator:  # noqa: F811
    """A second factor of the owner of committed books: a failed request really is rolled back. So is no counter, hence
    an address of its own for each test."""
    monkeypatch.setattr(sys.modules[__name__], "HERE", f"2001:db8::{uuid.uuid4().hex[:4]}")
    user = User.objects.get(pk=tenant.principal.user_id)
    user.set_password(PASSWORD)
    user.save()
    return Authenticator.objects.create(user=user, name="phone", confirmed=True)


def _with_code(device: Authenticator, code: str | None, **more: Any) -> Answer:
    body = {"email": device.user.email, "password": PASSWORD, **({"code": code} if code else {}), **more}
    return anonymous("/v1/auth/token", body, address=HERE)


def _code(device: Authenticator, *, wrong: int = 0) -> str:
    return f"{(totp(device.bin_key) + wrong) % 1_000_000:06d}"


def test_wrong_codes_are_remembered_though_the_request_is_rolled_back(device: Authenticator) -> None:
    Authenticator.objects.filter(pk=device.pk).update(throttling_failure_count=0)
    account = f"code of {device.user_id}"
    for n in range(5):
        unauthenticated.forget_wrong(device.user.email, HERE)
        assert _with_code(device, _code(device, wrong=1000 + n)).status == 401

    with pytest.raises(unauthenticated.RateLimitExceeded):
        unauthenticated.refuse_if_waiting(account)


def test_a_code_that_was_spent_in_a_request_that_failed_stays_spent(device: Authenticator) -> None:
    code = _code(device)
    assert _with_code(device, code, scope="nonsense").status == 400

    assert _with_code(device, code).status == 401


def test_the_answer_does_not_tell_that_the_password_was_right(device: Authenticator) -> None:
    body = {"email": device.user.email, "password": "wrong", "code": "000000"}
    answers = [
        _with_code(device, None).error,
        _with_code(device, _code(device, wrong=7)).error,
        anonymous("/v1/auth/token", body, address=HERE).error,
        anonymous("/v1/auth/token", {**body, "email": "nobody@acme.example"}, address=HERE).error,
    ]

    assert len({(a["code"], a["message"], str(a["details"])) for a in answers}) == 1
