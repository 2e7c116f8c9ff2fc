"""API callers go straight to the view: what pages have in between must not be missed."""

from __future__ import annotations

from django.test import Client

from tests.conftest import Answer, Caller

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def test_security_headers_are_the_same_with_and_without_a_credential(acme: Caller) -> None:
    for answer in (acme.get("/v1/accounts"), acme.get("/v1/nothing"), Answer(Client().get("/v1/accounts"))):
        assert {name: answer.response.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
        assert answer.response["Content-Length"] == str(len(answer.response.content))


def test_an_api_call_with_a_credential_sets_no_cookie(acme: Caller) -> None:
    assert not acme.get("/v1/accounts").response.cookies
