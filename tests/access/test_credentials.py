"""API keys, signing secrets, applications, members and the tenant over REST."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client

from bigledger.access import authentication
from bigledger.access.models import ApiKey, Membership, Role, SigningSecret
from bigledger.access.services import add_api_key, add_member, get_or_create_user
from bigledger.mail.delivery import deliver_next_mail
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.fixture
def second_owner(acme: Caller) -> str:
    """The key of another owner of Acme."""
    with tenant_context(acme.tenant):
        user = get_or_create_user(email="second@acme.example")
        add_member(user=user, role=Role.OWNER)
        return add_api_key(user=user, name="second", scopes=("read", "write", "admin"))[1]


def member_id(caller: Caller, email: str) -> str:
    found: str = caller.get(f"/v1/members?email={email}").body["data"][0]["id"]
    return found


def test_a_key_is_shown_once_and_allows_what_its_scopes_allow(acme: Caller) -> None:
    made = acme.post("/v1/api-keys", {"name": "Import", "scopes": ["read:accounts"]})
    key = made.body["key"]

    assert made.status == 201
    assert key.startswith("blg_sandbox_")
    assert made.body["hint"] == key[-4:]
    assert "key" not in acme.get(f"/v1/api-keys/{made.body['id']}").body
    assert key not in acme.get("/v1/api-keys?limit=100").text
    assert acme.get("/v1/accounts", **bearer(key)).status == 200
    refused = acme.get("/v1/journal-entries", **bearer(key))
    assert (refused.status, refused.error["details"][0]["scope"]) == (403, "read:journal_entries")


def test_a_revoked_key_opens_nothing_from_the_next_request_on(acme: Caller) -> None:
    made = acme.post("/v1/api-keys", {"name": "Import", "scopes": ["read"]}).body

    assert acme.delete(f"/v1/api-keys/{made['id']}").status == 204
    assert acme.get("/v1/accounts", **bearer(made["key"])).status == 401
    assert acme.get(f"/v1/api-keys/{made['id']}").body["revoked_at"] is not None
    assert [k["id"] for k in acme.get("/v1/api-keys?status=revoked").body["data"]] == [made["id"]]


def test_an_expired_key_opens_nothing(acme: Caller) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = acme.post("/v1/api-keys", {"name": "Short", "scopes": ["read"], "expires_at": soon}).body
    assert acme.get("/v1/accounts", **bearer(made["key"])).status == 200
    with tenant_context(acme.tenant):
        ApiKey.objects.filter(name="Short").update(expires_at=datetime.now(UTC) - timedelta(seconds=1))

    assert acme.get("/v1/accounts", **bearer(made["key"])).status == 401


def test_a_key_may_be_bound_to_networks(acme: Caller) -> None:
    body = {"name": "Office", "scopes": ["read"], "allowed_networks": ["203.0.113.0/24", "2001:db8::1"]}
    key = acme.post("/v1/api-keys", body).body["key"]

    def from_address(address: str) -> int:
        status: int = acme.client.get(
            "/v1/accounts", headers={"authorization": f"Bearer {key}"}, REMOTE_ADDR=address
        ).status_code
        return status

    assert [from_address(a) for a in ("203.0.113.9", "2001:db8::1", "198.51.100.1", "2001:db8::2")] == [
        200, 200, 401, 401,
    ]  # fmt: skip


def test_all_faults_of_a_key_are_reported_at_once(acme: Caller) -> None:
    bad = {"name": "", "scopes": ["everything"], "allowed_networks": ["nowhere"], "expires_at": "2020-01-01T00:00:00Z"}
    refused = acme.post("/v1/api-keys", bad)

    assert refused.status == 400
    assert sorted(refused.fields) == ["allowed_networks[0]", "expires_at", "name", "scopes[0]"]
    assert acme.get("/v1/api-keys?name=").body["meta"]["total"] == 0


def test_nobody_hands_out_a_scope_beyond_their_own(acme: Caller) -> None:
    narrow = acme.post("/v1/api-keys", {"name": "Narrow", "scopes": ["read", "write:api_keys"]}).body["key"]
    before = acme.get("/v1/api-keys").body["meta"]["total"]

    refused = acme.post("/v1/api-keys", {"name": "Wide", "scopes": ["read", "write", "admin"]}, **bearer(narrow))

    assert (refused.status, [d["scope"] for d in refused.error["details"]]) == (403, ["write", "admin"])
    assert acme.get("/v1/api-keys").body["meta"]["total"] == before
    assert acme.post("/v1/api-keys", {"name": "Same", "scopes": ["read:invoices"]}, **bearer(narrow)).status == 201


def test_the_umbrella_write_does_not_make_keys(acme: Caller) -> None:
    writer = acme.post("/v1/api-keys", {"name": "Writer", "scopes": ["read", "write"]}).body["key"]

    refused = acme.post("/v1/api-keys", {"name": "More", "scopes": ["read"]}, **bearer(writer))
    assert (refused.status, refused.error["details"][0]["scope"]) == (403, "write:api_keys")


def test_the_tenant_of_a_key_cannot_be_assigned(acme: Caller, globex: Caller) -> None:
    body = {"name": "Mass", "scopes": ["read"], "tenant_id": str(globex.tenant.id), "tenant": str(globex.tenant.id)}
    refused = acme.post("/v1/api-keys", body)

    assert (refused.status, sorted(refused.fields)) == (400, ["tenant", "tenant_id"])
    assert globex.get("/v1/api-keys?name=Mass").body["meta"]["total"] == 0


def test_another_tenants_key_is_not_there(acme: Caller, globex: Caller) -> None:
    made = acme.post("/v1/api-keys", {"name": "Mine", "scopes": ["read"]}).body

    assert globex.get(f"/v1/api-keys/{made['id']}").status == 404
    assert globex.delete(f"/v1/api-keys/{made['id']}").status == 404
    assert acme.get("/v1/accounts", **bearer(made["key"])).status == 200


def test_a_signing_secret_is_shown_once_and_kept_encrypted(acme: Caller) -> None:
    made = acme.post("/v1/signing-secrets", {}).body

    assert len(made["secret"]) >= 43
    assert made["secret"] not in acme.get("/v1/signing-secrets").text
    with tenant_context(acme.tenant):
        assert made["secret"].encode() not in bytes(SigningSecret.objects.latest("id").encrypted)


def test_an_application_is_registered_changed_and_deleted(acme: Caller) -> None:
    body = {"name": "App", "redirect_uris": ["https://yourapp.com/callback"]}
    made = acme.post("/v1/oauth-applications", body)

    assert made.status == 201
    assert made.body["client_id"] and made.body["client_secret"]
    assert (made.body["client_type"], made.body["scopes"]) == ("confidential", ["read", "write"])
    path = f"/v1/oauth-applications/{made.body['id']}"
    assert "client_secret" not in acme.get(path).body
    assert acme.patch(path, {"name": "New"}).body["name"] == "New"
    assert acme.delete(path).status == 204
    assert acme.get(path).status == 404


@pytest.mark.parametrize(
    "uri",
    [
        "http://yourapp.com/callback",
        "https://yourapp.com/callback#part",
        "https://user@yourapp.com/callback",
        "https://*.yourapp.com/callback",
        "javascript:alert(1)",
        "//yourapp.com",
        "https://yourapp.com/a b",
    ],
)
def test_a_redirect_address_that_invites_tricks_is_refused(acme: Caller, uri: str) -> None:
    refused = acme.post("/v1/oauth-applications", {"name": "App", "redirect_uris": [uri]})

    assert (refused.status, refused.fields) == (400, ["redirect_uris[0]"])
    assert acme.get("/v1/oauth-applications").body["meta"]["total"] == 0


def test_nobody_changes_their_own_role(acme: Caller, second_owner: str) -> None:
    mine = member_id(acme, "owner@acme.example")

    refused = acme.patch(f"/v1/members/{mine}", {"role": "viewer"})

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "own_role")
    assert acme.get(f"/v1/members/{mine}").body["role"] == "owner"
    assert acme.patch(f"/v1/members/{mine}", {"role": "viewer"}, **bearer(second_owner)).body["role"] == "viewer"
    assert acme.post("/v1/api-keys", {"name": "x", "scopes": ["read"]}).status == 403


def test_a_viewer_cannot_become_an_owner(acme_viewer: Caller) -> None:
    mine = member_id(acme_viewer, "viewer@acme.example")

    assert acme_viewer.patch(f"/v1/members/{mine}", {"role": "owner"}).status == 403
    assert acme_viewer.get(f"/v1/members/{mine}").body["role"] == "viewer"


def test_a_tenant_keeps_an_owner(acme: Caller) -> None:
    refused = acme.delete(f"/v1/members/{member_id(acme, 'owner@acme.example')}")

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "last_owner")


def test_credentials_of_a_removed_member_stay_dead_after_rejoining(acme: Caller, acme_viewer: Caller) -> None:
    assert acme.delete(f"/v1/members/{member_id(acme, 'viewer@acme.example')}").status == 204
    assert acme_viewer.get("/v1/accounts").status == 401

    with tenant_context(acme.tenant):
        Membership.objects.create(user_id=acme_viewer.principal.user_id, role=Role.VIEWER)
    assert acme_viewer.get("/v1/accounts").status == 401


def test_somebody_new_joins_by_the_link_in_the_mail(acme: Caller, client: Client) -> None:
    invited = acme.post("/v1/invitations", {"email": "clara@example.com", "role": "clerk"})
    assert (invited.status, invited.body["role"], len(mail.outbox)) == (201, "clerk", 0)
    assert deliver_next_mail(acme.tenant) is True
    link = next(word for word in mail.outbox[0].body.split() if "/invitations/" in word)
    path = link.removeprefix(settings.PUBLIC_URL)
    assert path.split("/")[-1] not in invited.text

    assert "Join Acme" in client.get(path).content.decode()
    weak = client.post(path, {"name": "Clara", "password": "clara1"})
    assert (weak.status_code, "too short" in weak.content.decode()) == (400, True)
    joined = client.post(path, {"name": "Clara", "password": "sturdy kettle 42"})

    assert "Welcome to Acme" in joined.content.decode()
    assert acme.get("/v1/members?email=clara@example.com").body["data"][0]["role"] == "clerk"
    assert client.get(path).status_code == 404


def test_inviting_a_member_is_a_conflict(acme: Caller) -> None:
    refused = acme.post("/v1/invitations", {"email": "OWNER@acme.example", "role": "owner"})

    assert (refused.status, refused.fields, len(mail.outbox)) == (409, ["email"], 0)


def test_the_tenants_settings(acme: Caller) -> None:
    before = acme.get("/v1/tenant").body
    assert (before["name"], before["plan"], before["environment"]) == ("Acme", "enterprise", "sandbox")

    assert acme.patch("/v1/tenant", {"time_zone": "Europe/Berlin"}).body["time_zone"] == "Europe/Berlin"
    refused = acme.patch("/v1/tenant", {"plan": "enterprise", "time_zone": "Mars/Olympus", "requests_per_hour": 9})
    assert (refused.status, sorted(refused.fields)) == (400, ["plan", "requests_per_hour", "time_zone"])
    assert acme.get("/v1/tenant").body["time_zone"] == "Europe/Berlin"


def test_a_key_made_twice_under_one_idempotency_key_is_replayed_and_not_kept_in_clear(acme: Caller) -> None:
    body = {"name": "Once", "scopes": ["read"]}
    first, again = (acme.post("/v1/api-keys", body, idempotency_key="make-key-1") for _ in range(2))

    assert (first.text, again.response["Idempotent-Replayed"]) == (again.text, "true")
    assert first.response["Cache-Control"] == "no-store"
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM api_idempotencykey WHERE key = 'make-key-1'")
        assert first.body["key"].encode() not in bytes(cursor.fetchone()[0])


def test_a_key_is_looked_up_by_its_digest_so_that_nothing_compares_it(
    acme: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    real = authentication.call
    monkeypatch.setattr(authentication, "call", lambda sql, *told: asked.append(told) or real(sql, *told))

    almost = acme.api_key[:-1] + ("A" if acme.api_key[-1] != "A" else "B")
    assert acme.get("/v1/accounts", **bearer(almost)).status == 401
    assert asked == [(hashlib.sha256(almost.encode()).hexdigest().encode(), b"")]
