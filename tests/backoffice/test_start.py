"""The start page of the back office: figures of the chosen tenant, what waits for somebody, the latest events."""

from __future__ import annotations

import datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.api.conftest import open_chart, rent
from tests.backoffice.test_admin import staff, text
from tests.conftest import Caller, number_events
from tests.sales import Shop, shop

__all__ = ["shop"]


def start(caller: Caller) -> str:
    page = staff(caller).get(reverse("admin:index"))
    assert page.status_code == 200
    return text(page)


def test_the_figures_are_those_of_the_dashboard(shop: Shop, globex: Caller) -> None:
    theirs = Shop(globex)
    theirs.customer(number="1")
    theirs.sent("77777", customer="cust_1")
    shop.sent("1000")
    body = shop.caller.get("/v1/dashboard").body

    page = start(shop.caller)

    assert (body["receivables"]["total"], body["revenue"]["this_month"]) == (1000, 1000)
    assert page.count("1,000.00 <span>USD</span>") == 2
    assert "77,777" not in page


def test_what_waits_is_counted_and_leads_to_it(shop: Shop) -> None:
    last_month = shop.caller.tenant.today().replace(day=1) - datetime.timedelta(days=1)
    open_chart(shop.caller)
    shop.invoice()
    shop.caller.post("/v1/journal-entries", rent(status="draft", reference="D-1", date=str(last_month)))
    shop.caller.post("/v1/journal-entries", rent(reference="P-1", date=str(last_month)))

    page = start(shop.caller)

    tasks = {
        "1 draft invoice to send": "/admin/invoicing/invoice/?status=draft",
        "1 draft entry to post": "/admin/ledger/journalentry/?status=draft",
        "1 month to close": "/admin/ledger/period/?status=open",
    }
    browser = staff(shop.caller)
    for task, address in tasks.items():
        assert f'<a href="{address}">{task}</a>' in page
        assert browser.get(address).status_code == 200
    assert "overdue</a>" not in page


def test_a_tenant_with_nothing_has_a_start_page(acme: Caller) -> None:
    page = start(acme)

    assert "Nothing waits for you." in page
    assert page.count("0.00 <span>USD</span>") == 4


def test_the_latest_events_say_who(shop: Shop) -> None:
    shop.sent()
    number_events(shop.caller)

    page = start(shop.caller)

    assert "Invoice sent" in page
    assert shop.caller.principal.user_public_id not in page


def test_the_number_of_queries_does_not_grow(shop: Shop) -> None:
    browser = staff(shop.caller)

    def queries() -> int:
        number_events(shop.caller)
        browser.get(reverse("admin:index"))
        with CaptureQueriesContext(connection) as found:
            browser.get(reverse("admin:index"))
        return len(found)

    shop.sent()
    one = queries()
    for _ in range(5):
        shop.sent()
        shop.invoice()

    assert queries() == one
