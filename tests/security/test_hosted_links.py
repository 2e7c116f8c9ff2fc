"""A hosted link is held by strangers: what it costs them to open it, to try cards at it, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from bigledger.access.limits import unauthenticated
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller
from tests.sales import NUMBERS, Shop

DECLINED = {"number": NUMBERS["0002"], "expiry": "12/30", "cvc": "123"}
GOOD = DECLINED | {"number": NUMBERS["4242"]}


def path_of(invoice: Any) -> str:
    return "/i/" + invoice["hosted_url"].rsplit("/", 1)[1]


def customer_path(shop: Shop, customer: str = "cust_123456") -> str:
    found: str = shop.read(f"/v1/customers/{customer}")["hosted_url"]
    return "/c/" + found.rsplit("/", 1)[1]


def _chosen(invoice: Any) -> dict[str, str]:
    return {"invoice": f"{invoice['id']} {invoice['amount_due']}"}


def _payments(shop: Shop) -> int:
    total: int = shop.read("/v1/payments")["meta"]["total"]
    return total


def test_a_storm_of_declined_cards_ends_at_its_link(shop: Shop) -> None:
    invoice = shop.sent()
    statuses = [Client(REMOTE_ADDR=f"198.51.100.{n}").post(path_of(invoice), DECLINED).status_code for n in range(14)]
    assert statuses == [402] * 10 + [429] * 4
    assert _payments(shop) == 10
    assert shop.events().count("payment.failed") == 10

    refused = Client(REMOTE_ADDR="198.51.100.99").post(path_of(invoice), GOOD)
    assert (refused.status_code, "Too many cards were tried" in refused.content.decode()) == (429, True)
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert shop.again(invoice)["status"] == "sent", "not with a good one either"


def test_one_address_tries_so_many_cards_whatever_the_link(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unauthenticated, "DECLINED_RATE", "3/h")
    stranger = Client(REMOTE_ADDR="203.0.113.5")
    invoices = [shop.sent("1.00") for _ in range(5)]
    assert [stranger.post(path_of(invoice), DECLINED).status_code for invoice in invoices] == [402] * 3 + [429] * 2
    assert _payments(shop) == 3
    assert Client(REMOTE_ADDR="203.0.113.6").post(path_of(invoices[0]), GOOD).status_code == 302


def test_successful_payments_are_not_counted_by_address(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unauthenticated, "DECLINED_RATE", "3/h")
    office = Client(REMOTE_ADDR="203.0.113.7")
    assert [office.post(path_of(shop.sent("1.00")), GOOD).status_code for _ in range(5)] == [302] * 5


def test_a_wrong_date_is_no_attempt(shop: Shop) -> None:
    invoice = shop.sent()
    stranger = Client(REMOTE_ADDR="203.0.113.8")
    for _ in range(12):
        assert stranger.post(path_of(invoice), GOOD | {"expiry": "13/30"}).status_code == 402
    assert stranger.post(path_of(invoice), GOOD).status_code == 302


@pytest.mark.parametrize("part", ["", "/pdf"])
def test_openings_are_counted_by_address_and_by_link(shop: Shop, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    invoice = shop.sent()
    monkeypatch.setattr(unauthenticated, "OPENING_RATE", "3/m")
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    guesses = [stranger.get(f"/i/{'A' * 42}{n}{part}").status_code for n in range(5)]
    assert guesses == [404] * 3 + [429] * 2
    refused = stranger.get(path_of(invoice) + part)
    assert (refused.status_code, refused["Content-Type"][:9]) == (429, "text/html")
    assert "Try again in" in refused.content.decode()

    monkeypatch.setattr(unauthenticated, "OPENING_RATE", "300/m")
    monkeypatch.setattr(unauthenticated, "LINK_RATE", "2/m")
    opened = [Client(REMOTE_ADDR=f"192.0.2.{n}").get(path_of(invoice) + part).status_code for n in range(4)]
    assert opened == [200, 200, 429, 429]


def test_a_link_that_is_made_anew_leaves_nothing_behind_the_old_one(shop: Shop) -> None:
    invoice = shop.sent()
    old = path_of(invoice)
    issued, current = (f"/v1/invoices/{invoice['id']}/pdf{part}" for part in ("", "/current"))
    before = [shop.caller.get(path).response.content for path in (issued, current)]
    rotated = shop.post(f"/v1/invoices/{invoice['id']}/rotate-link")

    assert path_of(rotated) != old
    stranger = Client(REMOTE_ADDR="203.0.113.10")
    assert [stranger.get(old).status_code, stranger.get(old + "/pdf").status_code] == [404, 404]
    assert stranger.post(old, GOOD).status_code == 404
    assert stranger.get(path_of(rotated)).status_code == 200
    assert shop.caller.get(issued).response.content == before[0], "what was issued stays, its link is dead"
    assert shop.caller.get(current).response.content != before[1], "the current document has the new link"
    assert shop.events().count("invoice.updated") == 1
    assert shop.again(invoice)["hosted_url"] == rotated["hosted_url"]
    assert rotated["updated_at"] > invoice["updated_at"]


def test_rotating_a_link_requires_the_right_to_write_invoices(shop: Shop, acme_viewer: Caller, globex: Caller) -> None:
    invoice = shop.sent()
    path = f"/v1/invoices/{invoice['id']}/rotate-link"
    assert (acme_viewer.post(path).status, globex.post(path).status) == (403, 404)
    draft = shop.invoice()
    refused = shop.caller.post(f"/v1/invoices/{draft['id']}/rotate-link")
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "invoice_not_issued")
    with tenant_context(shop.caller.tenant):
        tokens = fetch_all("SELECT hosted_token FROM invoicing_invoice WHERE number = %s", [invoice["number"]])
    assert tokens == [(invoice["hosted_url"].rsplit("/", 1)[1],)]


def test_the_page_has_neither_script_nor_style_of_its_own(shop: Shop) -> None:
    text = Client(REMOTE_ADDR="203.0.113.11").get(path_of(shop.sent())).content.decode()
    for forbidden in ("<script", "<style", "style=", " onclick=", "javascript:"):
        assert forbidden not in text
    for wanted in ('autocomplete="cc-number"', 'autocomplete="cc-exp"', 'autocomplete="cc-csc"', "hosted.css"):
        assert wanted in text


def test_the_page_of_a_customer_has_the_same_limits(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    path, chosen = customer_path(shop), _chosen(shop.sent())
    tries = [Client(REMOTE_ADDR=f"198.51.100.{n}").post(path, DECLINED | chosen).status_code for n in range(12)]
    assert tries == [402] * 10 + [429] * 2
    refused = Client(REMOTE_ADDR="198.51.100.99").post(path, GOOD | chosen)
    assert (refused.status_code, "Too many cards were tried" in refused.content.decode()) == (429, True)
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert _payments(shop) == 10, "all of them declined"

    path = customer_path(shop, shop.customer()["id"])
    monkeypatch.setattr(unauthenticated, "LINK_RATE", "3/m")
    parts = ["", "/logo", "/receipts/pay_x", "", "/logo", "/receipts/pay_x"]
    opened = [Client(REMOTE_ADDR=f"192.0.2.{n}").get(path + part).status_code for n, part in enumerate(parts)]
    assert opened == [200, 404, 404, 429, 429, 429]

    monkeypatch.setattr(unauthenticated, "OPENING_RATE", "3/m")
    stranger = Client(REMOTE_ADDR="203.0.113.20")
    assert [stranger.get(f"/c/{'A' * 42}{n}").status_code for n in range(5)] == [404] * 3 + [429] * 2


def test_a_customers_link_is_made_anew(shop: Shop, acme_viewer: Caller, globex: Caller) -> None:
    old, invoice = customer_path(shop), shop.sent()
    rotate = "/v1/customers/cust_123456/rotate-link"
    assert (acme_viewer.post(rotate).status, globex.post(rotate).status) == (403, 404)
    assert customer_path(shop) == old
    rotated = shop.post(rotate)

    assert rotated["hosted_url"] == shop.read("/v1/customers/cust_123456")["hosted_url"]
    stranger = Client(REMOTE_ADDR="203.0.113.21")
    assert stranger.get(old).status_code == 404
    assert stranger.post(old, GOOD | _chosen(invoice)).status_code == 404
    assert stranger.get(customer_path(shop)).status_code == 200
    assert "customer.updated" in shop.events()
    assert shop.again(invoice)["status"] == "sent"


def test_the_link_of_an_invoice_does_not_lead_to_the_others(shop: Shop) -> None:
    """A link to one invoice is passed on to people who may not see all of them."""
    text = Client(REMOTE_ADDR="203.0.113.22").get(path_of(shop.sent())).content.decode()
    assert "/c/" not in text


def test_the_page_of_a_customer_has_neither_script_nor_style_in_it(shop: Shop) -> None:
    shop.sent()
    text = Client(REMOTE_ADDR="203.0.113.23").get(customer_path(shop)).content.decode()
    assert text.count("<script") == 1 and '<script type="module" src="/static/invoicing/customer' in text
    for forbidden in ("<style", "style=", " onclick=", "javascript:"):
        assert forbidden not in text
