"""What axe-core finds on our pages: nothing serious, by light and in the dark, on a phone and on a desk.

The reference (`/docs/api`) is Swagger's and the back office is Unfold's; neither is ours to mend.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bigledger.access.models import User
from tests.conftest import Caller, make_tenant
from tests.dashboard.books import open_books, post
from tests.running import api_server
from tests.sales import Shop
from tests.scenarios.test_hosted_payment import _FLAGS, CHROMIUM

# One browser or whole system at a time.
pytestmark = pytest.mark.xdist_group("whole machine")

PASSWORD = "correct horse battery staple"
AXE = (Path(__file__).parents[1] / "vendored" / "axe-core" / "axe.min.js").read_text()
PUBLIC = (
    "/", "/sign-in", "/docs/api/errors", "/docs/api/events", "/docs/api/rules", "/graphql", "/nowhere",
    "/invitations/none", "/i/none",
)  # fmt: skip
SIGNED_IN = ("/dashboard", "/graphql")
_FIND = """() => axe.run(document, {resultTypes: ["violations"]}).then((found) => found.violations
    .filter(({impact}) => ["serious", "critical"].includes(impact))
    .map(({id, nodes}) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`))"""


def _caller() -> Caller:
    caller = make_tenant("Accessible")
    user = User.objects.get(pk=caller.principal.user_id)
    user.set_password(PASSWORD)
    user.save()
    open_books(caller)
    post(caller, caller.tenant.today(), "acc_1000", "acc_3000", "1234567.89")
    return caller


def _hosted(shop: Shop) -> Iterator[str]:
    """The paths of the pages with links of their own: invoices that are open and paid, a customer, a screen."""
    customer = shop.read("/v1/customers/cust_123456")
    invoices = [shop.sent(), shop.sent("20.00"), shop.sent("30.00", invoice_date="2024-01-01", due_date="2024-01-31")]
    shop.pay("20.00", invoice_id=invoices[1]["id"])
    shop.pay("5.00")
    yield from (invoice["hosted_url"].removeprefix(settings.PUBLIC_URL) for invoice in invoices[:2])
    yield customer["hosted_url"].removeprefix(settings.PUBLIC_URL)
    link = shop.post("/v1/kiosk-links", name="Hall")
    yield link["url"].removeprefix(settings.PUBLIC_URL)


def _findings(context: BrowserContext, base: str, paths: Any) -> list[str]:
    page = context.new_page()
    found = []
    for path in paths:
        page.goto(f"{base}{path}")
        page.evaluate(AXE)
        found += [
            f"{path.split('/')[1]}/… {text}" if len(path) > 40 else f"{path} {text}" for text in page.evaluate(_FIND)
        ]
    page.close()
    return found


def _sign_in(context: BrowserContext, base: str, email: str) -> list[str]:
    """Signs in, at the second attempt; what axe finds on the page that refuses the first."""
    page = context.new_page()
    page.goto(f"{base}/sign-in")
    for password in ("wrong", PASSWORD):
        page.locator("input[type=email]").fill(email)
        page.locator("input[type=password]").fill(password)
        page.get_by_role("button", name="Sign in").click()
        if password == "wrong":
            page.locator(".errorlist").first.wait_for()
            page.evaluate(AXE)
            found: list[str] = page.evaluate(_FIND)
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.close()
    return found


def _looks(browser: Browser) -> Iterator[tuple[str, BrowserContext]]:
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        yield f"{width} {scheme}", context
        context.close()


def test_axe_finds_nothing_serious(committed: None) -> None:
    caller = _caller()
    hosted = list(_hosted(Shop(caller)))
    email = User.objects.get(pk=caller.principal.user_id).email
    with api_server(PUBLIC_URL=settings.PUBLIC_URL) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        found = {}
        for look, context in _looks(browser):
            findings = _findings(context, base, (*PUBLIC, *hosted))
            findings += _sign_in(context, base, email)
            findings += _findings(context, base, SIGNED_IN)
            if findings:
                found[look] = findings
        browser.close()
    assert found == {}
