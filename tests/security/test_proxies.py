"""Whose address counts: the right-most one that no trusted proxy has, and nobody else is believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import override_settings

from bigledger.server import proxies
from tests.committed import tenant  # noqa: F401 - a fixture
from tests.conftest import Caller, Cast
from tests.running import api_server
from tests.security.raw import Raw, request, status

TRUSTED = override_settings(TRUSTED_PROXIES=[ip_network("10.0.0.0/8"), ip_network("127.0.0.1"), ip_network("fd00::/8")])


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("203.0.113.9", "10.0.0.1", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4,198.51.100.1,nonsense", "10.0.0.1"),
        ("10.0.0.1", "nonsense, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("fd00::1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("fd00::1", "2001:db8::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1," + "," * 100, "10.0.0.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_callers_address(peer: str, forwarded: str, caller: str) -> None:
    with TRUSTED:
        assert proxies.caller(peer, forwarded) == caller


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [
        ("203.0.113.9", "https", "http"),
        ("10.0.0.1", "https", "https"),
        ("10.0.0.1", "https, http", "http"),
        ("10.0.0.1", "", "http"),
        ("10.0.0.1", "javascript", "http"),
    ],
)
def test_the_scheme(peer: str, said: str, scheme: str) -> None:
    with TRUSTED:
        assert proxies.scheme(peer, "http", said) == scheme


def test_no_proxy_is_trusted_by_default() -> None:
    assert proxies.caller("127.0.0.1", "198.51.100.1") == "127.0.0.1"
    assert proxies.scheme("127.0.0.1", "http", "https") == "http"


@pytest.fixture(scope="module")
def behind_a_proxy(cast: Cast) -> Iterator[str]:
    with api_server(TRUSTED_PROXIES="127.0.0.0/8") as base:
        yield base


@pytest.fixture(scope="module")
def exposed(cast: Cast) -> Iterator[str]:
    with api_server() as base:
        yield base


def _new_key(base: str, caller: Caller, networks: list[str]) -> str:
    body = json.dumps({"name": "One network", "scopes": ["read"], "allowed_networks": networks}).encode()
    made = _ask(base, "POST", "/v1/api-keys", caller.api_key, "Content-Type: application/json", body=body)
    key: str = json.loads(made.partition(b"\r\n\r\n")[2])["key"]
    return key


def _ask(base: str, method: str, path: str, key: str, *headers: str, body: bytes = b"") -> bytes:
    sized = (f"Content-Length: {len(body)}",) if body else ()
    return Raw(base).send(request(method, path, f"Authorization: Bearer {key}", *headers, *sized, body=body)).answer()


def test_networks_of_a_key_are_compared_with_the_callers_address(
    behind_a_proxy: str,
    tenant: Caller,  # noqa: F811
) -> None:
    key = _new_key(behind_a_proxy, tenant, ["198.51.100.0/24"])

    def found(forwarded: str) -> int:
        return status(_ask(behind_a_proxy, "GET", "/v1/accounts", key, f"X-Forwarded-For: {forwarded}"))

    assert found("198.51.100.7") == 200
    assert found("198.51.100.7, 203.0.113.9") == 401  # the left one is what the caller wrote
    assert found("203.0.113.9") == 401


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X_Forwarded_For", "X-Real-IP", "Forwarded", "Client-IP"])
def test_other_addresses_are_not_trusted_as_proxies(
    exposed: str,
    tenant: Caller,  # noqa: F811
    header: str,
) -> None:
    key = _new_key(exposed, tenant, ["198.51.100.0/24"])
    value: Any = "for=198.51.100.7" if header == "Forwarded" else "198.51.100.7"
    assert status(_ask(exposed, "GET", "/v1/accounts", key, f"{header}: {value}")) == 401


def test_limits_of_strangers_count_by_the_callers_address(behind_a_proxy: str) -> None:
    """Thirty sign-ins a minute: one address uses them up, and another one is not refused."""

    def sign_in(address: str, account: int) -> bytes:
        form = json.dumps({"email": f"nobody{account}@nowhere.example", "password": "wrong"}).encode()
        sized = ("Content-Type: application/json", f"Content-Length: {len(form)}", f"X-Forwarded-For: {address}")
        return Raw(behind_a_proxy).send(request("POST", "/v1/auth/token", *sized, body=form)).answer()

    answers = [status(sign_in("198.51.100.77", number)) for number in range(31)]
    assert (answers[0], answers[-1]) == (401, 429)
    assert status(sign_in("198.51.100.78", 99)) == 401
