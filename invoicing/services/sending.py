"""Credit notes are mailed to their customers."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.events.record import record
from invoicing.bodies import CreditNoteBody
from invoicing.events import CREDIT_NOTE_SENT
from invoicing.models import CreditNote
from invoicing.selectors.documents import credit_note_body
from invoicing.services.mails import mail_document


@transaction.atomic
def send_credit_note(
    *, credit_note: CreditNote, to: Sequence[str] = (), cc: Sequence[str] = (), message: str = "", acting: Principal
) -> CreditNoteBody:
    """Mails a credit note with its PDF, as often as it is asked to.

    Raises BusinessRuleViolation (`no_recipient`, `too_many_recipients`, `mail_limit_reached`).
    """
    mail_document(document=credit_note, customer=credit_note.customer, to=to, cc=cc, message=message)
    body = credit_note_body(credit_note)
    record(CREDIT_NOTE_SENT, credit_note.id, body, acting=acting)
    return body
