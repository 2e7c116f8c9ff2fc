"""What a mail says, and the message that it becomes: a text part and an HTML part from one pair of templates.

A kind hands over plain texts (`Letter`); markup, escaping and headers are made here and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.mime.image import MIMEImage
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from bigledger.addresses import AddressBody, address_lines
from bigledger.mail.models import Mail
from bigledger.tenants.models import Logo, Tenant

SUBJECT_LENGTH = 150
NAME_LENGTH = 70
_FACT_LENGTH = 300
_LOGO_ID = "logo"
_BLANK_LINES = re.compile(r"\r?\n\s*\n")
# Control characters and line ends of every script, and the marks that turn the direction of what follows.
_NOT_IN_A_LINE = {"Cc", "Zl", "Zp", "Cs"}
_TURNS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """`figure` is what the eye should find first (label, value, note); `facts` are lines of label and value below.

    Texts are plain; a line break in a paragraph stays one.
    """

    subject: str
    paragraphs: Sequence[str]
    greeting: str = ""
    figure: tuple[str, str, str] | None = None
    facts: Sequence[tuple[str, str]] = ()
    button: Button | None = None
    afterwards: Sequence[str] = ()
    closing: str = ""
    attachments: Sequence[Attachment] = ()


def one_line(text: str, length: int) -> str:
    """`text` as it may stand in a header: one line, no control characters, at most `length` characters."""
    kept = (" " if unicodedata.category(c) in _NOT_IN_A_LINE else c for c in text if c not in _TURNS)
    line = " ".join("".join(kept).split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def message(
    mail: Mail, letter: Letter, *, tenant: Tenant, from_tenant: bool, connection: object = None
) -> EmailMultiAlternatives:
    """The message of a mail, with a Message-ID that stays the same over its attempts."""
    platform_name, platform_address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    tenant_name = one_line(tenant.name, NAME_LENGTH)
    sender = f"{tenant_name} via {platform_name or 'BigLedger'}" if from_tenant else platform_name
    subject = one_line(letter.subject, SUBJECT_LENGTH)
    letter = replace(
        letter,
        greeting=one_line(letter.greeting, SUBJECT_LENGTH),
        paragraphs=[part.strip() for text in letter.paragraphs for part in _BLANK_LINES.split(text) if part.strip()],
        facts=[(label, one_line(value, _FACT_LENGTH)) for label, value in letter.facts],
    )
    shown = {
        "letter": letter,
        "subject": subject,
        "heading": tenant_name if from_tenant else platform_name or "BigLedger",
        "preview": one_line(letter.paragraphs[0], SUBJECT_LENGTH) if letter.paragraphs else subject,
        "sent_for": tenant_name if from_tenant else "",
        "imprint": _imprint(tenant) if from_tenant else [],
        "logo": f"cid:{_LOGO_ID}" if from_tenant and tenant.logo_id else "",
    }
    reply_to = mail.reply_to or (tenant_address(tenant) if from_tenant else "")
    made = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string("mail/letter.txt", shown),
        from_email=formataddr((sender, platform_address)),
        to=list(mail.to),
        cc=list(mail.cc),
        reply_to=[reply_to] if reply_to else None,
        headers={
            "Message-ID": f"<{mail.public_id}@{platform_address.rpartition('@')[2] or 'localhost'}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=connection,
    )
    made.attach_alternative(render_to_string("mail/letter.html", shown), "text/html")
    for attachment in letter.attachments:
        made.attach(one_line(attachment.name, NAME_LENGTH), attachment.content, attachment.media_type)
    if from_tenant and tenant.logo_id:
        made.attach(_logo(Logo.objects.get(pk=tenant.logo_id)))
    return made


def _logo(logo: Logo) -> MIMEImage:
    """Stands in the message itself, since readers of mail fetch no pictures of strangers."""
    picture = MIMEImage(bytes(logo.content), "png")
    picture.add_header("Content-ID", f"<{_LOGO_ID}>")
    picture.add_header("Content-Disposition", "inline", filename="logo.png")
    return picture


def _imprint(tenant: Tenant) -> list[str]:
    """Who the seller is, in small print: at most two lines and the footer of its documents."""
    address = address_lines(AddressBody(**tenant.address)) if tenant.address else []
    parts = [tenant.legal_name, *address, f"Tax ID {tenant.tax_id}" if tenant.tax_id else "", tenant.email]
    return [one_line(" · ".join(part for part in parts if part), _FACT_LENGTH * 3), *tenant.footer.split("\n")]


def tenant_address(tenant: Tenant) -> str:
    """Where answers to a tenant's mails go: its own address, once it has given one."""
    return tenant.email
