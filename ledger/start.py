"""What of the books waits for somebody: on the start page of the back office."""

from __future__ import annotations

from bigledger.access.admin_start import Start, Task, counted
from bigledger.tenants.context import current_tenant
from ledger.models import EntryStatus, JournalEntry, Period


def start() -> Start:
    drafts = JournalEntry.objects.filter(status=EntryStatus.DRAFT)
    over = Period.objects.filter(status="open", end__lt=current_tenant().today())
    return Start(
        tasks=[
            Task(counted(drafts), "draft entry to post", "draft entries to post", "/v1/journal-entries?status=draft"),
            Task(counted(over), "month to close", "months to close", "/v1/periods?status=open"),
        ]
    )
