"""The sales side in the back office: to look at; what changes it is a service."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from customers.admin import ReadOnly
from invoicing.models import (
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    Payment,
    PaymentApplication,
    Product,
    RecurringInvoice,
    Refund,
    TaxComponent,
    TaxRate,
)

_LINE = ("position", "description", "quantity", "unit_price", "discount_percentage", "tax_rate", "tax_amount", "total")


class TaxComponentInline(ReadOnly, TabularInline):
    model = TaxComponent
    fields = ("position", "name", "rate", "is_compound")


@admin.register(TaxRate)
class TaxRateAdmin(ReadOnly, ModelAdmin):
    list_display = ("code", "name", "is_active")
    search_fields = ("code", "name")
    inlines = (TaxComponentInline,)


@admin.register(Product)
class ProductAdmin(ReadOnly, ModelAdmin):
    list_display = ("sku", "name", "unit_price", "currency", "is_active")
    list_filter = ("is_active", "currency")
    search_fields = ("sku", "name")


class InvoiceLineInline(ReadOnly, TabularInline):
    model = InvoiceLine
    fields = _LINE


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, ModelAdmin):
    list_display = ("number", "customer", "status", "invoice_date", "due_date", "currency", "total", "amount_due")
    list_filter = ("status", "currency")
    list_select_related = ("customer",)
    search_fields = ("number", "customer__name")
    exclude = ("hosted_token",)
    inlines = (InvoiceLineInline,)


class CreditNoteLineInline(ReadOnly, TabularInline):
    model = CreditNoteLine
    fields = _LINE


@admin.register(CreditNote)
class CreditNoteAdmin(ReadOnly, ModelAdmin):
    list_display = ("number", "customer", "credit_date", "currency", "total", "amount_applied")
    list_select_related = ("customer",)
    search_fields = ("number", "customer__name")
    inlines = (CreditNoteLineInline,)


class ApplicationInline(ReadOnly, TabularInline):
    model = PaymentApplication
    fields = ("invoice", "amount", "applied_on", "released_on")


class RefundInline(ReadOnly, TabularInline):
    model = Refund
    fields = ("refund_date", "amount", "reason")


@admin.register(Payment)
class PaymentAdmin(ReadOnly, ModelAdmin):
    list_display = ("payment_date", "customer", "method", "status", "amount", "currency", "amount_applied", "reference")
    list_filter = ("status", "method", "currency")
    list_select_related = ("customer",)
    search_fields = ("reference", "customer__name")
    inlines = (ApplicationInline, RefundInline)


@admin.register(RecurringInvoice)
class RecurringInvoiceAdmin(ReadOnly, ModelAdmin):
    list_display = ("customer", "frequency", "status", "next_date", "occurrences")
    list_filter = ("status", "frequency")
    list_select_related = ("customer",)
