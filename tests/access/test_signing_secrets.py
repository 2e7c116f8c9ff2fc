"""create_signing_secret and revoke_signing_secret: /v1/signing-secrets."""

from __future__ import annotations

from bigledger.access.models import SigningSecret
from bigledger.tenants.context import tenant_context
from tests.breaking import contents
from tests.conftest import Caller


def test_a_signing_secret_is_shown_once_and_kept_encrypted(acme: Caller) -> None:
    made = acme.post("/v1/signing-secrets", {}).body

    assert len(made["secret"]) >= 43
    assert made["secret"] not in acme.get("/v1/signing-secrets").text
    with tenant_context(acme.tenant):
        assert made["secret"].encode() not in bytes(SigningSecret.objects.latest("id").encrypted)


def test_a_secret_is_revoked_once(acme: Caller) -> None:
    made = acme.post("/v1/signing-secrets", {}).body
    path = f"/v1/signing-secrets/{made['id']}"

    assert acme.delete(path).status == 204

    revoked = acme.get(path).body
    assert revoked["revoked_at"] is not None
    assert (acme.delete(path).status, acme.get(path).body) == (204, revoked)


def test_a_viewer_makes_and_revokes_none(acme: Caller, acme_viewer: Caller) -> None:
    made = acme.post("/v1/signing-secrets", {}).body
    before = contents(acme)

    answers = [acme_viewer.post("/v1/signing-secrets", {}), acme_viewer.delete(f"/v1/signing-secrets/{made['id']}")]

    assert [answer.status for answer in answers] == [403, 403]
    assert contents(acme) == before
