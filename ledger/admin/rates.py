"""Exchange rates in the admin: shown."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from bigledger.access.admin_columns import number_column
from bigledger.access.admin_tenant import TenantAdmin
from ledger.models import ExchangeRate


@admin.register(ExchangeRate)
class ExchangeRateAdmin(TenantAdmin):
    resource: ClassVar[str] = "exchange_rates"
    shown_rate = number_column("rate")
    list_display = ("date", "currency", "quote_currency", "type", "shown_rate", "source")
    list_filter = ("type", "currency", "quote_currency")
    search_fields = ("currency", "quote_currency", "source")
    ordering = ("-date", "currency")
    fields = (
        "public_id", "currency", "quote_currency", "date", "type", "shown_rate", "source", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = fields
