"""send_credit_note: POST /v1/credit-notes/{id}/send."""

from __future__ import annotations

from django.core import mail

from bigledger.mail.delivery import deliver_next_mail
from tests.breaking import contents
from tests.conftest import Caller
from tests.sales import LINE, Shop


def path_of(shop: Shop, customer: str = "cust_123456") -> str:
    note = shop.post("/v1/credit-notes", customer_id=customer, lines=[LINE], date="2024-01-20", reason="Returned")
    return f"/v1/credit-notes/{note['id']}"


def test_it_is_mailed_with_its_pdf(shop: Shop) -> None:
    """10 hours at 150.00 less 10 % and plus 8 % are 1,458.00 of credit."""
    path = path_of(shop)
    sent = shop.post(f"{path}/send", cc=["boss@acme.example"])

    assert (sent["sent_to"], sent["delivery"]["status"]) == (["accounts@acme.com", "boss@acme.example"], "queued")
    assert deliver_next_mail(shop.caller.tenant)
    (message,) = mail.outbox
    assert message.subject == "Credit note CN-2024-001 from Acme"
    assert "Credit: $1,458.00" in str(message.body)
    name, content, media = message.attachments[0]
    assert (name, media, content[:5]) == ("CN-2024-001.pdf", "application/pdf", b"%PDF-")
    assert shop.read(path)["delivery"]["status"] == "sent"
    assert shop.events().count("credit_note.sent") == 1


def test_without_an_address_it_is_refused(shop: Shop) -> None:
    shop.customer(number="silent", email="")
    path = path_of(shop, "cust_silent")
    before = contents(shop.caller)

    refused = shop.caller.post(f"{path}/send")

    assert (refused.status, refused.error["details"][0]["rule"], refused.fields) == (422, "no_recipient", ["to"])
    assert contents(shop.caller) == before


def test_a_viewer_may_not(shop: Shop, acme_viewer: Caller) -> None:
    path = path_of(shop)
    before = contents(shop.caller)

    assert acme_viewer.post(f"{path}/send").status == 403
    assert contents(shop.caller) == before


def test_a_key_mails_it_once(shop: Shop) -> None:
    path = path_of(shop)
    first, again = (shop.caller.post(f"{path}/send", {}, idempotency_key="send") for _ in range(2))

    assert (first.status, again.text) == (200, first.text)
    assert shop.events().count("credit_note.sent") == 1
