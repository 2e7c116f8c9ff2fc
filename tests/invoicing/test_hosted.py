"""The public page of an invoice."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.sales import NUMBERS, Shop


@pytest.fixture
def page() -> Client:
    """A customer's browser: it has no credential."""
    return Client()


def path_of(invoice: Any) -> str:
    return "/i/" + invoice["hosted_url"].rsplit("/", 1)[1]


def test_the_page_shows_the_invoice_and_the_first_look_is_recorded(shop: Shop, page: Client) -> None:
    invoice = shop.sent()
    opened = page.get(path_of(invoice))

    assert opened.status_code == 200
    text = opened.content.decode()
    assert "Invoice INV-" in text and "Acme Corporation" in text and "$1,458.00" in text
    assert opened["Cache-Control"].startswith("max-age=0") and opened["Referrer-Policy"] == "same-origin"
    page.get(path_of(invoice))
    assert shop.events().count("invoice.viewed") == 1
    assert shop.again(invoice)["viewed_at"] is not None


def test_the_pdf_can_be_downloaded(shop: Shop, page: Client) -> None:
    pdf = page.get(path_of(shop.sent()) + "/pdf")

    assert (pdf.status_code, pdf["Content-Type"]) == (200, "application/pdf")
    assert pdf.content.startswith(b"%PDF-")


@pytest.mark.parametrize("token", ["x", "A" * 43, "é" * 43, "A" * 44])
def test_an_invalid_link_is_not_found(shop: Shop, page: Client, token: str) -> None:
    assert page.get(f"/i/{token}").status_code == 404
    assert page.get(f"/i/{token}/pdf").status_code == 404


def test_a_draft_has_no_page(shop: Shop, page: Client) -> None:
    draft = shop.invoice()
    assert draft["hosted_url"] is None
    sent = shop.send(draft)
    shop.post(f"/v1/invoices/{sent['id']}/void", reason="Twice")
    assert "Void" in page.get(path_of(sent)).content.decode()


def test_a_test_card_pays_and_a_declined_one_says_why(shop: Shop, page: Client) -> None:
    invoice = shop.sent()
    declined = page.post(path_of(invoice), {"number": NUMBERS["0002"], "expiry": "12/30", "cvc": "123"})
    assert declined.status_code == 402
    assert "The card was declined." in declined.content.decode()
    assert shop.again(invoice)["status"] == "sent"

    paid = page.post(path_of(invoice), {"number": NUMBERS["4242"], "expiry": "12/30", "cvc": "123"})
    assert (paid.status_code, paid["Location"]) == (302, path_of(invoice))
    assert shop.again(invoice)["status"] == "paid"
    assert "This invoice is paid" in page.get(path_of(invoice)).content.decode()
    assert page.post(path_of(invoice), {"number": NUMBERS["4242"], "expiry": "12/30"}).status_code == 402
    assert shop.events().count("payment.received") == 1


@pytest.mark.parametrize("expiry", ["", "13/30", "1230", "a/b", "12/30/1", "12/99999"])
def test_a_wrong_expiry_date_is_reported(shop: Shop, page: Client, expiry: str) -> None:
    answer = page.post(path_of(shop.sent()), {"number": NUMBERS["4242"], "expiry": expiry})
    assert (answer.status_code, "MM/YY" in answer.content.decode()) == (402, True)


def test_a_post_without_the_csrf_token_is_refused(shop: Shop) -> None:
    careful = Client(enforce_csrf_checks=True)
    invoice = shop.sent()
    assert careful.post(path_of(invoice), {"number": NUMBERS["4242"], "expiry": "12/30"}).status_code == 403
    assert shop.again(invoice)["status"] == "sent"


def test_the_customers_name_is_not_markup(shop: Shop, page: Client) -> None:
    shop.customer(number="evil", name="<script>alert(1)</script>")
    text = page.get(path_of(shop.sent(customer="cust_evil"))).content.decode()
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)" in text
