from __future__ import annotations

from django.contrib import admin

from bigledger.access.admin_tenant import TenantAdmin
from tests.plugged.models import CostCenter


@admin.register(CostCenter)
class CostCenterAdmin(TenantAdmin):
    resource = "cost_centers"
    list_display = ("code", "name")
    fields = readonly_fields = ("public_id", "code", "name")
