"""Exchange rates and revaluations in the admin: shown."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from bigledger.access.admin_columns import amount_column, number_column
from bigledger.access.admin_tenant import ShownInline, TenantAdmin
from ledger.models import ExchangeRate, FxRevaluation, FxRevaluationRow


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


class FxRevaluationRowInline(ShownInline):
    model = FxRevaluationRow
    verbose_name_plural = "accounts"
    shown_balance, shown_before = amount_column("balance"), number_column("carrying_base")
    shown_after, shown_difference = number_column("new_base"), number_column("difference")
    shown_rate = number_column("exchange_rate")
    fields = readonly_fields = (
        "position", "account", "shown_balance", "shown_rate", "shown_before", "shown_after", "shown_difference",
    )  # fmt: skip


@admin.register(FxRevaluation)
class FxRevaluationAdmin(TenantAdmin):
    resource: ClassVar[str] = "fx_revaluations"
    list_display = ("as_of", "mode", "journal_entry", "reversal_entry", "created_at")
    list_filter = ("mode",)
    ordering = ("-as_of", "-id")
    fields = ("public_id", "as_of", "mode", "journal_entry", "reversal_entry", "settlement_entry", "created_at")
    readonly_fields = fields
    inlines = (FxRevaluationRowInline,)
