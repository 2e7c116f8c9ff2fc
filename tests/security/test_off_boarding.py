"""Removing a member ends everything whose secret they know, whoever it acts as, and for good."""

from __future__ import annotations

from typing import Any

import pytest

from bigledger.access.models import Membership, Role
from bigledger.tenants.context import tenant_context
from tests.access.program import CALLBACK, register
from tests.conftest import Answer, Caller
from tests.security.people import anonymous, bearer, key_of, member, sign_in, signed

CLIENT = {"name": "nightly sync", "grant_type": "client_credentials", "scopes": ["admin"]}


@pytest.fixture
def leaver(acme: Caller) -> Membership:
    return member(acme, "leaver@acme.example", Role.OWNER)


def _token_of_client(client: dict[str, Any]) -> Answer:
    body = {key: client[key] for key in ("client_id", "client_secret")}
    return anonymous("/oauth/token", body | {"grant_type": "client_credentials", "scope": "admin"})


def test_nothing_that_the_leaver_knows_opens_anything(acme: Caller, leaver: Membership) -> None:
    """Every kind of credential, for themselves and for others, before and after; and after rejoining."""
    key = key_of(acme, leaver.user)
    as_leaver = bearer(key)
    other = {"user_id": acme.principal.user_public_id}
    secret = acme.post("/v1/signing-secrets", {}, **as_leaver).body["secret"]
    their_secret = acme.post("/v1/signing-secrets", other, **as_leaver).body["secret"]
    their_key = acme.post("/v1/api-keys", {"name": "x", "scopes": ["admin"], **other}, **as_leaver).body["key"]
    through_it = acme.post("/v1/api-keys", {"name": "y", "scopes": ["admin"]}, **bearer(their_key)).body["key"]
    for_leaver = acme.post("/v1/api-keys", {"name": "z", "scopes": ["read"], "user_id": leaver.user.public_id})
    client = acme.post("/v1/oauth-applications", CLIENT, **as_leaver).body
    client_token = _token_of_client(client).body["access_token"]
    program = register(acme)
    program.browser.force_login(leaver.user)
    granted = program.exchange(program.code()).body
    pair = sign_in("leaver@acme.example", scope="admin").body
    credentials = {
        "their key": key,
        "a token of their secret": signed(secret, leaver.user.public_id, "admin"),
        "a key they made for another": their_key,
        "a key made with that": through_it,
        "a token of a secret they made for another": signed(their_secret, acme.principal.user_public_id, "admin"),
        "a key made for them": for_leaver.body["key"],
        "a token of their client": client_token,
        "a token they granted": granted["access_token"],
        "a token they got with their password": pair["access"],
    }
    opened = {name: acme.get("/v1/accounts", **bearer(value)).status for name, value in credentials.items()}
    assert set(opened.values()) == {200}, opened

    assert acme.delete(f"/v1/members/{leaver.public_id}").status == 204

    def still_open() -> dict[str, int]:
        found = {name: acme.get("/v1/accounts", **bearer(value)).status for name, value in credentials.items()}
        return {name: status for name, status in found.items() if status != 401}

    assert still_open() == {}
    assert _token_of_client(client).status == 401
    assert program.refresh(granted["refresh_token"]).status == 400
    assert anonymous("/v1/auth/token/refresh", {"refresh": pair["refresh"]}).status == 401
    with tenant_context(acme.tenant):
        Membership.objects.create(user=leaver.user, role=Role.OWNER)
    assert still_open() == {}
    assert _token_of_client(client).status == 401
    assert anonymous("/v1/auth/token/refresh", {"refresh": pair["refresh"]}).status == 401


def test_grants_to_the_leavers_application_end_too(acme: Caller, leaver: Membership) -> None:
    body = {"name": "Their App", "redirect_uris": [CALLBACK]}
    made = acme.post("/v1/oauth-applications", body, **bearer(key_of(acme, leaver.user))).body
    program = register(acme)
    program.client_id, program.client_secret = made["client_id"], made["client_secret"]
    pair = program.exchange(program.code()).body
    code = program.code()
    assert acme.get("/v1/accounts", **bearer(pair["access_token"])).status == 200

    acme.delete(f"/v1/members/{leaver.public_id}")

    assert acme.get("/v1/accounts", **bearer(pair["access_token"])).status == 401
    assert program.refresh(pair["refresh_token"]).status == 401
    assert program.exchange(code).status == 401


def test_a_remaining_owner_can_use_the_application_again(acme: Caller, leaver: Membership) -> None:
    client = acme.post("/v1/oauth-applications", CLIENT, **bearer(key_of(acme, leaver.user))).body
    acme.delete(f"/v1/members/{leaver.public_id}")
    kept = acme.get(f"/v1/oauth-applications/{client['id']}").body
    assert kept["user_id"] == acme.principal.user_public_id

    renewed = acme.post(f"/v1/oauth-applications/{client['id']}/rotate-secret").body

    assert renewed["secret_shown_to"] == acme.principal.user_public_id
    token = _token_of_client(renewed).body["access_token"]
    assert acme.get("/v1/members", **bearer(token)).status == 200
    assert _token_of_client(client).status == 401


def test_the_member_who_rotated_a_secret_knows_it(acme: Caller, leaver: Membership) -> None:
    client = acme.post("/v1/oauth-applications", CLIENT).body
    path = f"/v1/oauth-applications/{client['id']}/rotate-secret"
    rotated = acme.post(path, **bearer(key_of(acme, leaver.user))).body
    assert _token_of_client(rotated).status == 200

    acme.delete(f"/v1/members/{leaver.public_id}")

    assert _token_of_client(rotated).status == 401


def test_their_invitations_on_the_way_are_withdrawn(acme: Caller, leaver: Membership) -> None:
    headers = bearer(key_of(acme, leaver.user))
    acme.post("/v1/invitations", {"email": "friend@evil.example", "role": "owner"}, **headers)
    acme.post("/v1/invitations", {"email": "mine@acme.example", "role": "clerk"})

    acme.delete(f"/v1/members/{leaver.public_id}")

    assert [i["email"] for i in acme.get("/v1/invitations").body["data"]] == ["mine@acme.example"]


def test_credentials_of_others_stay_valid(acme: Caller, acme_viewer: Caller, leaver: Membership) -> None:
    client = acme.post("/v1/oauth-applications", CLIENT).body
    token = _token_of_client(client).body["access_token"]

    acme.delete(f"/v1/members/{leaver.public_id}")

    assert [acme.get("/v1/accounts").status, acme_viewer.get("/v1/accounts").status] == [200, 200]
    assert acme.get("/v1/accounts", **bearer(token)).status == 200
    assert acme.get("/v1/accounts", **bearer(signed(acme.signing_secret, acme.principal.user_public_id))).status == 200
