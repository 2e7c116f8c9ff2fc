"""Passkeys: added on one's own account, good for signing in, and of no use to anybody else."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.test import Client
from django_otp.oath import totp

from bigledger.access.models import Authenticator, Passkey, User
from bigledger.identity.services.passkeys import MOST
from tests.access.device import Device

EMAIL, PASSWORD = "clara@acme.example", "sturdy kettle 42"


@pytest.fixture
def clara(db_access: None) -> User:
    return User.objects.create_user(EMAIL, PASSWORD)


@pytest.fixture
def browser(clara: User) -> Client:
    client = Client()
    client.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
    return client


def asked(client: Client) -> tuple[dict[str, Any], str]:
    """What the page that adds a passkey asks the device, and its state."""
    page = client.get("/account/passkey").content.decode()
    options = re.search(r'data-options="([^"]+)"', page)
    state = re.search(r'name="state" value="([^"]+)"', page)
    assert options
    assert state
    return json.loads(html.unescape(options[1])), state[1]


def add(client: Client, device: Device, name: str = "Phone") -> Any:
    options, state = asked(client)
    return client.post("/account/passkey", {"name": name, "state": state, "credential": device.create(options)})


def sign_in(client: Client, device: Device, **changes: str) -> Any:
    begun = client.get("/sign-in/passkey").json()
    given = {"state": begun["state"], "credential": device.get(begun["options"]), **changes}
    return client.post("/sign-in/passkey", given)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_passkey_signs_in_alone_and_counts_as_both_factors(clara: User, browser: Client, settings: Any) -> None:
    device = Device()
    assert add(browser, device).url == "/account"
    settings.REQUIRE_SECOND_FACTOR = True
    clara.is_staff = True
    clara.save()

    other = Client()
    assert (sign_in(other, device).url, is_signed_in(other)) == ("/admin/", True)
    assert other.get("/admin/").status_code == 200
    assert Passkey.objects.get().last_used_at is not None


def test_whoever_has_one_is_asked_for_it_after_the_password(clara: User, browser: Client) -> None:
    add(browser, Device())
    other = Client()
    sent = other.post("/sign-in", {"email": EMAIL, "password": PASSWORD})

    assert (sent.url, is_signed_in(other)) == ("/sign-in/code?next=%2Fadmin%2F", False)
    assert "Use a passkey" in other.get("/sign-in/code").content.decode()
    # A password alone does not tie a new authenticator to the person.
    assert other.get("/sign-in/second-factor").url.startswith("/sign-in/code")
    assert Authenticator.objects.count() == 0


@pytest.mark.parametrize(
    "device",
    [Device(origin="https://evil.example"), Device(origin="http://localhost:9999"), Device(verifies=False)],
    ids=["another site", "another port", "no finger"],
)
def test_what_another_page_was_given_is_refused(clara: User, browser: Client, device: Device) -> None:
    assert add(browser, device).status_code == 400
    assert Passkey.objects.count() == 0

    origin, verifies, device.origin, device.verifies = device.origin, device.verifies, "", True
    add(browser, device)
    device.origin, device.verifies = origin, verifies
    other = Client()
    assert (sign_in(other, device).status_code, is_signed_in(other)) == (401, False)


def test_an_answer_works_once(clara: User, browser: Client) -> None:
    device = Device()
    add(browser, device)
    first, second = Client(), Client()
    begun = first.get("/sign-in/passkey").json()
    given = {"state": begun["state"], "credential": device.get(begun["options"])}
    assert first.post("/sign-in/passkey", given).status_code == 302

    assert (second.post("/sign-in/passkey", given).status_code, is_signed_in(second)) == (401, False)


def test_a_device_that_counts_backwards_is_a_copy(clara: User, browser: Client) -> None:
    device = Device()
    add(browser, device)
    sign_in(Client(), device)
    sign_in(Client(), device)
    device.count = 0

    copy = Client()
    assert (sign_in(copy, device).status_code, is_signed_in(copy)) == (401, False)


@pytest.mark.parametrize(
    "changes",
    [{"state": "x"}, {"state": ""}, {"credential": ""}, {"credential": "[]"}, {"credential": "{}"},
     {"credential": '{"id": 1}'}, {"credential": "\0"}, {"credential": '{"id": "AA", "rawId": "AA", "response": 3}'}],
)  # fmt: skip
def test_nonsense_is_refused(clara: User, browser: Client, changes: dict[str, str]) -> None:
    device = Device()
    add(browser, device)
    other = Client()

    assert (sign_in(other, device, **changes).status_code, is_signed_in(other)) == (401, False)
    options, state = asked(browser)
    given = {"name": "x", "state": state, "credential": device.create(options), **changes}
    assert browser.post("/account/passkey", given).status_code in (200, 400)
    assert Passkey.objects.count() == 1


def test_one_device_has_one_passkey_and_a_person_has_ten_at_most(clara: User, browser: Client) -> None:
    device = Device()
    add(browser, device)
    sign_in(browser, device)
    assert "This passkey is there already." in add(browser, device).content.decode()
    for _ in range(MOST - 1):
        assert add(browser, Device()).status_code == 302

    assert "Remove one first" in add(browser, Device()).content.decode()
    assert Passkey.objects.count() == MOST


def test_nobody_removes_or_sees_another_persons_passkey(clara: User, browser: Client) -> None:
    add(browser, Device(), "Phone of Clara")
    other = Client()
    other.force_login(User.objects.create_superuser("root@example.com", PASSWORD))
    found = Passkey.objects.get()

    assert "Phone of Clara" not in other.get("/account").content.decode()
    session = other.session
    session["client"] = {"signed_in": 9e9, "seen": 9e9}
    session.save()
    other.post(f"/account/passkeys/{found.pk}/remove")
    assert Passkey.objects.filter(pk=found.pk).exists()


def test_the_last_factor_stays_where_one_is_required(clara: User, browser: Client, settings: Any) -> None:
    device = Device()
    add(browser, device)
    sign_in(browser, device)
    settings.REQUIRE_SECOND_FACTOR = True

    page = browser.post(f"/account/passkeys/{Passkey.objects.get().pk}/remove", follow=True).content.decode()

    assert "This is your only second factor" in page
    assert Passkey.objects.count() == 1
    Authenticator.objects.create(user=clara, name="phone")
    browser.post(f"/account/passkeys/{Passkey.objects.get().pk}/remove")
    assert Passkey.objects.count() == 0


def test_an_inactive_person_does_not_sign_in(clara: User, browser: Client) -> None:
    device = Device()
    add(browser, device)
    clara.is_active = False
    clara.save()
    other = Client()

    assert (sign_in(other, device).status_code, is_signed_in(other)) == (401, False)


def test_a_recovery_code_works_once_instead_of_a_device(clara: User, browser: Client) -> None:
    Authenticator.objects.create(user=clara, name="phone")
    device = Device()
    add_second(browser, clara)
    page = browser.post("/account/recovery-codes").content.decode()
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", page)
    assert len(set(codes)) == 10
    assert device.count == 0

    for attempt, (expected, status) in enumerate([(True, 302), (False, 401)]):
        other = Client()
        other.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
        answer = other.post("/sign-in/code", {"code": codes[0].upper()})
        assert (answer.status_code, is_signed_in(other)) == (status, expected), attempt
    assert "9 left" in browser.get("/account").content.decode()
    new = browser.post("/account/recovery-codes").content.decode()
    assert not set(codes) & set(re.findall(r"<code>([a-z2-7-]{19})</code>", new))


def add_second(client: Client, user: User) -> None:
    """Signs in with the code of the authenticator."""
    client.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
    client.post("/sign-in/code", {"code": f"{totp(Authenticator.objects.get(user=user).bin_key):06d}"})
