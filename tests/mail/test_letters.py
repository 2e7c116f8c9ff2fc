"""What each kind of mail says, in text and HTML, and who it says it is from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client, override_settings

from bigledger import ids
from bigledger.mail.delivery import deliver_next_mail
from bigledger.tenants.models import Tenant
from tests.conftest import Caller
from tests.mail.conftest import mails_of, sent_to
from tests.sales import NUMBERS, Shop


def delivered(caller: Caller) -> Any:
    while deliver_next_mail(caller.tenant):
        pass
    return mail.outbox[-1]


def html(message: Any) -> str:
    (part,) = message.alternatives
    assert part[1] == "text/html"
    return str(part[0])


def test_an_invoice(shop: Shop) -> None:
    invoice = shop.sent(invoice_date="2024-01-15", due_date="2024-02-15")
    message = delivered(shop.caller)

    assert message.subject == f"Invoice {invoice['number']} from Acme"
    assert message.from_email == "Acme via BigLedger <no-reply@localhost>"
    assert (message.to, message.cc, message.reply_to) == (["accounts@acme.com"], [], [])
    for text in (message.body, html(message)):
        for said in (invoice["hosted_url"], "$1,458.00", "Due 15 February 2024", invoice["number"]):
            assert said in text
        assert text.count("Dear Acme Corporation,") == 1
        assert "please find" not in text
    name, content, media = message.attachments[0]
    assert (name, media) == (f"{invoice['number']}.pdf", "application/pdf")
    assert content.startswith(b"%PDF-")


def test_a_message_of_the_senders_own_is_the_only_greeting(shop: Shop) -> None:
    sent_to(shop, "a@acme.com", message="Hello Dana,\n\nSee you soon.\nBest,\nMaria")
    message = delivered(shop.caller)

    assert "Hello Dana,\n\nSee you soon.\nBest,\nMaria\n" in message.body
    assert "Dear" not in message.body
    assert "See you soon.<br>Best,<br>Maria" in html(message)


def test_an_invoice_paid_meanwhile_asks_for_nothing(shop: Shop) -> None:
    invoice = shop.sent("10.00")
    shop.pay("10.00", invoice_id=invoice["id"])
    message = delivered(shop.caller)

    assert "Amount due" not in message.body
    assert "Total: $10.00\nPaid in full. Thank you." in message.body


def test_a_partially_paid_invoice_shows_the_amount_due(shop: Shop) -> None:
    invoice = shop.sent("10.00")
    shop.pay("4.00", invoice_id=invoice["id"])

    assert "Amount due: $6.00" in delivered(shop.caller).body
    assert "Total: $10.00" in mail.outbox[-1].body


def test_a_payment_on_the_hosted_page_gets_a_receipt(shop: Shop) -> None:
    invoice = sent_to(shop, "payer@acme.com")
    delivered(shop.caller)
    card = {"number": NUMBERS["4242"], "expiry": "12/30", "cvc": "123"}
    path = "/i/" + invoice["hosted_url"].rsplit("/", 1)[1]
    Client().post(path, card | {"number": NUMBERS["0002"]})
    assert Client().post(path, card).status_code == 302
    message = delivered(shop.caller)

    assert len(mail.outbox) == 2, "a declined card has no receipt"
    assert (message.to, message.subject) == (["payer@acme.com"], f"Receipt for {invoice['number']} from Acme")
    for text in (message.body, html(message)):
        assert "$10.00" in text and "Visa ending in 4242" in text and invoice["hosted_url"] in text


def test_a_payment_that_a_clerk_enters_has_a_receipt_unless_told_otherwise(shop: Shop) -> None:
    invoice = shop.sent("10.00")
    silent = shop.pay("4.00", invoice_id=invoice["id"])
    paid = shop.pay("6.00", invoice_id=invoice["id"], date="2024-03-01", send_receipt=True)

    assert [(row.kind, row.about_id) for row in mails_of(shop.caller)[1:]] == [
        ("payment_receipt", ids.decode("pay", paid["id"]))
    ]
    assert (silent["delivery"], paid["delivery"]["status"]) == (None, "queued")
    message = delivered(shop.caller)
    assert (message.to, "Amount paid: $6.00" in message.body) == (["accounts@acme.com"], True)
    name, content, media = message.attachments[0]
    assert (name, media, content[:5]) == (f"receipt-{paid['number']}.pdf", "application/pdf", b"%PDF-")
    assert shop.read(f"/v1/payments/{paid['id']}")["delivery"]["status"] == "sent"


def test_a_receipt_is_not_stopped_by_the_cap(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    invoice = shop.sent("10.00")
    monkeypatch.setattr(Tenant, "plan", "free")
    card = {"number": NUMBERS["4242"], "expiry": "12/30", "cvc": "123"}
    with override_settings(MAIL_RECIPIENTS_PER_DAY={"free": 0}):
        Client().post("/i/" + invoice["hosted_url"].rsplit("/", 1)[1], card)

    assert shop.again(invoice)["amount_due"] == Decimal(0)


def test_an_invitation(acme: Caller) -> None:
    acme.post("/v1/invitations", {"email": "clara@example.com", "role": "accountant"}, host="evil.example")
    message = delivered(acme)

    assert (message.subject, message.to) == ("Join Acme on BigLedger", ["clara@example.com"])
    assert message.from_email == "BigLedger <no-reply@localhost>"
    assert "owner@acme.example has invited you to join Acme" in message.body
    assert "as an accountant" in message.body
    assert "You will work in the back office" in message.body
    for text in (message.body, html(message)):
        assert f"{settings.PUBLIC_URL}/invitations/" in text
        assert "evil.example" not in text


def test_a_long_name_is_no_letter(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    acme.patch("/v1/tenant", {"name": "You have won a prize. " * 9})
    monkeypatch.setattr(acme.tenant, "name", "You have won a prize. " * 9)
    acme.post("/v1/invitations", {"email": "clara@example.com", "role": "viewer"})

    assert len(delivered(acme).subject) < 85


def test_answers_go_to_the_tenant_once_it_has_an_address(shop: Shop) -> None:
    shop.done(shop.caller.patch("/v1/tenant", {"email": "books@acme.example"}))
    shop.sent()
    assert deliver_next_mail(Tenant.objects.get(pk=shop.caller.tenant.pk))

    assert mail.outbox[-1].reply_to == ["books@acme.example"]


def test_the_invoice_is_made_when_it_leaves(shop: Shop) -> None:
    invoice = shop.sent(invoice_date="2024-01-15", due_date="2024-02-15")
    shop.done(shop.caller.patch(f"/v1/invoices/{invoice['id']}", {"due_date": "2024-03-01"}))

    assert "Due 1 March 2024" in delivered(shop.caller).body


def test_a_mail_in_the_sandbox_is_a_file_of_its_own(shop: Shop, tmp_path: Any) -> None:
    files = {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": str(tmp_path)}
    shop.sent("10.00")
    sent_to(shop, "b@acme.com")
    with override_settings(**files):
        while deliver_next_mail(shop.caller.tenant):
            pass

    texts = [path.read_text() for path in tmp_path.iterdir()]
    assert len(texts) == 2
    assert all("Content-Type: text/html" in text and "application/pdf" in text for text in texts)
