"""The page of one's own account: sessions, password, a forgotten password."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from bigledger.access.models import Authenticator, PageSession, User
from bigledger.access.session_store import name_of
from bigledger.access.tasks import prune_sessions
from bigledger.mail.delivery import deliver_next_mail
from bigledger.mail.models import Mail
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller
from tests.security.people import PASSWORD, member

EMAIL = "clara@acme.example"
NEW = "another kettle 43"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"


@pytest.fixture
def clara(acme: Caller) -> User:
    return member(acme, EMAIL, "accountant").user


def signed_in(password: str = PASSWORD, agent: str = FIREFOX, email: str = EMAIL) -> Client:
    client = Client(HTTP_USER_AGENT=agent)
    client.post("/sign-in", {"email": email, "password": password})
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def test_people_see_where_they_are_signed_in_and_end_it(clara: User) -> None:
    here, there = signed_in(), signed_in(agent=PHONE)

    page = here.get("/account").content.decode()

    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert page.count("This browser") == 1
    assert there.session.session_key not in page
    end = re.search(r'action="(/account/sessions/\w{32}/end)"', page)
    assert end
    here.post(end[1])
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


def test_sessions_that_have_run_out_are_deleted(clara: User) -> None:
    over, living = signed_in(), signed_in(agent=PHONE)
    PageSession.objects.filter(pk=over.session.session_key).update(expire_date=timezone.now() - timedelta(seconds=1))

    prune_sessions()

    keys = [one.session.session_key for one in (over, living)]
    assert list(PageSession.objects.filter(pk__in=keys).values_list("pk", flat=True)) == [living.session.session_key]


def test_everywhere_else_is_ended_at_once(clara: User) -> None:
    here, others = signed_in(), [signed_in(), signed_in(agent=PHONE)]

    here.post("/account/sessions/end")

    assert [is_signed_in(one) for one in (here, *others)] == [True, False, False]


def test_nobody_sees_or_ends_another_persons_session(clara: User, globex: Caller) -> None:
    hers = signed_in(agent=PHONE)
    end = re.search(r"/account/sessions/end", hers.get("/account").content.decode())
    assert end is None  # there is but one
    member(globex, "boss@globex.example", "owner")
    other = signed_in(email="boss@globex.example")
    name = name_of(hers.session.session_key or "")

    assert EMAIL not in other.get("/account").content.decode()
    assert "iPhone" not in other.get("/account").content.decode()
    other.post(f"/account/sessions/{name}/end")
    assert is_signed_in(hers)


def test_a_new_password_ends_all_other_sessions(clara: User) -> None:
    here, there = signed_in(), signed_in()
    assert here.post("/account/password", {"current": "wrong", "password": NEW}).status_code == 401
    assert here.post("/account/password", {"current": PASSWORD, "password": "short"}).status_code == 200
    clara.refresh_from_db()
    assert clara.check_password(PASSWORD)

    assert here.post("/account/password", {"current": PASSWORD, "password": NEW}).url == "/account"

    assert (is_signed_in(here), is_signed_in(there), is_signed_in(signed_in(NEW))) == (True, False, True)
    assert not is_signed_in(signed_in())


def test_a_browser_left_open_changes_no_factor(clara: User) -> None:
    client = signed_in()
    session = client.session
    session["client"] = {**session["client"], "signed_in": session["client"]["signed_in"] - 901}
    session.save()

    for path in ("/account/recovery-codes", "/account/authenticator/remove", "/account/passkeys/1/remove"):
        assert client.post(path).url.startswith("/sign-in?next=/account"), path
    assert client.get("/account/passkey").url.startswith("/sign-in?next=/account")


def test_the_account_asks_for_the_second_factor(clara: User) -> None:
    client = signed_in()
    Authenticator.objects.create(user=clara, name="phone")

    for path in ("/account", "/account/password", "/account/passkey"):
        assert client.get(path).url.startswith("/sign-in/second-factor"), path
    assert Client().get("/account").url == "/sign-in?next=/account"


def link_of(acme: Caller) -> str:
    deliver_next_mail(acme.tenant)
    found = re.search(r"/sign-in/reset/[\w-]+/[\w-]+", str(mail.outbox[-1].body))
    assert found
    return found[0]


def test_a_forgotten_password_is_replaced_by_mail(clara: User, acme: Caller) -> None:
    before = signed_in()
    page = Client().post("/sign-in/forgotten", {"email": EMAIL.upper()})
    assert "Look into your mailbox" in page.content.decode()
    link = link_of(acme)
    assert mail.outbox[-1].to == [EMAIL]
    assert "Choose a new password" in Client().get(link).content.decode()

    done = Client().post(link, {"password": NEW})

    assert "Your password is changed" in done.content.decode()
    assert (is_signed_in(before), is_signed_in(signed_in(NEW))) == (False, True)
    assert Client().get(link).status_code == 404
    assert Client().post(link, {"password": "yet another kettle"}).status_code == 404


def test_a_link_by_mail_is_no_second_factor(clara: User, acme: Caller) -> None:
    Authenticator.objects.create(user=clara, name="phone")
    Client().post("/sign-in/forgotten", {"email": EMAIL})
    Client().post(link_of(acme), {"password": NEW})
    client = Client()

    assert client.post("/sign-in", {"email": EMAIL, "password": NEW}).url.startswith("/sign-in/code")


def test_a_weak_password_is_refused_by_the_link(clara: User, acme: Caller) -> None:
    Client().post("/sign-in/forgotten", {"email": EMAIL})
    link = link_of(acme)

    assert "too short" in Client().post(link, {"password": "short"}).content.decode()
    clara.refresh_from_db()
    assert clara.check_password(PASSWORD)


def test_the_page_does_not_say_who_there_is(clara: User, acme: Caller) -> None:
    pages = []
    for email in (EMAIL, "nobody@acme.example", "owner@globex.example"):
        text = Client().post("/sign-in/forgotten", {"email": email}).content.decode()
        pages.append(text.replace(email, ""))

    assert len(set(pages)) == 1


def test_a_mailbox_is_not_flooded(clara: User, acme: Caller) -> None:
    for number in range(5):
        Client(REMOTE_ADDR=f"203.0.113.{number}").post("/sign-in/forgotten", {"email": EMAIL})
    with tenant_context(acme.tenant):
        assert Mail.objects.filter(kind="password_reset").count() == 3

    answers = [Client().post("/sign-in/forgotten", {"email": EMAIL}).status_code for _ in range(7)]
    assert answers[-1] == 429


@pytest.mark.parametrize("path", ["/sign-in/reset/x/y", "/sign-in/reset/00000000-0000-0000-0000-000000000000/a-b"])
def test_a_link_that_is_nobodys(db_access: None, path: str) -> None:
    assert Client().get(path).status_code == 404


def test_a_session_says_whose_it_is_in_the_table(clara: User) -> None:
    client: Any = signed_in()

    row = PageSession.objects.get(session_key=client.session.session_key)
    assert (row.user_id, row.address, row.user_agent) == (clara.pk, "127.0.0.1", FIREFOX)
    assert row.signed_in_at == row.seen_at
