"""Schedules in the admin, read-only."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from bigledger.access.admin_columns import amount_column
from bigledger.access.admin_tenant import ShownInline, TenantAdmin
from ledger.models import Schedule, ScheduleRow


class ScheduleRows(ShownInline):
    model = ScheduleRow
    ordering = ("date", "id")
    shown_amount = amount_column("amount", of="schedule")
    fields = ("date", "kind", "shown_amount", "journal_entry")
    readonly_fields = fields


@admin.register(Schedule)
class ScheduleAdmin(TenantAdmin):
    resource: ClassVar[str] = "schedules"
    shown_amount = amount_column("amount")
    list_display = ("description", "status", "method", "start_date", "end_date", "shown_amount")
    list_filter = ("status", "method")
    search_fields = ("description",)
    fields = (
        "public_id", "description", "status", "method", "start_date", "end_date", "shown_amount", "currency",
        "debit_account", "credit_account", "deferral_entry", "reason", "failure_reason", "created_at",
        "updated_at",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (ScheduleRows,)
