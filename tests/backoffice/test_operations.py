"""Operations of the API in the back office: shown before they are done, done as the API does them, refused as there."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from bigledger.api.lookup import find
from bigledger.backoffice.operations import operations
from bigledger.tenants.context import tenant_context
from tests.backoffice.test_admin import faults, staff, text, uuid_of
from tests.conftest import Caller
from tests.sales import Shop, shop
from tests.world import with_log

__all__ = ["shop"]

EVERY = [(resource, action) for resource, action in operations()]


def address(resource: str, action: str, public_id: str = "") -> str:
    return reverse("admin:operation", args=(resource, action, *([uuid_of(public_id)] if public_id else [])))


@pytest.mark.parametrize(("resource", "action"), EVERY, ids=[f"{r}-{a}" for r, a in EVERY])
def test_every_operation_has_a_page_and_nobody_elses_object(
    acme: Caller, globex: Caller, resource: str, action: str
) -> None:
    mine, theirs = with_log(acme), with_log(globex)
    browser, one = staff(acme), operations()[resource, action]
    if one.makes:
        assert browser.get(address(resource, action)).status_code == 200
        return
    page = browser.get(one.address(row_of(one.model, acme, mine[resource])))
    assert page.status_code == 200
    assert "globex" not in text(page).lower()
    assert browser.get(one.address(row_of(one.model, globex, theirs[resource]))).status_code == 404
    assert browser.post(one.address(row_of(one.model, globex, theirs[resource])), {"confirmed": "1"}).status_code == 404


def row_of(model: Any, caller: Caller, public_id: str) -> Any:
    with tenant_context(caller.tenant):
        return find(model._default_manager.all(), public_id).pk


def test_what_it_does_is_shown_first_and_nothing_is_done(shop: Shop) -> None:
    invoice = shop.sent()
    before = (shop.again(invoice), shop.events(), shop.books())

    page = text(staff(shop.caller).post(address("invoices", "void", invoice["id"]), {"reason": "Sent twice"}))

    assert "This is what it does" in page
    assert all(shown in page for shown in ("1,458.00", "1,350.00", "108.00", "Invoice voided"))
    assert (shop.again(invoice), shop.events(), shop.books()) == before


def test_what_is_confirmed_is_done_as_the_api_does_it(shop: Shop, globex: Caller) -> None:
    theirs = Shop(globex)
    theirs.customer(number="123456", name="Acme Corporation", currency="USD")
    by_api, by_page = theirs.sent(), shop.sent()
    theirs.post(f"/v1/invoices/{by_api['id']}/void", reason="Sent twice")

    done = staff(shop.caller).post(
        address("invoices", "void", by_page["id"]), {"reason": "Sent twice", "confirmed": "1"}
    )

    assert (done.status_code, done.url) == (
        302, reverse("admin:invoicing_invoice_change", args=(uuid_of(by_page["id"]),))
    )  # fmt: skip
    assert shop.again(by_page)["status"] == "void"
    assert shop.books() == theirs.books()
    assert shop.events() == theirs.events()


def test_a_refusal_is_shown_and_nothing_is_done(shop: Shop) -> None:
    invoice = shop.sent()
    shop.pay("1458.00", invoice_id=invoice["id"])
    before = (shop.again(invoice), shop.events(), shop.books())

    page = staff(shop.caller).post(
        address("invoices", "void", invoice["id"]), {"reason": "Sent twice", "confirmed": "1"}
    )

    assert page.status_code == 200
    assert 'role="alert"' in text(page)
    assert (shop.again(invoice), shop.events(), shop.books()) == before


def test_a_field_that_is_wrong_is_named(shop: Shop) -> None:
    invoice = shop.sent()

    page = text(
        staff(shop.caller).post(
            address("invoices", "void", invoice["id"]), {"reason": "", "date": "2024-02-30", "confirmed": "1"}
        )
    )

    assert page.count("This field is required.") == 1
    assert page.count("Enter a valid date.") == 1
    assert shop.again(invoice)["status"] == "sent"


def test_a_customer_is_made_and_changed(shop: Shop) -> None:
    browser = staff(shop.caller)
    made = browser.post(
        address("customers", "create"), {"name": "Harbor Hotels", "phone": "555 0100", "confirmed": "1"}
    )
    assert made.status_code == 302, faults(made)
    customer = shop.read("/v1/customers?search=Harbor")["data"][0]
    page = address("customers", "partial_update", customer["id"])
    assert 'value="Harbor Hotels"' in text(browser.get(page))

    as_shown = {name: value for name, value in customer.items() if isinstance(value, str)}
    browser.post(page, {**as_shown, "name": "Harbor Hotels Ltd", "phone": "", "confirmed": "1"})

    changed = shop.read(f"/v1/customers/{customer['id']}")
    assert (changed["name"], changed["phone"]) == ("Harbor Hotels Ltd", "")
    assert "customer.updated" in shop.events()


def test_a_role_that_may_not_write_is_refused(shop: Shop, acme_viewer: Caller) -> None:
    browser, page = staff(acme_viewer), address("customers", "create")

    assert browser.get(page).status_code == 403
    assert browser.post(page, {"name": "Harbor Hotels", "confirmed": "1"}).status_code == 403
    assert shop.read("/v1/customers?search=Harbor")["data"] == []


def test_no_page_shows_a_secret() -> None:
    assert ("oauth_applications", "create") not in operations()
    assert len(operations()) > 30
