"""OAuth: no PKCE downgrade, a code that comes twice ends what it gave, and nobody but us says who we are."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.test import Client

from tests.access.program import CALLBACK, CHALLENGE, VERIFIER, register
from tests.conftest import Caller
from tests.security.people import bearer


def test_a_verifier_without_a_challenge_is_refused(acme: Caller) -> None:
    """Somebody took the challenge away on the way here; a public client gets no code without one at all."""
    program = register(acme)

    refused = program.exchange(program.code(), code_verifier=VERIFIER)

    assert (refused.status, refused.body["error"]) == (400, "invalid_grant")
    challenged = program.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    assert program.exchange(challenged, code_verifier=VERIFIER).status == 200


def test_a_code_used_twice_revokes_its_tokens(acme: Caller) -> None:
    program = register(acme)
    code = program.code()
    first = program.exchange(code).body
    renewed = program.refresh(first["refresh_token"]).body
    other = program.exchange(program.code()).body
    assert acme.get("/v1/accounts", **bearer(renewed["access_token"])).status == 200

    again = program.exchange(code)

    assert (again.status, again.body["error"]) == (400, "invalid_grant")
    for pair in (first, renewed):
        assert acme.get("/v1/accounts", **bearer(pair["access_token"])).status == 401
        assert program.refresh(pair["refresh_token"]).status == 400
    assert acme.get("/v1/accounts", **bearer(other["access_token"])).status == 200


def test_another_client_cannot_end_them(acme: Caller) -> None:
    program, stranger = register(acme), register(acme, name="Other")
    code = program.code()
    first = program.exchange(code).body

    assert stranger.exchange(code).status == 400

    assert acme.get("/v1/accounts", **bearer(first["access_token"])).status == 200


def test_the_host_header_decides_nothing(acme: Caller) -> None:
    found = Client().get("/.well-known/oauth-authorization-server", HTTP_HOST="evil.example").json()
    program = register(acme)
    sent = program.consent(program.authorize())

    assert "evil.example" not in str(found)
    assert (found["issuer"], found["token_endpoint"]) == (settings.PUBLIC_URL, f"{settings.PUBLIC_URL}/oauth/token")
    assert sent["Location"].startswith(CALLBACK)
    assert parse_qs(urlsplit(sent["Location"]).query)["iss"] == [settings.PUBLIC_URL]
