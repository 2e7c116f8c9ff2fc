"""Sockets of our own pages: the session of somebody who has signed in, and no page of anybody else's."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.test import Client

from bigledger.access.models import Membership, Role, User
from bigledger.access.services import add_member, get_or_create_user
from bigledger.identity.pages.page import BACKEND
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller
from tests.live.client import Live, opened, run
from tests.live.conftest import Make

PAGE = "http://localhost:8000"


@dataclass
class SignedIn:
    """A member with a browser."""

    user: User
    browser: Client

    @property
    def cookie(self) -> str:
        return f"theme=dark; {settings.SESSION_COOKIE_NAME}={self.browser.cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
def member(tenant: Caller) -> SignedIn:
    with tenant_context(tenant.tenant):
        user = get_or_create_user(email=f"{uuid.uuid4().hex}@live.example")
        add_member(user=user, role=Role.VIEWER)
    browser = Client()
    browser.force_login(user, BACKEND)
    return SignedIn(user, browser)


async def _auth(live: Live) -> object:
    await live.say("auth")
    return await live.hear()


def test_a_page_of_ours_is_told_of_the_tenant(base: str, tenant: Caller, member: SignedIn, customers: Make) -> None:
    async def script() -> None:
        async with opened(base, Origin=PAGE, Cookie=member.cookie) as live:
            ready = await _auth(live)
            assert ready == {"type": "ready", "tenant": str(tenant.tenant.id), "seq": ready["seq"]}  # type: ignore[index]
            await live.subscribe("customer.*")
            await customers("Ada")
            assert (await live.hear_events(1))[0]["event"]["data"]["customer"]["name"] == "Ada"

    run(script)


def test_the_page_may_have_the_name_that_the_socket_was_opened_at(base: str, member: SignedIn) -> None:
    async def script() -> None:
        async with opened(base, Origin="http://127.0.0.1:8000", Cookie=member.cookie) as live:
            assert (await _auth(live))["type"] == "ready"  # type: ignore[index]

    run(script)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:8001", "https://localhost:8000", "http://evil.example:8000", "http://localhost", "null", "",
        "http://localhost.evil.example:8000", "http://localhost:99999", "http://[", "http://localhost@evil.example:8000",
    ],
)  # fmt: skip
def test_a_page_of_another_origin_is_refused(base: str, member: SignedIn, origin: str) -> None:
    async def script() -> int | None:
        headers = {"Origin": origin} if origin else {}
        async with opened(base, Cookie=member.cookie, **headers) as live:
            await live.say("auth")
            return await live.closed()

    assert run(script) == 4401


@pytest.mark.parametrize("cookie", ["", "sessionid=", "sessionid=made-up", 'sessionid=a;;b=="', "other=1"])
def test_no_session_is_no_caller(base: str, cookie: str) -> None:
    async def script() -> int | None:
        async with opened(base, Origin=PAGE, Cookie=cookie) as live:
            await live.say("auth")
            return await live.closed()

    assert run(script) == 4401


@pytest.mark.parametrize("what", ["signed out", "removed"])
def test_the_socket_ends_with_the_session(base: str, tenant: Caller, member: SignedIn, what: str) -> None:
    async def script() -> tuple[int | None, float]:
        async with opened(base, Origin=PAGE, Cookie=member.cookie) as live:
            assert (await _auth(live))["type"] == "ready"  # type: ignore[index]
            await asyncio.to_thread(_end, what, tenant, member)
            began = time.monotonic()
            return await live.closed(), time.monotonic() - began

    code, seconds = run(script)
    assert code == 4401
    assert seconds < 5.5


def _end(what: str, tenant: Caller, member: SignedIn) -> None:
    if what == "signed out":
        member.browser.logout()
    else:
        with tenant_context(tenant.tenant):
            assert Membership.objects.filter(user=member.user).delete()[0] == 1
