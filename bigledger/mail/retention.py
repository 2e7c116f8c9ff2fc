"""Deletes old mails."""

from __future__ import annotations

import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from bigledger.mail.models import Mail, MailState
from bigledger.mail.registry import mail_kinds


def delete_old_mails(keep: datetime.timedelta, most: int) -> int:
    """Deletes up to `most` mails of the tenant in context that have ended, older than `keep`. The latest one of a kind
    that is shown at its object stays as long as the object."""
    later = Mail.objects.filter(kind=OuterRef("kind"), about_id=OuterRef("about_id"), id__gt=OuterRef("id"))
    shown = [kind.name for kind in mail_kinds() if kind.is_shown]
    old = Mail.objects.exclude(state=MailState.WAITING).filter(created_at__lt=timezone.now() - keep)
    found = old.filter(~Q(kind__in=shown) | Exists(later)).values_list("pk", flat=True)[:most]
    return Mail.objects.filter(pk__in=list(found)).delete()[0]
