"""Recurring journal entries in the admin, read-only."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from bigledger.access.admin_columns import amount_column
from bigledger.access.admin_tenant import ShownInline, TenantAdmin
from ledger.models import RecurringEntry, RecurringEntryLine


class RecurringEntryLines(ShownInline):
    model = RecurringEntryLine
    shown_debit, shown_credit = amount_column("debit"), amount_column("credit")
    fields = ("position", "account", "shown_debit", "shown_credit", "description")
    readonly_fields = fields


@admin.register(RecurringEntry)
class RecurringEntryAdmin(TenantAdmin):
    resource: ClassVar[str] = "recurring_journal_entries"
    list_display = ("description", "frequency", "status", "next_date", "is_posted")
    list_filter = ("status", "frequency")
    search_fields = ("description",)
    fields = (
        "public_id", "description", "status", "frequency", "start_date", "end_date", "next_date", "occurrences",
        "is_posted", "pause_reason", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (RecurringEntryLines,)
