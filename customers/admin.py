"""Customers in the back office: read-only, except through services."""

from __future__ import annotations

from django.contrib import admin

from bigledger.access.admin_columns import amount_column
from bigledger.access.admin_tenant import ShownInline, TenantAdmin
from customers.models import Address, Contact, Customer, CustomerBalance


class AddressInline(ShownInline):
    model = Address
    fields = readonly_fields = ("kind", "line1", "line2", "city", "state", "postal_code", "country")


class ContactInline(ShownInline):
    model = Contact
    fields = readonly_fields = ("name", "email", "phone", "role", "is_primary")


class BalanceInline(ShownInline):
    model = CustomerBalance
    verbose_name_plural = "balances in other currencies"
    shown_balance = amount_column("balance")
    ordering = ("currency",)
    fields = readonly_fields = ("currency", "shown_balance")


@admin.register(Customer)
class CustomerAdmin(TenantAdmin):
    resource = "customers"
    shown_balance, shown_limit = amount_column("balance"), amount_column("credit_limit")
    list_display = ("number", "name", "email", "currency", "shown_balance", "shown_limit", "status")
    list_filter = ("status", "currency")
    search_fields = ("number", "name", "email")
    fields = (
        "public_id", "number", "name", "email", "phone", "website", "tax_id", "currency", "payment_terms",
        "shown_limit", "shown_balance", "status", "custom_fields", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (AddressInline, ContactInline, BalanceInline)
