"""What became of mails."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from bigledger import ids
from bigledger.mail.bodies import MailBody, MailDeliveryBody
from bigledger.mail.models import Mail, MailState
from bigledger.mail.registry import kind_named


def deliveries(kind: str, about: Iterable[uuid.UUID]) -> dict[uuid.UUID, MailDeliveryBody]:
    """The latest mail of this kind about each object that has one, in one query."""
    latest = Mail.objects.filter(kind=kind, about_id__in=list(about)).order_by("about_id", "-id")
    return {
        mail.about_id: MailDeliveryBody(shown_state(mail), mail.to, mail.cc, mail.sent_at, mail.last_error or None)
        for mail in latest.distinct("about_id")
    }


def shown_state(mail: Mail) -> str:
    """queued, sent, failed or cancelled."""
    return "queued" if mail.state == MailState.WAITING else str(mail.state)


def mail_body(mail: Mail) -> MailBody:
    return MailBody(
        id=mail.public_id,
        kind=mail.kind,
        about_id=ids.encode(kind_named(mail.kind).about, mail.about_id),
        to=mail.to,
        cc=mail.cc,
        subject=mail.subject,
        status=shown_state(mail),
        attempts=mail.attempts,
        error=mail.last_error or None,
        created_at=mail.created_at,
        sent_at=mail.sent_at,
    )
