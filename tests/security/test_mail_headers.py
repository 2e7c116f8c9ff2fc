"""No text that somebody types reaches a header of a mail with a line break, whatever the text is part of."""

from __future__ import annotations

import email
from email.message import Message
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from bigledger.access.models import User
from bigledger.mail.delivery import deliver_next_mail
from bigledger.mail.letters import Attachment, Button, Letter, message, one_line
from bigledger.mail.models import Mail
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant
from customers.models import Customer
from invoicing.models import Invoice
from tests.conftest import Caller
from tests.sales import Shop, shop
from webhooks.models import WebhookEndpoint
from webhooks.services.notifications import notify_owners

__all__ = ["shop"]

BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\r\n ", "\n\n", "\x00"]
INJECTED = "Bcc: evil@example.com"
EXPECTED = {
    "Subject", "From", "To", "Cc", "Reply-To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
}  # fmt: skip


def parsed(made: EmailMultiAlternatives) -> Message:
    return email.message_from_bytes(made.message().as_bytes())


def assert_clean(made: EmailMultiAlternatives) -> None:
    found = parsed(made)
    assert set(found.keys()) <= EXPECTED
    assert "Bcc" not in found
    for part in found.walk():
        assert set(part.keys()) <= EXPECTED | {"Content-Transfer-Encoding", "Content-Disposition"}
    assert "evil@example.com" not in made.recipients()


@pytest.mark.parametrize("line_break", BREAKS, ids=repr)
def test_every_text_of_a_letter(line_break: str) -> None:
    evil = f"A{line_break}{INJECTED}{line_break}{line_break}B"
    letter = Letter(
        subject=evil, greeting=evil, paragraphs=[evil], figure=(evil, evil, evil), facts=[(evil, evil)],
        button=Button(evil, evil), afterwards=[evil], closing=evil,
        attachments=[Attachment(evil, b"x", "application/pdf")],
    )  # fmt: skip
    row = Mail(kind="invoice", to=["a@example.com"], cc=["b@example.com"])
    for from_tenant in (True, False):
        made = message(row, letter, tenant=Tenant(name=evil), from_tenant=from_tenant)
        assert_clean(made)
        assert made.subject == "A Bcc: evil@example.com B"
        assert made.recipients() == ["a@example.com", "b@example.com"]


@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\u2028"], ids=repr)
def test_every_kind_with_names_that_break(shop: Shop, line_break: str) -> None:
    """Names as they might stand in the database from before they were checked."""
    evil = f"A{line_break}{INJECTED}"
    caller = shop.caller
    sent = shop.sent()
    caller.post("/v1/invitations", {"email": "clara@example.com", "role": "viewer"})
    hook = caller.post("/v1/webhooks", {"url": "https://acme.example/", "events": ["*"]}).body
    with tenant_context(caller.tenant):
        User.objects.filter(pk=caller.principal.user_id).update(name=evil)
        Customer.objects.update(name=evil)
        Invoice.objects.update(number=evil[:40])
        Tenant.objects.filter(pk=caller.tenant.pk).update(name=evil)
        WebhookEndpoint.objects.update(disabled_reason=evil, url=evil, is_active=False, disabled_at="2024-01-01T00:00Z")
        notify_owners(WebhookEndpoint.objects.get())
    caller.tenant.name = evil
    try:
        while deliver_next_mail(caller.tenant):
            pass
    finally:
        caller.tenant.name = "Acme"

    assert (sent["delivery"]["status"], bool(hook["id"])) == ("queued", True)
    assert len(mail.outbox) == 3
    for made in mail.outbox:
        assert isinstance(made, EmailMultiAlternatives)
        assert_clean(made)
    with tenant_context(caller.tenant):
        assert set(Mail.objects.values_list("state", flat=True)) == {"sent"}


def test_an_invitation_of_a_tenant_with_a_strange_name_is_kept_and_mailed(acme: Caller) -> None:
    """L2, F10: nothing about the mail turns the committed 201 into a 5xx."""
    with tenant_context(acme.tenant):
        Tenant.objects.filter(pk=acme.tenant.pk).update(name="Acme\r\nBcc: evil@example.com")
    answer = acme.post("/v1/invitations", {"email": "clara@example.com", "role": "viewer"})

    assert answer.status == 201
    assert deliver_next_mail(acme.tenant) is True
    assert_clean(mail.outbox[0])  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["to", "cc"])
@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: evil@example.com", "a@b.example\nx", "a b@c.example"])
def test_addresses_are_refused_by_field(shop: Shop, field: str, address: str) -> None:
    invoice = shop.invoice("10.00")
    answer = shop.caller.post(f"/v1/invoices/{invoice['id']}/send", {field: [address]})

    assert (answer.status, answer.fields) == (400, [f"{field}[0]"])
    assert shop.again(invoice)["status"] == "draft"


def test_markup_in_texts_is_text() -> None:
    evil = '<script>alert(1)</script><img src=x onerror="y">'
    letter = Letter(
        subject=evil, greeting=evil, paragraphs=[evil], figure=(evil, evil, evil), facts=[(evil, evil)],
        button=Button(evil, f'"{evil}'), afterwards=[evil], closing=evil,
    )  # fmt: skip
    made = message(Mail(kind="invoice", to=["a@example.com"]), letter, tenant=Tenant(name=evil), from_tenant=True)
    html: Any = made.alternatives[0][0]

    assert "<script" not in html
    assert "<img" not in html


def test_one_line_is_one_line_and_short() -> None:
    assert one_line("a\u202eb\r\n\tc", 10) == "ab c"
    assert one_line("x" * 300, 20) == "x" * 19 + "…"
    assert one_line("Größe 大きい", 20) == "Größe 大きい"
