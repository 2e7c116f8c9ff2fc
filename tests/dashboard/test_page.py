"""The page at `/dashboard`: who sees it, what it says without JavaScript, and the token of its program."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client, override_settings

from bigledger.access.models import Role, User
from bigledger.access.services import add_member, get_or_create_user
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller
from tests.dashboard.books import open_books, post


def signed_in(caller: Caller, email: str = "") -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email) if email else User.objects.get(pk=caller.principal.user_id))
    return client


def token(client: Client, caller: Caller) -> Any:
    return client.post("/dashboard/token", {"tenant": str(caller.tenant.id)})


def read(caller: Caller, access: str, path: str = "/v1/dashboard") -> int:
    return caller.get(path, authorization=f"Bearer {access}").status


def test_whoever_has_not_signed_in_is_sent_to_do_so(acme: Caller) -> None:
    answer = Client().get("/dashboard")

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in?next=/dashboard")
    assert token(Client(), acme).status_code == 401


def test_it_shows_the_figures_without_javascript(acme: Caller) -> None:
    shop = open_books(acme)
    post(acme, acme.tenant.today(), "acc_1000", "acc_3000", "1234567.89")
    shop.sent("1458.00", due_date=acme.tenant.today().isoformat())

    text = signed_in(acme).get("/dashboard").content.decode()

    for shown in ("1,234,567.89", "1,458.00", "1 open invoice", "No overdue invoices", "Exact as of event", "Buyer"):
        assert shown in text, shown
    assert "<script>" not in text
    assert "style=" not in text


def test_an_empty_one_says_what_comes_here(acme: Caller) -> None:
    text = signed_in(acme).get("/dashboard").content.decode()

    for shown in ("No open invoices", "POST /v1/invoices", "POST /v1/payments", "No cash has moved"):
        assert shown in text, shown


def test_its_policy_lets_it_open_the_socket_and_nothing_else(acme: Caller) -> None:
    with override_settings(SOCKETS_URL="wss://ws.example.com/v1"):
        policy = signed_in(acme).get("/dashboard")["Content-Security-Policy"]

    assert "connect-src 'self' wss://ws.example.com;" in policy
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy


def test_a_viewer_sees_it_without_the_back_office(acme: Caller, acme_viewer: Caller) -> None:
    answer = signed_in(acme_viewer).get("/dashboard")

    assert answer.status_code == 200
    assert b"Back office" not in answer.content
    assert b"Back office" in signed_in(acme).get("/dashboard").content


def test_a_person_of_two_tenants_chooses(acme: Caller, globex: Caller) -> None:
    client = signed_in(acme)
    assert b"<select" not in client.get("/dashboard").content
    with tenant_context(globex.tenant):
        add_member(user=User.objects.get(pk=acme.principal.user_id), role=Role.VIEWER)

    first = client.get("/dashboard").content.decode()
    moved = client.post("/dashboard/tenant", {"tenant": str(globex.tenant.id)})
    second = client.get("/dashboard").content.decode()

    assert (moved.status_code, moved["Location"]) == (302, "/dashboard")
    assert ("<bdi>Acme</bdi>" in first, "<bdi>Globex</bdi>" in second) == (True, True)


def test_nobody_chooses_a_tenant_of_others(acme: Caller, globex: Caller) -> None:
    client = signed_in(acme)

    for tenant in (str(globex.tenant.id), str(uuid.uuid4()), "x", ""):
        assert client.post("/dashboard/tenant", {"tenant": tenant}).status_code == 404
        assert client.post("/dashboard/token", {"tenant": tenant}).status_code == 404
    assert b"<bdi>Acme</bdi>" in client.get("/dashboard").content


def test_a_person_of_no_tenant_is_told_so(acme: Caller) -> None:
    get_or_create_user(email="nobody@acme.example")

    answer = signed_in(acme, "nobody@acme.example").get("/dashboard")

    assert answer.status_code == 403
    assert b"You belong to no tenant" in answer.content


def test_the_token_opens_the_dashboard_and_nothing_else(acme: Caller) -> None:
    answer = token(signed_in(acme), acme)

    access = answer.json()["access"]
    assert answer["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert answer.json()["expires_in"] == 900
    assert read(acme, access) == 200
    assert [read(acme, access, path) for path in ("/v1/accounts", "/v1/events", "/v1/tenant")] == [403] * 3


@pytest.mark.parametrize("way", ["/sign-out", "/admin/logout/"])
def test_the_token_ends_with_the_session(acme: Caller, way: str) -> None:
    client = signed_in(acme)
    access = token(client, acme).json()["access"]
    other = token(signed_in(acme), acme).json()["access"]

    client.post(way)

    assert (read(acme, access), read(acme, other)) == (401, 200)
    assert token(client, acme).status_code == 401


def test_a_session_has_one_sign_in_for_each_tenant(acme: Caller) -> None:
    client = signed_in(acme)

    sign_ins = {str(token(client, acme).wsgi_request.session["sign_ins"]) for _ in range(3)}

    assert len(sign_ins) == 1


def test_the_token_ends_with_the_membership(acme: Caller) -> None:
    with tenant_context(acme.tenant):
        member = add_member(user=get_or_create_user(email="vera@acme.example"), role=Role.VIEWER)
    client = signed_in(acme, "vera@acme.example")
    access = token(client, acme).json()["access"]
    assert read(acme, access) == 200

    acme.delete(f"/v1/members/{member.public_id}")

    assert read(acme, access) == 401
    assert token(client, acme).status_code == 404


def test_a_form_of_another_site_gets_no_token(acme: Caller) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(pk=acme.principal.user_id))

    assert token(client, acme).status_code == 403


def test_a_second_factor_is_asked_for_where_it_is_required(acme: Caller, acme_viewer: Caller) -> None:
    with override_settings(REQUIRE_SECOND_FACTOR=True):
        owner = signed_in(acme).get("/dashboard")
        viewer = signed_in(acme_viewer).get("/dashboard")

    assert (owner.status_code, owner["Location"]) == (302, "/sign-in/second-factor?next=/dashboard")
    assert viewer.status_code == 200
