"""What is to be settled before a period is closed. Each app of the business adds its part (`BusinessApp.checklist`)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.utils.module_loading import import_string

from bigledger.apps import business_apps
from bigledger.postgres.execute import fetch_all
from ledger.bodies import ChecklistBody, ChecklistItem
from ledger.models import Account, EntryStatus, JournalEntry, Period

# Accounts for what nobody could place yet; by their names, since each chart has its own code for them.
_SUSPENSE = r"\ysuspense\y"
_NOT_ZERO = "SELECT account FROM ledger_balances_on(%s, %s) WHERE net <> 0"


def checklist_of(period: Period) -> ChecklistBody:
    """Everything to settle at the end of the period; what is in order is left out."""
    found = [
        item
        for app in business_apps()
        if app.checklist
        for item in import_string(app.checklist)(period.end)
        if item.count
    ]
    return ChecklistBody(period.public_id, not any(item.blocking for item in found), found)


def items(end: datetime.date) -> Iterator[ChecklistItem]:
    """The ledger's part: drafts, and balances of suspense accounts."""
    start = end.replace(day=1)
    yield ChecklistItem(
        name="drafts",
        message="Draft entries are dated in the period.",
        count=JournalEntry.objects.filter(status=EntryStatus.DRAFT, date__range=(start, end)).count(),
        blocking=False,
        url=f"/v1/journal-entries?status=draft&date[gte]={start}&date[lte]={end}",
    )
    suspense = list(Account.objects.filter(name__iregex=_SUSPENSE).values_list("id", flat=True))
    yield ChecklistItem(
        name="suspense",
        message="A suspense account has a balance.",
        count=len(fetch_all(_NOT_ZERO, [suspense, end])) if suspense else 0,
        blocking=True,
        url="/v1/accounts?search=suspense",
    )
