"""No page breaks the policy that it is sent with: a browser would say so in its console."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from bigledger.sandbox.demo import Demo
from tests.running import api_server
from tests.scenarios.test_hosted_payment import _FLAGS, CHROMIUM

# One browser or whole system at a time.
pytestmark = pytest.mark.xdist_group("whole machine")

ADMIN_LINK = re.compile(r"^/admin/[a-z]+/[a-z]+/$")


@contextmanager
def _page() -> Iterator[tuple[Page, list[str]]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(f"{page.url}: {message.text}") if _is_fault(message) else None)
        page.on("pageerror", lambda fault: said.append(f"{page.url}: {fault}"))
        yield page, said
        browser.close()


def _is_fault(message: Any) -> bool:
    return "Content Security Policy" in message.text or "Content-Security-Policy" in message.text


@pytest.fixture(scope="module")
def base(committed_demo: Demo) -> Iterator[str]:
    with api_server() as address:
        yield address


def test_our_own_pages(base: str) -> None:
    with _page() as (page, said):
        for path in (
            "/",
            "/sign-in",
            "/docs/api/errors",
            "/docs/api/events",
            "/docs/api/rules",
            "/nowhere",
            "/invitations/none",
            "/i/none",
            "/c/none",
            "/graphql",
        ):
            page.goto(f"{base}{path}")
            assert page.locator("h1").is_visible()
            assert page.evaluate("getComputedStyle(document.body).margin") != "8px", f"{path} has no style"
        assert said == []


def test_the_reference(base: str) -> None:
    with _page() as (page, said):
        page.goto(f"{base}/docs/api")
        page.locator(".opblock").first.wait_for(timeout=60_000)
        page.locator(".opblock").first.click()
        assert said == []


def test_the_page_of_graphql_asks_and_shows_exact_amounts(base: str, committed_demo: Demo) -> None:
    with _page() as (page, said):
        page.goto(f"{base}/graphql")
        page.get_by_label("API key or token").fill(committed_demo.api_key)
        page.get_by_label("Document").fill('{ customer(id: "cust_123456") { name balance } }')
        page.get_by_label("Document").press("Control+Enter")
        page.get_by_text("200, ").wait_for()
        assert '"balance": 12500.00' in page.locator("#answer").inner_text()
        page.get_by_text("The schema").click()
        assert "type Customer {" in page.get_by_label("Schema").inner_text()
        assert said == []


def test_signing_in_the_admin_and_its_lists_and_forms(base: str, committed_demo: Demo) -> None:
    with _page() as (page, said):
        page.goto(f"{base}/admin/")
        page.locator("input[type=email]").fill(committed_demo.admin_email)
        page.locator("input[type=password]").fill(committed_demo.admin_password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{base}/admin/")
        found = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
        lists = sorted({link for link in found if ADMIN_LINK.match(link)})
        assert len(lists) > 5
        for path in lists:
            page.goto(f"{base}{path}")
            page.locator("body").wait_for()
            row = page.locator("#result_list a[href*='/change/']").first
            if row.count():
                page.goto(
                    f"{base}{row.get_attribute('href')}"
                    if (row.get_attribute("href") or "").startswith("/")
                    else page.url
                )
        page.goto(f"{base}/sign-in/second-factor")
        assert page.locator(".qr svg").is_visible()
        assert said == []
