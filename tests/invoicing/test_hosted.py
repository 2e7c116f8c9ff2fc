"""The public page of an invoice, and the mail that brings its link."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from bigledger.tenants.context import tenant_context
from invoicing.models import InvoiceMail
from invoicing.services.mails import deliver_next_mail
from invoicing.tasks import deliver_mails
from tests.conftest import make_tenant
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
def test_a_link_that_is_none_is_not_found(shop: Shop, page: Client, token: str) -> None:
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
def test_a_wrong_expiry_date_is_said(shop: Shop, page: Client, expiry: str) -> None:
    answer = page.post(path_of(shop.sent()), {"number": NUMBERS["4242"], "expiry": expiry})
    assert (answer.status_code, "MM/YY" in answer.content.decode()) == (402, True)


def test_a_post_without_the_csrf_token_is_refused(shop: Shop) -> None:
    careful = Client(enforce_csrf_checks=True)
    invoice = shop.sent()
    assert careful.post(path_of(invoice), {"number": NUMBERS["4242"], "expiry": "12/30"}).status_code == 403
    assert shop.again(invoice)["status"] == "sent"


def test_what_the_customer_is_called_is_not_markup(shop: Shop, page: Client) -> None:
    shop.customer(number="evil", name="<script>alert(1)</script>")
    text = page.get(path_of(shop.sent(customer="cust_evil"))).content.decode()
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_sending_mails_the_pdf_and_the_link(shop: Shop) -> None:
    invoice = shop.invoice()
    body = {"cc": ["boss@acme.com"], "message": "See you soon"}
    sent = shop.done(shop.caller.post(f"/v1/invoices/{invoice['id']}/send", body))
    assert mail.outbox == [], "nothing is mailed before the commit"
    with tenant_context(shop.caller.tenant):
        assert deliver_next_mail() is True
        assert deliver_next_mail() is False

    (message,) = mail.outbox
    assert (message.to, message.cc) == (["accounts@acme.com"], ["boss@acme.com"])
    assert message.subject == f"Invoice {invoice['number']} from Acme"
    assert sent["hosted_url"] in message.body and "$1,458.00" in message.body and "See you soon" in message.body
    name, content, media = message.attachments[0]
    assert (name, media) == (f"{invoice['number']}.pdf", "application/pdf")
    assert content.startswith(b"%PDF-")


def test_sending_again_mails_again_and_posts_nothing(shop: Shop) -> None:
    invoice = shop.sent()
    shop.done(shop.caller.post(f"/v1/invoices/{invoice['id']}/send", {"to": ["other@acme.com"]}))

    with tenant_context(shop.caller.tenant):
        assert list(InvoiceMail.objects.order_by("id").values_list("to", flat=True)) == [
            ["accounts@acme.com"],
            ["other@acme.com"],
        ]
    assert shop.events().count("invoice.sent") == 1
    assert shop.balance() == Decimal("1458.00")


def test_a_mail_that_fails_waits_and_is_tried_again(
    committed: None, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    at("2024-01-01T12:00:00+00:00")
    shop = Shop(make_tenant("Mailed"))
    shop.customer(number="123456", email="mailed@example.com")
    shop.sent("10.00")

    def refuse(self: EmailBackend, messages: Any) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        deliver_mails()
        at("2024-01-01T12:00:30+00:00")
        deliver_mails()
    with tenant_context(shop.caller.tenant):
        assert (InvoiceMail.objects.get().attempts, mail.outbox) == (1, [])
    at("2024-01-01T12:01:01+00:00")
    deliver_mails()
    deliver_mails()
    mine = [message.to for message in mail.outbox if message.to == ["mailed@example.com"]]
    assert len(mine) == 1, "once, whatever other tenants have waiting"
