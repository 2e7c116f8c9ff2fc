"""A real browser in the back office: signed in, with what broke on the pages, and what it took to work there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bigledger.access.models import User
from tests.conftest import Caller
from tests.running import api_server
from tests.scenarios.test_hosted_payment import _FLAGS, CHROMIUM

PASSWORD = "correct horse battery staple"


@dataclass
class Desk:
    """Somebody at a desk: every key and every click is counted."""

    page: Page
    base: str
    keys: int = 0
    clicks: int = 0
    faults: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def press(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)
            self.keys += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.keys += len(text)

    def click(self, target: Any) -> None:
        target.click()
        self.clicks += 1

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def link(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name, exact=True).first)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")


def with_password(caller: Caller) -> str:
    """The address of the caller's user, who can sign in with PASSWORD."""
    user = User.objects.get(pk=caller.principal.user_id)
    user.set_password(PASSWORD)
    user.save()
    return user.email


@contextmanager
def browser(width: int = 1440, **options: Any) -> Iterator[Desk]:
    with api_server() as base, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        page = chromium.new_page(viewport={"width": width, "height": 900}, **options)
        desk = Desk(page, base)
        page.on("pageerror", lambda fault: desk.faults.append(f"{page.url}: {fault}"))
        page.on("console", lambda said: desk.faults.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: desk.hosts.add(asked.url.split("/")[2]))
        yield desk
        chromium.close()


def sign_in(desk: Desk, email: str) -> None:
    desk.go("/admin/")
    desk.page.locator("input[type=email]").fill(email)
    desk.page.locator("input[type=password]").fill(PASSWORD)
    desk.page.get_by_role("button", name="Sign in").click()
    desk.page.wait_for_url(f"{desk.base}/admin/")
