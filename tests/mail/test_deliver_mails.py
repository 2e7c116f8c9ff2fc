"""The job: one mail is never another one's business, whatever becomes of it."""

from __future__ import annotations

import datetime
import itertools
import smtplib
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.template import TemplateSyntaxError
from django.test import Client, override_settings

import invoicing.mails
from bigledger import clock
from bigledger.mail import delivery
from bigledger.mail.delivery import MAX_ATTEMPTS, WAITS, deliver_mails, deliver_next_mail
from bigledger.mail.models import Mail
from bigledger.tenants.context import tenant_context
from bigledger.typesetting.render import PdfFailed
from tests.conftest import Caller, make_tenant, number_events
from tests.mail.conftest import delivery_of, mails_of, sent_to
from tests.mail.smtp_server import Post
from tests.sales import NUMBERS, Shop

FAULTS = [
    PdfFailed("too large"), TemplateSyntaxError("{% x"), OSError("no such file"), MemoryError(),
    RuntimeError("secret-of-the-house"), KeyError("x"), UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"),
]  # fmt: skip


def mailed_to(*addresses: str) -> list[str]:
    return [one for message in mail.outbox for one in message.to if one in addresses]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_mail_that_cannot_be_made_keeps_nothing_waiting(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """F2: it is counted and moved back; the same tenant's and another tenant's mails leave in the same run."""
    other = Shop(make_tenant(f"O{committed_shop.caller.tenant.name}"))
    other.customer(number="123456", email="")
    broken = sent_to(committed_shop, "broken@example.com")
    fine = sent_to(committed_shop, "fine@example.com")
    theirs = sent_to(other, "theirs@example.com")
    made = invoicing.mails._pdf

    def pdf(invoice: Any) -> bytes:
        if invoice.public_id == broken["id"]:
            raise fault
        return made(invoice)

    monkeypatch.setattr(invoicing.mails, "_pdf", pdf)
    deliver_mails()
    deliver_mails()

    assert sorted(mailed_to("broken@example.com", "fine@example.com", "theirs@example.com")) == [
        "fine@example.com", "theirs@example.com",
    ]  # fmt: skip
    assert delivery_of(committed_shop, fine)["status"] == delivery_of(other, theirs)["status"] == "sent"
    row = mails_of(committed_shop.caller)[0]
    assert (row.state, row.attempts, row.last_error) == ("waiting", 1, "The mail could not be created.")
    assert row.next_attempt_at > row.created_at + datetime.timedelta(seconds=45)


def test_a_worker_that_dies_in_the_middle_has_counted_its_attempt(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_to(committed_shop, "dies@example.com")

    def die(invoice: Any) -> bytes:
        raise SystemExit(137)

    monkeypatch.setattr(invoicing.mails, "_pdf", die)
    with pytest.raises(SystemExit):
        deliver_next_mail(committed_shop.caller.tenant)
    monkeypatch.undo()

    assert [row.attempts for row in mails_of(committed_shop.caller)] == [1]
    assert deliver_next_mail(committed_shop.caller.tenant) is False, "moved back"


def test_a_mail_that_takes_too_long_is_interrupted(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    invoice = sent_to(committed_shop, "slow@example.com")
    monkeypatch.setattr(delivery, "MAIL_SECONDS", 0.2)

    def slow(invoice: Any) -> bytes:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                time.sleep(0.01)
            except Exception:  # noqa: BLE001, S112 - as a careless library does
                continue
        raise AssertionError("nobody interrupted it")

    monkeypatch.setattr(invoicing.mails, "_pdf", slow)
    assert deliver_next_mail(committed_shop.caller.tenant) is True

    assert delivery_of(committed_shop, invoice)["error"] == "The mail took too long and was interrupted."


def test_it_waits_longer_each_time_and_is_set_aside_after_three_days(
    shop: Shop, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    at("2024-01-01T12:00:00+00:00")
    invoice = sent_to(shop, "never@example.com")
    monkeypatch.setattr(invoicing.mails, "_pdf", lambda invoice: 1 / 0)
    moments = []
    while mails_of(shop.caller)[0].state == "waiting":
        moments.append(mails_of(shop.caller)[0].next_attempt_at)
        at(moments[-1].isoformat())
        assert deliver_next_mail(shop.caller.tenant) is True
        assert deliver_next_mail(shop.caller.tenant) is False
        assert len(moments) <= MAX_ATTEMPTS

    waits = [(after - before).total_seconds() for before, after in itertools.pairwise(moments)]
    assert len(moments) == MAX_ATTEMPTS
    assert all(0.8 * wait <= waited <= max(1.2 * wait, 66) for wait, waited in zip(WAITS, waits, strict=True))
    assert 2.4 < (moments[-1] - moments[0]).total_seconds() / 86_400 < 3.6
    found = delivery_of(shop, invoice)
    assert (found["status"], found["error"], found["sent_at"]) == ("failed", "The mail could not be created.", None)
    number_events(shop.caller)
    (event,) = shop.caller.get("/v1/events?type=mail.failed").body["data"]
    assert event["actor"] == "system:mail"
    assert (event["data"]["mail"]["about_id"], event["data"]["mail"]["to"]) == (invoice["id"], ["never@example.com"])
    assert mail.outbox == []


def test_a_failed_mail_can_be_sent_anew(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    invoice = sent_to(shop, "anew@example.com")
    with tenant_context(shop.caller.tenant):
        Mail.objects.update(state="failed", last_error="x")
    shop.send(invoice)
    deliver_next_mail(shop.caller.tenant)

    assert delivery_of(shop, invoice)["status"] == "sent"


# -- what a server says -----------------------------------------------------------------------------------


def test_a_server_takes_the_mail(post: Post, shop: Shop) -> None:
    invoice = sent_to(shop, "a@acme.com", cc=["b@acme.com"])
    deliver_next_mail(shop.caller.tenant)

    ((recipients, message),) = post.received
    assert recipients == ["a@acme.com", "b@acme.com"]
    assert message["Message-ID"] == f"<{mails_of(shop.caller)[0].public_id}@localhost>"
    kinds = [part.get_content_type() for part in message.walk()]
    assert {"text/plain", "text/html", "application/pdf"} <= set(kinds)
    assert delivery_of(shop, invoice)["status"] == "sent"


def test_a_refused_recipient_is_set_aside_at_once(post: Post, shop: Shop) -> None:
    post.refuse = {"gone@acme.com": "550 5.1.1 no such user, see https://mail.example/secret"}
    invoice = sent_to(shop, "gone@acme.com")
    deliver_next_mail(shop.caller.tenant)

    found = delivery_of(shop, invoice)
    assert found["status"] == "failed"
    assert found["error"] == "The mail server refused gone@acme.com: 550 5.1.1 no such user, see …"


def test_one_refused_recipient_is_reported_and_the_other_gets_the_mail(post: Post, shop: Shop) -> None:
    post.refuse = {"gone@acme.com": "550 no such user"}
    invoice = sent_to(shop, "here@acme.com", "gone@acme.com")
    deliver_next_mail(shop.caller.tenant)

    found = delivery_of(shop, invoice)
    assert (found["status"], found["error"]) == ("sent", "The mail server refused gone@acme.com: 550 no such user")
    assert [recipients for recipients, _ in post.received] == [["here@acme.com"]]


@pytest.mark.parametrize(
    ("refuse", "data", "status"),
    [
        ({"a@acme.com": "450 mailbox busy"}, "", "queued"),
        ({}, "451 try later", "queued"),
        ({}, "554 spam", "failed"),
    ],
)
def test_a_passing_refusal_is_tried_again_and_a_lasting_one_is_not(
    post: Post, shop: Shop, refuse: dict[str, str], data: str, status: str
) -> None:
    post.refuse, post.refuse_data = refuse, data
    invoice = sent_to(shop, "a@acme.com")
    deliver_next_mail(shop.caller.tenant)

    assert delivery_of(shop, invoice)["status"] == status
    assert post.received == []


def test_a_server_that_says_nothing_costs_its_timeout_and_no_more(post: Post, shop: Shop) -> None:
    post.silent = True
    invoice = sent_to(shop, "a@acme.com")
    began = time.monotonic()
    deliver_next_mail(shop.caller.tenant)

    assert time.monotonic() - began < 15
    found = delivery_of(shop, invoice)
    assert (found["status"], found["error"]) == ("queued", "The mail server could not be reached.")


def test_the_error_holds_nothing_of_the_exception(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = [
        smtplib.SMTPAuthenticationError(535, b"bad password hunter2"), smtplib.SMTPSenderRefused(550, b"hunter2", "x"),
        smtplib.SMTPServerDisconnected("hunter2"), ConnectionRefusedError("hunter2"), ValueError("hunter2"),
    ]  # fmt: skip
    sent_to(shop, "a@acme.com")
    for fault in faults:

        def refuse(*_: Any, fault: Exception = fault) -> int:
            raise fault

        with tenant_context(shop.caller.tenant):
            Mail.objects.update(next_attempt_at="2020-01-01T00:00:00Z", attempts=0)
        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        assert deliver_next_mail(shop.caller.tenant) is True
        (row,) = mails_of(shop.caller)
        assert row.state == "waiting", "a server that is set up wrongly loses no mail"
        assert row.last_error
        assert "hunter2" not in row.last_error


# -- compared with the present -----------------------------------------------------------------------------


def test_the_mail_of_a_voided_invoice_is_cancelled(shop: Shop) -> None:
    invoice = sent_to(shop, "void@example.com")
    shop.post(f"/v1/invoices/{invoice['id']}/void", reason="Twice")
    assert deliver_next_mail(shop.caller.tenant) is True

    assert (delivery_of(shop, invoice)["status"], mail.outbox) == ("cancelled", [])


def test_the_mail_of_a_withdrawn_or_replaced_invitation_is_cancelled(acme: Caller) -> None:
    for address in ("one@example.com", "one@example.com", "two@example.com"):
        made = acme.post("/v1/invitations", {"email": address, "role": "viewer"})
    acme.delete(f"/v1/invitations/{made.body['id']}")
    while deliver_next_mail(acme.tenant):
        pass

    assert [row.state for row in mails_of(acme)] == ["cancelled", "sent", "cancelled"]
    assert [message.to for message in mail.outbox] == [["one@example.com"]]
    assert [row.encrypted_secret for row in mails_of(acme)] == [None] * 3


def test_a_fully_refunded_payment_has_no_receipt(shop: Shop) -> None:
    invoice = shop.sent()
    deliver_next_mail(shop.caller.tenant)
    mail.outbox.clear()
    paid = {"number": NUMBERS["4242"], "expiry": "12/30", "cvc": "123"}
    assert Client().post("/i/" + invoice["hosted_url"].rsplit("/", 1)[1], paid).status_code == 302
    payment = shop.read("/v1/payments")["data"][0]
    shop.post(f"/v1/payments/{payment['id']}/refund", amount=Decimal("1458.00"), reason="Mistake")
    assert deliver_next_mail(shop.caller.tenant) is True

    assert mail.outbox == []


# -- turns -------------------------------------------------------------------------------------------------


def test_tenants_take_turns(committed: None, monkeypatch: pytest.MonkeyPatch, cast: Any) -> None:
    """One with many mails does not keep another waiting for more than a turn."""
    monkeypatch.setattr(delivery, "MAILS_PER_TURN", 2)
    deliver_mails()
    mail.outbox.clear()
    shops = [Shop(make_tenant(f"Turn{number}{time.time_ns()}")) for number in range(3)]
    for shop, count in zip(shops, (5, 1, 3), strict=True):
        shop.customer(number="123456", email="")
        for _ in range(count):
            sent_to(shop, f"{shop.caller.tenant.name.lower()}@example.com")
    deliver_mails()

    order = [message.to[0] for message in mail.outbox]
    names = [f"{shop.caller.tenant.name.lower()}@example.com" for shop in shops]
    assert sorted(order) == sorted(names[:1] * 5 + names[1:2] + names[2:] * 3)
    first = order.index(names[1])
    assert order[:first].count(names[0]) <= 2
    assert order[:first].count(names[2]) <= 2
    assert order.index(names[2]) <= 3


def test_the_next_run_begins_where_the_last_one_was_cut_off(
    committed: None, monkeypatch: pytest.MonkeyPatch, cast: Any
) -> None:
    deliver_mails()
    mail.outbox.clear()
    shops = [Shop(make_tenant(f"Cut{number}{time.time_ns()}")) for number in range(3)]
    for shop in shops:
        shop.customer(number="123456", email="")
        sent_to(shop, f"{shop.caller.tenant.name.lower()}@example.com")
    served = []
    for _ in shops:
        turns: list[Any] = []
        turn = delivery._turn

        def one_turn(tenant: Any, deadline: float, turn: Any = turn, turns: list[Any] = turns) -> int:
            turns.append(tenant.pk)
            tried: int = turn(tenant, time.monotonic() + 60)
            return tried

        monkeypatch.setattr(delivery, "_turn", one_turn)
        deliver_mails(run_seconds=0.0)
        monkeypatch.setattr(delivery, "_turn", turn)
        served += turns

    assert len(served) == len(set(served)) == 3, "a run that has no time left serves one tenant, each time another"


def test_a_tenant_whose_turn_fails_keeps_nobody_waiting(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Shop(make_tenant(f"P{committed_shop.caller.tenant.name}"))
    other.customer(number="123456", email="")
    sent_to(committed_shop, "mine@example.com")
    sent_to(other, "theirs@example.com")
    claim = delivery._claim

    def lose(tenant: Any) -> Any:
        if tenant.pk == committed_shop.caller.tenant.pk:
            raise RuntimeError("the database is gone")
        return claim(tenant)

    monkeypatch.setattr(delivery, "_claim", lose)
    deliver_mails()

    assert mailed_to("mine@example.com", "theirs@example.com") == ["theirs@example.com"]


@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_the_task_of_the_clock_delivers(committed_shop: Shop) -> None:
    from bigledger.celery import app

    sent_to(committed_shop, "task@example.com")
    schedule = [job.task for job in clock.jobs().values()]
    assert "mail.deliver" in schedule
    assert {entry for entry in schedule if "mail" in entry or "tell" in entry} == {"mail.deliver", "mail.prune"}
    app.loader.import_default_modules()  # as a worker does when it starts
    app.tasks["mail.deliver"].apply().get()

    assert mailed_to("task@example.com") == ["task@example.com"]
