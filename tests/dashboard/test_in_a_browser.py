"""The dashboard in Chromium, against running servers: it moves, loses its socket, comes back, ends with its link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from playwright.sync_api import Page, expect, sync_playwright

from bigledger.access.models import Role
from bigledger.access.services import add_member, get_or_create_user
from bigledger.server import serving
from bigledger.tenants.context import tenant_context
from tests.committed import number_all, tenant
from tests.conftest import Caller
from tests.dashboard.books import open_books, post
from tests.running import api_server, free_port
from tests.sales import Shop
from tests.scenarios.test_hosted_payment import _FLAGS, CHROMIUM

__all__ = ["tenant"]

# One browser or whole system at a time.
pytestmark = pytest.mark.xdist_group("whole machine")

PASSWORD = "sturdy kettle 42"
SOCKETS_PORT = free_port()
# The chart is drawn anew in the frame in which its place has another width; by the second frame that is on the screen.
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
WIDTHS = (390, 600, 601, 900, 1024, 1200, 1201, 1920)
# What the page may ask for: itself, its files, its token, and the public API.
OWN = re.compile(r"/(dashboard|sign-in|kiosk/[\w-]+|dashboard/token|v1/dashboard|static/.*)$")


@contextmanager
def sockets(*, is_killed: bool = False) -> Iterator[str]:
    with api_server(
        target="bigledger.asgi:application", arguments=serving.SOCKET_ARGUMENTS, ready="/healthz", port=SOCKETS_PORT,
        is_killed=is_killed,
    ) as address:  # fmt: skip
        yield address


@pytest.fixture(scope="module")
def site(django_db_setup: None) -> Iterator[str]:
    with api_server(SOCKETS_URL=f"ws://127.0.0.1:{SOCKETS_PORT}/v1") as address:
        yield address


@pytest.fixture(scope="module")
def desk() -> Iterator[ThreadPoolExecutor]:
    """Where the books are kept while a browser runs, whose event loop lets nobody else ask the database."""
    with ThreadPoolExecutor(1) as thread:
        yield thread
        thread.submit(connections.close_all).result()


@pytest.fixture
def books(tenant: Caller, desk: ThreadPoolExecutor) -> Iterator[Books]:
    yield Books(tenant, desk)


@pytest.fixture
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield found
        found.close()


class Books:
    """A shop's books, and who works in them. Each step is committed and its events are numbered."""

    def __init__(self, caller: Caller, desk: ThreadPoolExecutor) -> None:
        self.caller, self._desk = caller, desk
        self.shop: Shop = self.do(open_books, caller)
        self.today = caller.tenant.today().isoformat()

    def do(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        def numbered() -> Any:
            found = work(*arguments, **named)
            number_all()
            return found

        return self._desk.submit(numbered).result()

    @property
    def seq(self) -> int:
        """The number of the last event."""
        seq: int = self.do(self.caller.get, "/v1/audit/head").body["seq"]
        return seq

    def enter(self, amount: str) -> int:
        """Cash from the owner; the number of the last event."""
        self.do(post, self.caller, self.caller.tenant.today(), "acc_1000", "acc_3000", amount)
        return self.seq

    def kiosk(self, site: str) -> tuple[str, str]:
        """The id and the address of a link."""
        made = self.do(self.caller.post, "/v1/kiosk-links", {"name": "Hall"}).body
        return made["id"], f"{site}{urlsplit(made['url']).path}"

    def hire(self) -> str:
        """The address of a new viewer, whose password is known."""

        def hired() -> str:
            with tenant_context(self.caller.tenant):
                user = get_or_create_user(email=f"vera@{self.caller.tenant.name.lower()}.example")
                add_member(user=user, role=Role.VIEWER)
                user.set_password(PASSWORD)
                user.save()
            return user.email

        return str(self.do(hired))


class Watched:
    """A page, and what its console said and what it asked for."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self.page: Page = browser.new_page(**options)
        self.said: list[str] = []
        self.asked: set[str] = set()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda fault: self.said.append(str(fault)))
        self.page.on("request", lambda request: self.asked.add(urlsplit(request.url).path))

    @property
    def violations(self) -> list[str]:
        return [text for text in self.said if "Content Security Policy" in text or "Content-Security-Policy" in text]

    def figure(self, name: str) -> Any:
        return self.page.locator(f".figure [data-shown={name}]")

    def is_live(self) -> None:
        expect(self.page.locator("#link")).to_have_text("Live", timeout=40_000)

    def sign_in(self, site: str, email: str) -> None:
        self.page.goto(f"{site}/dashboard")
        self.page.locator("input[type=email]").fill(email)
        self.page.locator("input[type=password]").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"{site}/dashboard")


def test_it_moves_while_somebody_looks(site: str, books: Books, browser: Any) -> None:
    books.enter("1000.00")
    email = books.hire()
    watched = Watched(browser)
    with sockets():
        watched.sign_in(site, email)
        watched.is_live()
        expect(watched.figure("cash")).to_have_text("1,000.00")

        seq = books.enter("234.56")
        expect(watched.figure("cash")).to_have_text("1,234.56")
        expect(watched.page.locator("[data-shown=as_of]")).to_have_text(f"Exact as of event {seq}")
        expect(watched.page.locator("#spoken")).to_have_text("Cash 1,234.56 USD.")

        books.do(books.shop.sent, "77.00", due_date=books.today)
        expect(watched.page.locator("[data-rows=invoices] tr")).to_have_count(1)
        expect(watched.figure("receivables")).to_have_text("77.00")
        expect(watched.page.get_by_text("1 open invoice")).to_be_visible()

    assert watched.violations == []
    assert [path for path in watched.asked if not OWN.search(path)] == []


def test_what_it_shows_after_a_change_is_what_a_reload_shows(site: str, books: Books, browser: Any) -> None:
    watched = Watched(browser)
    with sockets():
        watched.page.goto(books.kiosk(site)[1])
        watched.is_live()
        books.enter("987654321098765.43")
        for amount in ("1458.00", "0.10"):
            invoice = books.do(books.shop.sent, amount, invoice_date="2024-01-15", due_date="2024-02-15")
        books.do(books.shop.pay, "0.10", invoice_id=invoice["id"])
        seq = books.seq
        expect(watched.page.locator("[data-shown=as_of]")).to_have_text(f"Exact as of event {seq}")
        moved = watched.page.locator("main").inner_text()
        watched.page.reload()
        watched.is_live()

        assert watched.page.locator("main").inner_text() == moved
        assert "987,654,321,098,765" in moved


def test_it_says_that_it_is_disconnected_and_catches_up(site: str, books: Books, browser: Any) -> None:
    watched = Watched(browser)
    _, url = books.kiosk(site)
    with sockets(is_killed=True):
        watched.page.goto(url)
        watched.is_live()
    expect(watched.page.locator("#link")).to_have_text("Disconnected")
    expect(watched.page.locator("#waiting")).to_contain_text("figures of")
    expect(watched.page.get_by_role("button", name="Try again now")).to_be_visible()
    books.enter("10.00")
    with sockets():
        watched.is_live()
        expect(watched.figure("cash")).to_have_text("10.00")
        seq = books.enter("5.00")
        expect(watched.figure("cash")).to_have_text("15.00")
        expect(watched.page.locator("[data-shown=as_of]")).to_have_text(f"Exact as of event {seq}")
    assert watched.violations == []


def test_a_screen_goes_dark_with_its_link(site: str, books: Books, browser: Any) -> None:
    watched = Watched(browser)
    link, url = books.kiosk(site)
    with sockets():
        watched.page.goto(url)
        watched.is_live()

        assert books.do(books.caller.delete, f"/v1/kiosk-links/{link}").status == 204
        books.enter("10.00")

        expect(watched.page.locator("#link")).to_have_text("This link has been revoked or has expired", timeout=8_000)
        seen = watched.figure("cash").inner_text()
        books.enter("5.00")
        watched.page.wait_for_timeout(1_500)
        assert watched.figure("cash").inner_text() == seen
        watched.page.reload()
        expect(watched.page.get_by_role("heading")).to_have_text("This link is not valid")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_width(site: str, books: Books, browser: Any, scheme: str) -> None:
    books.enter("999999999999999.99")
    books.do(books.shop.sent, "123456789012345.67", due_date="2024-01-31", invoice_date="2024-01-01")
    watched = Watched(browser, color_scheme=scheme, viewport={"width": 1920, "height": 900})
    with sockets():
        watched.page.goto(books.kiosk(site)[1])
        watched.is_live()
        for width in WIDTHS:
            watched.page.set_viewport_size({"width": width, "height": 900})
            watched.page.evaluate(PAINTED)
            assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
            cut = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"
            assert watched.page.eval_on_selector_all("main section > *, .four p", cut) == [], width


def test_the_chart_has_a_table_for_whoever_uses_the_keyboard(site: str, books: Books, browser: Any) -> None:
    books.enter("10.00")
    watched = Watched(browser)
    with sockets():
        watched.page.goto(books.kiosk(site)[1])
        watched.is_live()
        table = watched.page.locator("#flow-table table")
        expect(watched.page.locator("#chart canvas")).to_be_visible()
        expect(table).to_be_hidden()

        watched.page.keyboard.press("Tab")
        watched.page.keyboard.press("Enter")

        expect(table).to_be_visible()
        expect(table.locator("tbody tr")).to_have_count(12)
        assert watched.page.locator("#chart").get_attribute("aria-hidden") == "true"


def test_it_is_whole_without_javascript(site: str, books: Books, browser: Any) -> None:
    books.enter("10.00")
    watched = Watched(browser, java_script_enabled=False)

    watched.page.goto(books.kiosk(site)[1])

    expect(watched.figure("cash")).to_have_text("10.00")
    expect(watched.page.locator("#flow-table tbody tr")).to_have_count(12)
    expect(watched.page.locator("#link")).to_have_text("Not live")
