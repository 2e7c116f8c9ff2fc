"""What is to be settled before a period is closed. Each app of the business adds its part (`BusinessApp.checklist`)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.module_loading import import_string

from bigledger.apps import business_apps
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant
from ledger.bodies import ChecklistBody, ChecklistItem
from ledger.models import (
    Account,
    AccountType,
    EntryStatus,
    JournalEntry,
    Period,
    RecurringEntry,
    RecurringStatus,
    Schedule,
    ScheduleRow,
)

# Accounts for what nobody could place yet; by their names, since each chart has its own code for them.
_SUSPENSE = r"\ysuspense\y"
# What is held, and was not found so by the last revaluation of the day; nothing in base may be on an empty account.
_UNREVALUED = """
SELECT b.account FROM ledger_balances_on(%(accounts)s, %(end)s) b
LEFT JOIN LATERAL (
    SELECT r.balance, r.new_base FROM ledger_fxrevaluationrow r
    JOIN ledger_fxrevaluation f ON f.tenant_id = r.tenant_id AND f.id = r.revaluation_id
    WHERE r.tenant_id = app_tenant() AND r.account_id = b.account AND f.as_of = %(end)s
    ORDER BY f.id DESC LIMIT 1
) last ON true
WHERE (b.net <> 0 OR b.base_net <> 0) AND (last.balance, last.new_base) IS DISTINCT FROM (b.net, b.base_net)
"""
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
    """The ledger's part: drafts, suspense accounts, foreign accounts, and what the clock has still to post."""
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
    yield ChecklistItem(
        name="not_revalued",
        message="Foreign accounts are not revalued at the end of the period.",
        count=_not_revalued(end),
        blocking=False,
        url=f"/v1/fx-revaluations?as_of={end}",
    )
    yield ChecklistItem(
        name="schedules",
        message="Schedules have amounts of the period that are not posted.",
        count=Schedule.objects.filter(Exists(_waiting(end))).count(),
        blocking=False,
        url="/v1/schedules?status=active",
    )
    yield ChecklistItem(
        name="recurring_entries",
        message="Recurring journal entries are due in the period and not made yet.",
        count=RecurringEntry.objects.filter(next_date__lte=end, status=RecurringStatus.ACTIVE).count(),
        blocking=False,
        url="/v1/recurring-journal-entries?status=active",
    )


def _waiting(end: datetime.date) -> QuerySet[ScheduleRow]:
    return ScheduleRow.objects.filter(schedule=OuterRef("pk"), journal_entry=None, date__lte=end)


def _not_revalued(end: datetime.date) -> int:
    """How many foreign accounts hold something that no revaluation of that day has found there."""
    base = current_tenant().base_currency
    monetary = Account.objects.filter(type__in=(AccountType.ASSET, AccountType.LIABILITY)).exclude(currency=base)
    accounts = list(monetary.values_list("id", flat=True))
    return len(fetch_all(_UNREVALUED, {"accounts": accounts, "end": end})) if accounts else 0
