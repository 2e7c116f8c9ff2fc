"""A mail is queued with the change that it tells of, and is what the API says of the delivery."""

from __future__ import annotations

import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction

from bigledger.celery import app
from bigledger.errors import ValidationFailed
from bigledger.mail import wake
from bigledger.mail.delivery import deliver_next_mail
from bigledger.mail.registry import mail_kinds, register
from bigledger.mail.services import queue_mail
from bigledger.mail.wake import wake_mails, wake_mails_on_commit
from bigledger.tenants.context import tenant_context
from invoicing.mails import INVOICE_MAIL
from tests.conftest import Caller
from tests.mail.conftest import delivery_of, mails_of, sent_to
from tests.sales import Shop


def test_sending_an_invoice_queues_its_mail_and_the_answer_says_so(shop: Shop) -> None:
    sent = sent_to(shop, "a@acme.com", cc=["boss@acme.com"])

    assert sent["delivery"] == {
        "status": "queued", "to": ["a@acme.com"], "cc": ["boss@acme.com"], "sent_at": None, "error": None,
    }  # fmt: skip
    assert mail.outbox == [], "nothing is mailed before the commit"
    assert deliver_next_mail(shop.caller.tenant) is True
    assert deliver_next_mail(shop.caller.tenant) is False
    delivery = delivery_of(shop, sent)
    assert (delivery["status"], delivery["error"], delivery["sent_at"] is not None) == ("sent", None, True)
    assert [message.to for message in mail.outbox] == [["a@acme.com"]]


def test_a_draft_and_an_invoice_without_an_address_have_no_delivery(shop: Shop) -> None:
    shop.customer(number="silent", email="")
    draft = shop.invoice("10.00", customer="cust_silent")
    sent = shop.send(draft, deliver=False)

    assert (draft["delivery"], sent["delivery"], sent["sent_to"], sent["status"]) == (None, None, [], "sent")
    assert mails_of(shop.caller) == []


def test_sending_again_mails_again_and_posts_nothing(shop: Shop) -> None:
    invoice = shop.sent()
    shop.post(f"/v1/invoices/{invoice['id']}/send", to=["other@acme.com"])

    assert [row.to for row in mails_of(shop.caller)] == [["accounts@acme.com"], ["other@acme.com"]]
    assert delivery_of(shop, invoice)["to"] == ["other@acme.com"]
    assert shop.events().count("invoice.sent") == 1
    assert shop.balance() == Decimal("1458.00")


def test_a_rehearsal_queues_nothing(shop: Shop) -> None:
    invoice = shop.invoice("10.00")
    shop.done(shop.caller.post(f"/v1/invoices/{invoice['id']}/send?validate_only=true"))

    assert mails_of(shop.caller) == []


def test_an_address_that_comes_twice_is_written_to_once(shop: Shop) -> None:
    sent = sent_to(shop, "a@acme.com", "A@acme.com", cc=["a@ACME.com", "b@acme.com"])

    assert (sent["delivery"]["to"], sent["delivery"]["cc"]) == (["a@acme.com"], ["b@acme.com"])


@pytest.mark.parametrize("address", ["a@b.c\r\nBcc: x@y.example", "nobody", "", '"\x01"@example.com', "a@b.c\n"])
@pytest.mark.parametrize("field", ["to", "cc", "reply_to"])
def test_an_invalid_address_is_refused_when_the_mail_is_queued(acme: Caller, address: str, field: str) -> None:
    given: dict[str, Any] = {"to": ["fine@example.com"], field: address if field == "reply_to" else [address]}
    if field == "reply_to" and not address:
        given["to"] = [""]
    with tenant_context(acme.tenant), pytest.raises(ValidationFailed):
        queue_mail(kind=INVOICE_MAIL, about_id=uuid.uuid4(), **given)
    assert mails_of(acme) == []


def test_reading_the_delivery_does_not_change_the_version(shop: Shop) -> None:
    sent = sent_to(shop, "a@acme.com")
    before = shop.caller.get(f"/v1/invoices/{sent['id']}").response["ETag"]
    deliver_next_mail(shop.caller.tenant)
    changed = shop.caller.patch(f"/v1/invoices/{sent['id']}", {"notes": "x"}, if_match=before)

    assert changed.status == 200, changed.text


def test_a_kind_is_registered_once_and_has_a_description() -> None:
    assert {kind.name for kind in mail_kinds()} >= {"invoice", "payment_receipt", "invitation", "endpoint_disabled"}
    assert all(kind.description and kind.about for kind in mail_kinds())
    with pytest.raises(ValueError, match="invoice is registered twice"):
        register(INVOICE_MAIL)


def test_one_wake_up_lies_in_the_broker_however_many_mails_are_queued(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake, "_next_at", 0.0)
    folder = Path(settings.BIGLEDGER_HOME) / "broker"
    with transaction.atomic():
        wake_mails_on_commit()
        wake_mails_on_commit()
        assert len(transaction.get_connection().run_on_commit) == 1
    wake_mails()

    waiting = [file for file in folder.iterdir() if "mails" in file.name and "mail.deliver" in file.read_text()]
    assert len(waiting) == 1
    waiting[0].unlink()


def test_a_broker_that_is_away_fails_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "_next_at", 0.0)

    def away(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(app.producer_pool, "acquire", away)
    wake_mails()
    assert wake._next_at > 0
