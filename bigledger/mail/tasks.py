"""The Celery tasks of mails: delivering, started by `queue_mail` and by Celery beat, and deleting old ones."""

from __future__ import annotations

import datetime

from celery import shared_task
from django.conf import settings

from bigledger.mail.delivery import MAIL_SECONDS, RUN_SECONDS, deliver_mails
from bigledger.mail.retention import delete_old_mails
from bigledger.tenants.jobs import for_each_tenant

_BATCH = 1000


# The pool kills a run that outlasts what it should; the mail it was at has been counted and moved back.
@shared_task(name="mail.deliver", time_limit=RUN_SECONDS + 2 * MAIL_SECONDS)
def deliver() -> int:
    """Delivers the mails that are due, with tenants taking turns; returns how many were attempted."""
    return deliver_mails()


@shared_task(name="mail.prune")
def prune() -> int:
    """Deletes old mails, tenant by tenant, in batches; returns how many."""
    keep = datetime.timedelta(days=settings.MAIL_KEEP_DAYS)
    return for_each_tenant(None, lambda: delete_old_mails(keep, _BATCH), job="mail.prune")
