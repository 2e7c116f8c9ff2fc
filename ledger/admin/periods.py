"""Periods and their exceptions in the admin: shown."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from bigledger.access.admin_tenant import TenantAdmin
from ledger.models import LockException, Period
from ledger.resources import PERIODS


@admin.register(Period)
class PeriodAdmin(TenantAdmin):
    resource: ClassVar[str] = "periods"
    list_display = ("name", "status", "closed_scopes", "closed_at", "reopened_at", "locked_at")
    list_filter = ("status",)
    ordering = ("-start",)
    fields = (
        "name",
        "start",
        "end",
        "status",
        "closed_scopes",
        "closed_at",
        "reopened_at",
        "reopen_reason",
        "locked_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Period]:
        found: QuerySet[Period] = super().get_queryset(request)
        return found & PERIODS.all()


@admin.register(LockException)
class LockExceptionAdmin(TenantAdmin):
    resource: ClassVar[str] = "lock_exceptions"
    list_display = ("month", "reason", "expires_at", "created_at")
    ordering = ("-created_at",)
    fields = ("public_id", "month", "reason", "expires_at", "created_at")
    readonly_fields = fields
