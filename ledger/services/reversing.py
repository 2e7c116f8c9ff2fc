"""Entries that are reversed by themselves on a day that they name: accruals.

The mirror is posted on that day by the clock, or together with the entry when the day is not after today.
"""

from __future__ import annotations

import uuid

import structlog
from django.db import transaction
from msgspec import structs

from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.errors import ApiError
from bigledger.tenants.context import current_tenant
from ledger.bodies import JournalEntryBody
from ledger.events import REVERSING
from ledger.models import EntryStatus, JournalEntry
from ledger.services.posting import NewEntry, moving_out_of_closed_periods, post_journal_entry
from ledger.services.reversal import reverse_journal_entry

_REASON = "Reversing entry"
logger = structlog.get_logger(__name__)


def post_and_reverse(*, entry: NewEntry, acting: Principal, is_all: bool = False) -> JournalEntryBody:
    """Posts the entry, and its mirror as well when `reverse_on` is not after today.

    Raises what `post_journal_entry` and `reverse_journal_entry` do; then neither is posted.
    """
    is_due = entry.reverse_on is not None and entry.reverse_on <= current_tenant().today()
    if not is_due:
        return post_journal_entry(entry=entry, acting=acting, is_all=is_all)
    with transaction.atomic():
        body = post_journal_entry(entry=entry, acting=acting)
        mirror = reverse_journal_entry(
            entry=JournalEntry.objects.get(pk=entry.id), reason=_REASON, date=entry.reverse_on, acting=acting
        )
    return structs.replace(body, reversed_by=mirror.id)


def reverse_next_entry(failed: set[uuid.UUID]) -> int:
    """Reverses one entry of the tenant in context whose day has come; 0 when there is none.

    Where the day is in a closed period by now, the mirror is dated on the first open day, with `requested_date`. One
    that cannot be reversed (an account is inactive) is logged, added to `failed` and left for the next run.
    """
    due = JournalEntry.objects.filter(
        status=EntryStatus.POSTED, reverse_on__lte=current_tenant().today(), reversals=None
    ).exclude(pk__in=failed)
    entry = due.order_by("reverse_on", "id").first()
    if entry is None:
        return 0
    acting = Principal.on_behalf_of(entry.created_by_id, by=REVERSING, role=Role.ACCOUNTANT)
    try:
        with transaction.atomic(), moving_out_of_closed_periods():
            reverse_journal_entry(entry=entry, reason=_REASON, date=entry.reverse_on, acting=acting)
    except ApiError as fault:
        failed.add(entry.id)
        reasons = [detail.message for detail in fault.details] or [fault.message]
        logger.warning("entry_not_reversed", entry=entry.public_id, reason="; ".join(reasons))
    return 1
