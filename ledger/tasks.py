"""Scheduled jobs."""

from __future__ import annotations

import uuid

from celery import shared_task

from bigledger.postgres.execute import fetch_one
from bigledger.tenants.jobs import for_each_claim, for_each_tenant
from ledger.models import EntryStatus, JournalEntry, RecurringEntry, RecurringStatus, ScheduleRow
from ledger.services.recurring.entries import claim_next_entry, make_claimed_entry
from ledger.services.reversing import reverse_next_entry
from ledger.services.schedules.schedules import post_next_schedule


@shared_task(name="ledger.fold_balances")
def fold_balances() -> int:
    """Moves the balance slots to the rows of their days, tenant by tenant; returns how many slots there were."""
    return for_each_tenant(None, _fold, job="ledger.fold_balances", repeat=False)


def _fold() -> int:
    folded: int = fetch_one("SELECT ledger_fold_balances()")[0]
    return folded


@shared_task(name="ledger.reverse_entries")
def reverse_entries() -> int:
    """Reverses the entries whose `reverse_on` has come in the tenant's time zone; returns how many it looked at."""
    rows = JournalEntry.objects.using("worker").filter(
        status=EntryStatus.POSTED, reverse_on__isnull=False, reversals=None
    )
    tenants = set(rows.values_list("tenant_id", flat=True).distinct())
    failed: set[uuid.UUID] = set()
    return for_each_tenant(tenants, lambda: reverse_next_entry(failed), job="ledger.reverse_entries")


@shared_task(name="ledger.make_recurring_entries")
def make_recurring_entries() -> int:
    """Makes the recurring entries that are due, including those of missed days; returns how many."""
    rows = RecurringEntry.objects.using("worker").filter(status=RecurringStatus.ACTIVE)
    tenants = set(rows.values_list("tenant_id", flat=True).distinct())
    return for_each_claim(tenants, claim_next_entry, make_claimed_entry, job="ledger.make_recurring_entries")


@shared_task(name="ledger.post_schedules")
def post_schedules() -> int:
    """Posts what is due of schedules, including missed days; returns how many schedules it looked at."""
    rows = ScheduleRow.objects.using("worker").filter(journal_entry=None)
    tenants = set(rows.values_list("tenant_id", flat=True).distinct())
    failed: set[uuid.UUID] = set()
    return for_each_tenant(tenants, lambda: post_next_schedule(failed), job="ledger.post_schedules")
