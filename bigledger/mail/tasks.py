"""The Celery task that delivers mails, started by `queue_mail` and by Celery beat."""

from __future__ import annotations

from celery import shared_task

from bigledger.mail.delivery import MAIL_SECONDS, RUN_SECONDS, deliver_mails


# The pool kills a run that outlasts what it should; the mail it was at has been counted and moved back.
@shared_task(name="mail.deliver", time_limit=RUN_SECONDS + 2 * MAIL_SECONDS)
def deliver() -> int:
    """Delivers the mails that are due, with tenants taking turns; returns how many were attempted."""
    return deliver_mails()
