"""Kind: a check at one of several ways in. Whatever began the session, the back office asks for the second factor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django_otp.oath import totp

from bigledger.access.models import Authenticator, Role, User
from bigledger.access.services import add_member
from bigledger.mail.delivery import deliver_next_mail
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller

OPEN = {"/admin/logout/", "/admin/login/"}  # the way out, and the way to the sign-in


def admin_paths(patterns: list[Any] | None = None, before: str = "") -> Iterator[str]:
    """Every address of the admin, with an id that is nobody's in it."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = before + re.sub(r"<[^>]+>", "00000000-0000-0000-0000-000000000000", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from admin_paths(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("admin/"):
            yield "/" + path.replace("^", "").replace("$", "").replace("(?P<app_label>", "").replace(")", "")


PATHS = sorted(set(admin_paths()))


@pytest.fixture
def production(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def clerk(acme: Caller) -> User:
    user = User.objects.create_user("clerk@acme.example", "sturdy kettle 42")
    with tenant_context(acme.tenant):
        add_member(user=user, role=Role.CLERK)
    return user


def test_there_are_addresses_to_sweep() -> None:
    assert len(PATHS) > 90
    assert {"/admin/", "/admin/tenant/", "/admin/ledger/account/", "/admin/password_change/"} <= set(PATHS)


@pytest.mark.parametrize("kind", ["member", "staff", "superuser without a tenant"])
def test_every_address_asks_for_it(production: None, clerk: User, kind: str) -> None:
    """The session is one that began without it: before the person had the role, or by an invitation."""
    user = clerk if kind == "member" else User.objects.create_user("staff@example.com", is_staff=True)
    user.is_superuser = kind == "superuser without a tenant"
    user.save()
    client = Client()
    client.force_login(user)
    for path in set(PATHS) - OPEN:
        for method in (client.get, client.post):
            sent = method(path)
            assert (sent.status_code, sent.headers.get("Location", "").partition("?")[0]) == (
                302,
                "/sign-in/second-factor",
            ), path


def test_a_session_that_began_before_the_role_did_is_asked(production: None, acme: Caller) -> None:
    user = User.objects.create_user("late@acme.example", "sturdy kettle 42")
    client = Client()
    client.force_login(user)
    assert client.get("/admin/").url.startswith("/admin/login/")
    with tenant_context(acme.tenant):
        add_member(user=user, role=Role.OWNER)

    assert client.get("/admin/").url == "/sign-in/second-factor?next=/admin/"


def test_an_invited_bookkeeper_ends_in_the_back_office(production: None, acme: Caller, client: Client) -> None:
    acme.post("/v1/invitations", {"email": "new@acme.example", "role": "accountant"})
    deliver_next_mail(acme.tenant)
    link = re.search(r"/invitations/[\w-]+", mail.outbox[-1].body)[0]  # type: ignore[index]

    answers = {"name": "New", "password": "sturdy kettle 42", "password_again": "sturdy kettle 42"}
    assert client.post(link, answers).url == "/admin/"
    asked = client.get("/admin/")
    assert asked.url == "/sign-in/second-factor?next=/admin/"
    client.get(asked.url)
    device = Authenticator.objects.get(user__email="new@acme.example")
    entered = client.post("/sign-in/second-factor", {"code": f"{totp(device.bin_key):06d}", "next": "/admin/"})
    assert entered.url == "/admin/"
    welcome = client.get("/admin/").content.decode()
    assert "Welcome to Acme. You have joined as accountant." in welcome


def test_a_session_whose_device_was_reset_opens_nothing(production: None, clerk: User) -> None:
    client = Client()
    device = Authenticator.objects.create(user=clerk, name="phone")
    client.post("/sign-in", {"email": clerk.email, "password": "sturdy kettle 42"})
    client.post("/sign-in/code", {"code": f"{totp(device.bin_key):06d}"})
    assert client.get("/admin/").status_code == 200

    device.delete()

    assert client.get("/admin/").url == "/sign-in/second-factor?next=/admin/"


def test_a_viewer_is_refused_with_an_explanation(acme_viewer: Caller) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=acme_viewer.principal.user_id))

    page = client.get("/admin/", follow=True)

    assert page.status_code == 403
    assert "You do not have access to the back office" in page.content.decode()
    for path in PATHS:
        if path not in OPEN:
            assert client.get(path).status_code in (302, 404, 405), path
