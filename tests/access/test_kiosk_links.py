"""create_kiosk_link and revoke_kiosk_link: /v1/kiosk-links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from bigledger.access.models import KioskLink, Role
from bigledger.access.services import add_member, get_or_create_user
from bigledger.tenants.context import tenant_context
from tests.breaking import contents
from tests.conftest import Answer, Caller, number_events

SCREEN = {"name": "Screen in the hall"}


def made(caller: Caller, **fields: Any) -> Any:
    answer = caller.post("/v1/kiosk-links", SCREEN | fields)
    assert answer.status == 201, answer.text
    return answer.body


def token_of(link: Any) -> str:
    return urlsplit(link["url"]).path.removeprefix("/kiosk/")


def read(caller: Caller, link: Any, path: str = "/v1/dashboard") -> Answer:
    return caller.get(path, authorization=f"Bearer {token_of(link)}")


def opened(link: Any) -> Any:
    return Client().get(urlsplit(link["url"]).path)


def types(caller: Caller) -> list[tuple[str, str]]:
    number_events(caller)
    events = caller.get("/v1/events?type[startswith]=kiosk_link").body["data"]
    return [(event["type"], event["data"]["kiosk_link"]["id"]) for event in events]


def test_a_link_is_shown_once_and_kept_as_a_digest(acme: Caller) -> None:
    link = made(acme)

    token = token_of(link)
    assert len(token) == len("blg_kiosk_") + 43
    assert link["hint"] == token[-4:]
    assert token not in acme.get("/v1/kiosk-links").text + acme.get(f"/v1/kiosk-links/{link['id']}").text
    with tenant_context(acme.tenant):
        row = KioskLink.objects.latest("id")
    assert token.encode() not in bytes(row.digest)
    assert types(acme) == [("kiosk_link.created", link["id"])]


def test_it_opens_the_dashboard_and_nothing_else(acme: Caller) -> None:
    link = made(acme)

    assert read(acme, link).body == acme.get("/v1/dashboard").body
    others = [
        "/v1/accounts",
        "/v1/invoices",
        "/v1/events",
        "/v1/kiosk-links",
        "/v1/reports/trial_balance",
        "/v1/tenant",
    ]
    assert {path: read(acme, link, path).status for path in others} == dict.fromkeys(others, 403)
    refused = acme.post("/v1/kiosk-links", SCREEN, authorization=f"Bearer {token_of(link)}")
    assert (refused.status, refused.error["code"]) == (403, "PERMISSION_DENIED")


def test_its_page_shows_the_dashboard(acme: Caller) -> None:
    link = made(acme)

    page = opened(link)

    assert page.status_code == 200
    assert b"Acme" in page.content
    assert b"Sign out" not in page.content
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert "Set-Cookie" not in page


def test_a_link_is_revoked_once(acme: Caller) -> None:
    link = made(acme)
    path = f"/v1/kiosk-links/{link['id']}"

    assert acme.delete(path).status == 204

    assert (read(acme, link).status, opened(link).status_code) == (401, 404)
    revoked = acme.get(path).body
    assert revoked["revoked_at"] is not None
    assert (acme.delete(path).status, acme.get(path).body) == (204, revoked)
    assert types(acme) == [("kiosk_link.created", link["id"]), ("kiosk_link.revoked", link["id"])]


def test_a_link_ends_by_itself(acme: Caller) -> None:
    link = made(acme)
    ends = datetime.fromisoformat(link["expires_at"])
    assert timedelta(days=89) < ends - datetime.now(UTC) <= timedelta(days=90)

    with tenant_context(acme.tenant):
        KioskLink.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))

    assert (read(acme, link).status, opened(link).status_code) == (401, 404)


@pytest.mark.parametrize(
    ("days", "code"), [(-1, "too_small"), (367, "out_of_range")], ids=["in the past", "over a year ahead"]
)
def test_an_end_lies_within_a_year(acme: Caller, days: int, code: str) -> None:
    before = contents(acme)

    refused = acme.post("/v1/kiosk-links", SCREEN | {"expires_at": str(datetime.now(UTC) + timedelta(days=days))})

    assert (refused.status, refused.fields, refused.error["details"][0]["code"]) == (400, ["expires_at"], code)
    assert contents(acme) == before


def test_owners_alone_make_and_revoke_links(acme: Caller, acme_viewer: Caller, globex: Caller) -> None:
    link = made(acme)
    path = f"/v1/kiosk-links/{link['id']}"
    before = contents(acme)

    assert [acme_viewer.post("/v1/kiosk-links", SCREEN).status, acme_viewer.delete(path).status] == [403, 403]
    assert [globex.get(path).status, globex.delete(path).status] == [404, 404]
    assert contents(acme) == before
    assert read(acme, link).status == 200


def test_write_alone_makes_none(acme: Caller) -> None:
    key = acme.post("/v1/api-keys", {"name": "till", "scopes": ["read", "write"]}).body["key"]

    assert acme.post("/v1/kiosk-links", SCREEN, authorization=f"Bearer {key}").status == 403


def test_a_credential_gives_no_more_than_it_has(acme: Caller) -> None:
    ends = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    bound = {"name": "bound", "scopes": ["admin"], "allowed_networks": ["127.0.0.0/8"], "expires_at": ends}
    key = acme.post("/v1/api-keys", bound).body["key"]
    narrow = acme.post("/v1/api-keys", {"name": "narrow", "scopes": ["write:kiosk_links"]}).body["key"]

    link = acme.post("/v1/kiosk-links", SCREEN, authorization=f"Bearer {key}").body
    later = (datetime.now(UTC) + timedelta(days=8)).isoformat()
    beyond = acme.post("/v1/kiosk-links", SCREEN | {"expires_at": later}, authorization=f"Bearer {key}")
    blind = acme.post("/v1/kiosk-links", SCREEN, authorization=f"Bearer {narrow}")

    assert link["allowed_networks"] == ["127.0.0.0/8"]
    assert datetime.fromisoformat(link["expires_at"]) <= datetime.fromisoformat(ends)
    assert (beyond.status, blind.status) == (403, 403)
    assert blind.error["details"][0]["scope"] == "read:dashboard"


def test_a_link_ends_with_the_membership(acme: Caller) -> None:
    with tenant_context(acme.tenant):
        member = add_member(user=get_or_create_user(email="olga@acme.example"), role=Role.OWNER)
    key = acme.post("/v1/api-keys", {"name": "Olga", "scopes": ["admin"], "user_id": member.user.public_id}).body["key"]
    link = acme.post("/v1/kiosk-links", SCREEN, authorization=f"Bearer {key}").body
    assert read(acme, link).status == 200

    assert acme.delete(f"/v1/members/{member.public_id}").status == 204

    assert (read(acme, link).status, opened(link).status_code) == (401, 404)
    assert types(acme)[-1] == ("kiosk_link.revoked", link["id"])


def test_no_other_credential_opens_a_kiosk(acme: Caller) -> None:
    assert Client().get(f"/kiosk/{acme.api_key}").status_code == 404
    assert Client().get("/kiosk/blg_kiosk_none").status_code == 404
