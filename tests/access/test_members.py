"""invite_member, change_role and remove_member: who is in the tenant, and as what."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from bigledger.access.models import Membership, Role
from bigledger.access.services import add_api_key, add_member, get_or_create_user
from bigledger.mail.delivery import deliver_next_mail
from bigledger.tenants.context import tenant_context
from tests.access.conftest import bearer
from tests.breaking import contents
from tests.conftest import Caller


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

    assert joined.url == "/admin/"
    assert "Welcome to Acme" in client.get("/admin/").content.decode()
    assert acme.get("/v1/members?email=clara@example.com").body["data"][0]["role"] == "clerk"
    assert client.get(path).status_code == 404


def test_inviting_a_member_is_a_conflict(acme: Caller) -> None:
    refused = acme.post("/v1/invitations", {"email": "OWNER@acme.example", "role": "owner"})

    assert (refused.status, refused.fields, len(mail.outbox)) == (409, ["email"], 0)


def test_a_role_is_changed(acme: Caller) -> None:
    path = f"/v1/members/{member_id(acme, 'viewer@acme.example')}"

    changed = acme.patch(path, {"role": "clerk"})

    assert (changed.status, changed.body["role"]) == (200, "clerk")
    assert acme.get(path).body == changed.body


@pytest.mark.parametrize("body", [{}, {"role": "king"}])
def test_a_role_that_is_none_changes_nothing(acme: Caller, body: dict[str, str]) -> None:
    path = f"/v1/members/{member_id(acme, 'viewer@acme.example')}"
    before = contents(acme)

    refused = acme.patch(path, body)

    assert (refused.status, refused.fields) == (400, ["role"])
    assert contents(acme) == before


def test_an_invitation_is_withdrawn(acme: Caller, client: Client) -> None:
    invited = acme.post("/v1/invitations", {"email": "clara@example.com", "role": "clerk"}).body
    deliver_next_mail(acme.tenant)
    link = next(word for word in mail.outbox[0].body.split() if "/invitations/" in word)

    assert acme.delete(f"/v1/invitations/{invited['id']}").status == 204

    assert client.get(link.removeprefix(settings.PUBLIC_URL)).status_code == 404
    assert acme.get("/v1/invitations").body["data"] == []
    assert acme.delete(f"/v1/invitations/{invited['id']}").status == 404
