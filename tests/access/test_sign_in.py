"""People at the sign-in page: limits, second factor, where they go afterwards."""

from __future__ import annotations

import time

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django_otp.oath import totp

from bigledger.access.models import Authenticator, User

EMAIL, PASSWORD = "staff@bigledger.example", "sturdy kettle 42"


@pytest.fixture
def staff(db_access: None) -> User:
    return User.objects.create_superuser(EMAIL, PASSWORD)


def sign_in(client: Client, password: str = PASSWORD, email: str = EMAIL, **more: str) -> HttpResponse:
    response: HttpResponse = client.post("/sign-in", {"email": email, "password": password, **more})
    return response


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_signing_in_leads_to_the_requested_page(staff: User, client: Client) -> None:
    sent = sign_in(client, next="/oauth/authorize?client_id=x")

    assert (sent.status_code, sent["Location"], signed_in(client)) == (302, "/oauth/authorize?client_id=x", True)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:///evil", ""]
)
def test_nobody_is_led_to_another_site(staff: User, client: Client, target: str) -> None:
    assert sign_in(client, next=target)["Location"] == "/admin/"


def test_a_wrong_password_and_an_unknown_address_look_the_same(staff: User, client: Client) -> None:
    pages = [sign_in(client, "wrong"), sign_in(client, email="nobody@bigledger.example")]

    assert [p.status_code for p in pages] == [401, 401]
    assert all("E-mail address or password is wrong" in p.content.decode() for p in pages)
    assert not signed_in(client)


def test_guessing_is_slowed(staff: User, client: Client) -> None:
    assert [sign_in(client, f"guess {n}").status_code for n in range(5)] == [401] * 5
    right = sign_in(client)
    assert (right.status_code, signed_in(client)) == (429, False)
    assert 1 <= int(right["Retry-After"]) <= 2
    assert sign_in(Client(), email="other@bigledger.example").status_code == 401


def test_the_session_changes_when_one_signs_in(staff: User, client: Client) -> None:
    client.get("/sign-in")
    session = client.session
    session["seen"] = 1
    session.save()
    before = session.session_key
    sign_in(client)

    assert client.session.session_key != before


def test_the_admin_has_no_sign_in_of_its_own(db_access: None, client: Client) -> None:
    sent = client.get("/admin/", follow=True)

    assert sent.redirect_chain[-1][0].startswith("/sign-in?next=")
    assert "Sign in to BigLedger" in sent.content.decode()
    assert client.post("/admin/login/", {"username": "staff@bigledger.example"}).status_code == 302


def test_staff_set_up_a_second_factor_before_anything_opens(staff: User, client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.REQUIRE_SECOND_FACTOR = True
    assert sign_in(client)["Location"] == "/sign-in/second-factor?next=%2Fadmin%2F"
    assert not signed_in(client)
    page = client.get("/sign-in/second-factor").content.decode()
    device = Authenticator.objects.get(user=staff, confirmed=False)
    assert "<svg" in page and "otpauth://totp/BigLedger" in page

    assert client.post("/sign-in/second-factor", {"code": "000000"}).status_code == 401
    assert not signed_in(client)
    device.refresh_from_db()
    device.throttle_reset()
    assert client.post("/sign-in/second-factor", {"code": f"{totp(device.bin_key):06d}"}).status_code == 302
    assert signed_in(client)


def test_a_second_factor_is_asked_for_and_each_code_works_once(staff: User, client: Client) -> None:
    device = Authenticator.objects.create(user=staff, name="phone", confirmed=True)
    code = f"{totp(device.bin_key):06d}"
    assert sign_in(client)["Location"] == "/sign-in/code?next=%2Fadmin%2F"
    assert (client.get("/admin/").status_code, signed_in(client)) == (302, False)

    assert client.post("/sign-in/code", {"code": code}).status_code == 302
    assert signed_in(client)
    other = Client()
    sign_in(other)
    assert (other.post("/sign-in/code", {"code": code}).status_code, signed_in(other)) == (401, False)


def test_a_code_alone_opens_nothing(staff: User, client: Client) -> None:
    device = Authenticator.objects.create(user=staff, name="phone", confirmed=True)

    sent = client.post("/sign-in/code", {"code": f"{totp(device.bin_key):06d}"})
    assert (sent["Location"], signed_in(client)) == ("/sign-in?next=%2Fadmin%2F", False)


def test_a_password_alone_cannot_replace_the_second_factor(staff: User, client: Client) -> None:
    Authenticator.objects.create(user=staff, name="phone", confirmed=True)
    sign_in(client)

    assert client.get("/sign-in/second-factor")["Location"] == "/sign-in/code?next=%2Fadmin%2F"
    client.post("/sign-in/second-factor", {"code": "123456"})
    assert (Authenticator.objects.filter(user=staff).count(), signed_in(client)) == (1, False)


def test_half_a_sign_in_ends_after_ten_minutes(staff: User, client: Client) -> None:
    device = Authenticator.objects.create(user=staff, name="phone", confirmed=True)
    sign_in(client)
    session = client.session
    session["pending_user"] = [str(staff.pk), time.time() - 601]
    session.save()

    client.post("/sign-in/code", {"code": f"{totp(device.bin_key):06d}"})
    assert not signed_in(client)


def test_signing_out(staff: User, client: Client) -> None:
    sign_in(client)
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")
    assert not signed_in(client)


@pytest.mark.parametrize("password", ["short", "password1234", "123456789012345", "staff@bigledger.example"])
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, User(email="staff@bigledger.example"))


@pytest.mark.parametrize("body", [{}, {"email": "x\0@y.example", "password": "p\0"}, {"email": "a" * 5000}])
def test_a_form_that_makes_no_sense(db_access: None, client: Client, body: dict[str, str]) -> None:
    assert client.post("/sign-in", body).status_code in (200, 400, 401)
