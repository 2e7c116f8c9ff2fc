"""A customer opens the link in a real browser, is declined, pays, and sees that it is paid."""

from __future__ import annotations

import os
import re
import shutil
from decimal import Decimal

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect, sync_playwright

from bigledger.tenants.context import tenant_context
from invoicing.models import Invoice
from invoicing.pdf.stored import stored_pdf
from tests.conftest import make_tenant
from tests.running import api_server
from tests.sales import NUMBERS, Shop

# One browser or whole system at a time.
pytestmark = pytest.mark.xdist_group("whole machine")

_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"


def _look_and_pay(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        page = browser.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(url)
        expect(page.locator("h1")).to_have_text(re.compile(r"Invoice INV-\d{4}-001"))
        expect(page.locator("#due")).to_have_text("$1,458.00")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download PDF").click()
        assert download.value.suggested_filename.endswith(".pdf")

        _fill(page, NUMBERS["9995"])
        expect(page.get_by_role("alert")).to_have_text("The card has insufficient funds.")
        _fill(page, NUMBERS["4242"])
        expect(page.locator("#status")).to_have_text("Paid")
        expect(page.locator(".thanks")).to_have_text("This invoice is paid. Thank you!")
        assert page.locator("form").count() == 0
        assert faults == []
        browser.close()


def _fill(page: Page, number: str) -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expires").fill("12/30")
    page.get_by_label("CVC").fill("123")
    page.get_by_role("button", name=re.compile("Pay")).click()


def test_paying_in_a_browser(committed: None) -> None:
    shop = Shop(make_tenant("Hosted"))
    shop.customer(number="123456", name="Acme Corporation")
    invoice = shop.sent()
    with tenant_context(shop.caller.tenant):
        stored_pdf(Invoice.objects.get(number=invoice["number"]))  # what the worker does, which does not run here
    with api_server(PUBLIC_URL=settings.PUBLIC_URL) as base:  # the link is part of the kept document
        _look_and_pay(f"{base}/i/{invoice['hosted_url'].rsplit('/', 1)[1]}")

    assert shop.again(invoice)["status"] == "paid"
    assert shop.balance() == Decimal("0.00")
    assert [event for event in shop.events() if event.startswith(("payment", "invoice.viewed"))] == [
        "invoice.viewed", "payment.failed", "payment.received", "payment.applied",
    ]  # fmt: skip
