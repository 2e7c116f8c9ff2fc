"""create_api_key and revoke_api_key: /v1/api-keys."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from bigledger.access import authentication
from bigledger.access.models import ApiKey
from bigledger.tenants.context import tenant_context
from tests.access.conftest import bearer
from tests.conftest import Caller


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
