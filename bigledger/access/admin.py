"""The tenant in the admin, read-only."""

from __future__ import annotations

from django.contrib import admin

from bigledger.access.admin_tenant import TenantAdmin
from bigledger.tenants.models import Tenant


@admin.register(Tenant)
class TenantRowAdmin(TenantAdmin):
    resource = "tenant"
    list_display = ("name", "plan", "base_currency", "time_zone", "created_at")
    fields = (
        "id", "name", "plan", "requests_per_hour", "burst_per_second", "concurrent_requests", "base_currency",
        "time_zone", "created_at",
    )  # fmt: skip
    readonly_fields = fields
