"""Queueing a mail with the change that it tells of."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError as InvalidAddress
from django.core.validators import validate_email

from bigledger.access.secrets import encrypt
from bigledger.errors import ValidationFailed
from bigledger.mail.limits import reserve
from bigledger.mail.models import Mail
from bigledger.mail.registry import MailKind
from bigledger.mail.wake import wake_mails_on_commit
from bigledger.tenants.context import current_tenant


def queue_mail(
    *,
    kind: MailKind,
    about_id: uuid.UUID,
    to: Sequence[str],
    cc: Sequence[str] = (),
    context: Mapping[str, str] | None = None,
    secret: str = "",
    reply_to: str = "",
) -> Mail:
    """Writes the mail in the caller's transaction; it leaves after the commit.

    An address that occurs twice gets one mail. `context` is frozen; `secret` is encrypted, and deleted when no further
    attempt follows. Raises ValidationFailed for an invalid address; BusinessRuleViolation (`mail_limit_reached`).
    """
    to = _addresses(to, "to")
    cc = [address for address in _addresses(cc, "cc") if address.casefold() not in {one.casefold() for one in to}]
    if reply_to:
        _addresses([reply_to], "reply_to")
    if kind.is_capped:
        reserve(len(to) + len(cc))
    mail = Mail.objects.create(
        kind=kind.name,
        about_id=about_id,
        to=to,
        cc=cc,
        reply_to=reply_to,
        context=dict(context or {}),
        encrypted_secret=encrypt(secret) if secret else None,
        next_attempt_at=current_tenant().now(),
    )
    wake_mails_on_commit()
    return mail


def _addresses(given: Sequence[str], field: str) -> list[str]:
    """Each once, in the order given. Every caller's shape has checked them; a header is no place to rely on that."""
    found: dict[str, str] = {}
    for position, address in enumerate(given):
        try:
            validate_email(address)
        except InvalidAddress:
            raise ValidationFailed.at(f"{field}[{position}]", "Invalid email format", "invalid") from None
        if not (address.isascii() and address.isprintable()):
            raise ValidationFailed.at(
                f"{field}[{position}]", "Must be printable ASCII characters.", "invalid_characters"
            )
        found.setdefault(address.casefold(), address)
    return list(found.values())
