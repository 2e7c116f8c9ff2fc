"""The sales side in the back office: read-only, except through services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.contrib import admin

from bigledger.access.admin_columns import amount_column, number_column
from bigledger.access.admin_tenant import ShownInline, TenantAdmin
from invoicing.models import (
    CreditNote,
    CreditNoteLine,
    DepositAccount,
    DueDateChange,
    Invoice,
    InvoiceLine,
    Payment,
    PaymentApplication,
    Product,
    RecurringInvoice,
    RecurringInvoiceLine,
    Refund,
    SalesSettings,
    TaxComponent,
    TaxRate,
    WriteOff,
    WriteOffTax,
    WriteOffUndo,
)

_LINE_COLUMNS = ("product_id", "description", "quantity", "unit_price", "discount_percentage", "tax_rate_id")
_TOTALS = ("shown_subtotal", "shown_discount", "shown_tax", "shown_total")
_MOMENTS = ("created_at", "updated_at")


class LineInline(ShownInline):
    """The lines of an invoice or credit note, whose currency they have."""

    shown_quantity, shown_rate = number_column("quantity"), number_column("tax_rate")
    shown_percentage = number_column("discount_percentage")
    fields = readonly_fields = (
        "position", "description", "shown_quantity", "shown_price", "shown_percentage", "shown_less", "shown_share",
        "is_charge", "shown_rate", "shown_tax", "shown_total",
    )  # fmt: skip


class TaxComponentInline(ShownInline):
    model = TaxComponent
    shown_rate = number_column("rate")
    fields = readonly_fields = ("position", "name", "shown_rate", "is_compound", "authority", "account")


@admin.register(TaxRate)
class TaxRateAdmin(TenantAdmin):
    resource = "tax_rates"
    list_display = ("code", "name", "kind", "is_active")
    list_filter = ("kind",)
    search_fields = ("code", "name")
    fields = readonly_fields = ("public_id", "code", "name", "kind", "reason", "is_active", *_MOMENTS)
    inlines = (TaxComponentInline,)


@admin.register(Product)
class ProductAdmin(TenantAdmin):
    resource = "products"
    choice_hints: ClassVar[Mapping[str, str]] = {
        "description": "name", "unit_price": "unit_price", "tax_rate_id": "tax_rate",
    }  # fmt: skip
    shown_price = amount_column("unit_price")
    list_display = ("sku", "name", "shown_price", "currency", "is_active")
    list_filter = ("is_active", "currency")
    search_fields = ("sku", "name")
    fields = readonly_fields = (
        "public_id", "sku", "name", "description", "shown_price", "currency", "tax_rate", "revenue_account",
        "is_active", *_MOMENTS,
    )  # fmt: skip


@admin.register(SalesSettings)
class SalesSettingsAdmin(TenantAdmin):
    resource = "sales_settings"
    list_display = ("tax_rounding", "refuse_over_credit_limit", "unapplied_as")
    fields = readonly_fields = (*list_display, "small_difference_limits")


class InvoiceLineInline(LineInline):
    model = InvoiceLine
    shown_price, shown_less = amount_column("unit_price", of="invoice"), amount_column("discount_amount", of="invoice")
    shown_share = amount_column("document_discount", of="invoice")
    shown_tax, shown_total = amount_column("tax_amount", of="invoice"), amount_column("total", of="invoice")


@admin.register(DepositAccount)
class DepositAccountAdmin(TenantAdmin):
    resource = "sales_settings"
    list_display = ("method", "account")
    fields = readonly_fields = list_display


class DueDateChangeInline(ShownInline):
    model = DueDateChange
    ordering = ("id",)
    fields = readonly_fields = ("due_date", "changed_on")


class WriteOffUndoInline(ShownInline):
    model = WriteOffUndo
    ordering = ("id",)
    shown_amount = amount_column("amount", of="write_off")
    fields = readonly_fields = ("undone_on", "shown_amount", "payment", "reason")


class WriteOffTaxInline(ShownInline):
    model = WriteOffTax
    ordering = ("id",)
    shown_taxable, shown_amount = (amount_column(name, of="write_off") for name in ("taxable_amount", "amount"))
    shown_rate = number_column("rate")
    fields = readonly_fields = ("undo", "name", "shown_rate", "authority", "shown_taxable", "shown_amount", "account")


@admin.register(WriteOff)
class WriteOffAdmin(TenantAdmin):
    resource = "invoices"
    shown_amount, shown_undone = amount_column("amount"), amount_column("amount_undone")
    list_display = ("invoice", "kind", "written_off_on", "shown_amount", "shown_undone", "reason")
    list_filter = ("kind",)
    list_select_related = ("invoice",)
    search_fields = ("invoice__number", "reason")
    fields = readonly_fields = ("public_id", *list_display, "journal_entry", "created_at")
    inlines = (WriteOffUndoInline, WriteOffTaxInline)


@admin.register(Invoice)
class InvoiceAdmin(TenantAdmin):
    resource = "invoices"
    line_columns, line_sum = _LINE_COLUMNS, "total"
    shown_subtotal, shown_discount = amount_column("subtotal"), amount_column("discount_total")
    shown_tax, shown_total, shown_due = amount_column("tax_total"), amount_column("total"), amount_column("amount_due")
    shown_paid, shown_credited = amount_column("amount_paid"), amount_column("amount_credited")
    shown_written_off = amount_column("amount_written_off")
    list_display = ("number", "customer", "status", "invoice_date", "due_date", "currency", "shown_total", "shown_due")
    list_filter = ("status", "currency")
    list_select_related = ("customer",)
    search_fields = ("number", "customer__name")
    fields = readonly_fields = (
        "public_id", "number", "customer", "status", "currency", "invoice_date", "due_date", "payment_terms", "notes",
        *_TOTALS, "shown_paid", "shown_credited", "shown_written_off", "shown_due", "journal_entry",
        "recurring_invoice", "sent_at", "viewed_at", "paid_at", "voided_at", "void_reason", *_MOMENTS,
    )  # fmt: skip
    inlines = (InvoiceLineInline, DueDateChangeInline)


class ApplicationInline(ShownInline):
    model = PaymentApplication
    ordering = ("id",)
    shown_amount = amount_column("amount", of="invoice")
    fields = readonly_fields = ("invoice", "shown_amount", "applied_on", "released_on")


class RefundInline(ShownInline):
    model = Refund
    ordering = ("id",)
    shown_amount = amount_column("amount")
    fields = readonly_fields = ("refund_date", "shown_amount", "reason", "settled_at")


class CreditNoteLineInline(LineInline):
    model = CreditNoteLine
    shown_price, shown_less = (
        amount_column("unit_price", of="credit_note"),
        amount_column("discount_amount", of="credit_note"),
    )
    shown_share = amount_column("document_discount", of="credit_note")
    shown_tax, shown_total = amount_column("tax_amount", of="credit_note"), amount_column("total", of="credit_note")


@admin.register(CreditNote)
class CreditNoteAdmin(TenantAdmin):
    resource = "credit_notes"
    line_columns, line_sum = _LINE_COLUMNS, "total"
    shown_subtotal, shown_discount = amount_column("subtotal"), amount_column("discount_total")
    shown_tax, shown_total, shown_applied = (
        amount_column("tax_total"),
        amount_column("total"),
        amount_column("amount_applied"),
    )
    shown_refunded = amount_column("amount_refunded")
    list_display = ("number", "customer", "credit_date", "currency", "shown_total", "shown_applied")
    list_select_related = ("customer",)
    search_fields = ("number", "customer__name")
    fields = readonly_fields = (
        "public_id", "number", "customer", "invoice", "currency", "credit_date", "reason", *_TOTALS, "shown_applied",
        "shown_refunded", "voided_on", "void_reason", "journal_entry", *_MOMENTS,
    )  # fmt: skip
    inlines = (CreditNoteLineInline, ApplicationInline, RefundInline)


@admin.register(Payment)
class PaymentAdmin(TenantAdmin):
    resource = "payments"
    shown_amount, shown_applied = amount_column("amount"), amount_column("amount_applied")
    shown_refunded = amount_column("amount_refunded")
    list_display = ("payment_date", "customer", "method", "status", "shown_amount", "currency", "reference")
    list_filter = ("status", "method", "currency")
    list_select_related = ("customer",)
    search_fields = ("reference", "customer__name")
    fields = readonly_fields = (
        "public_id", "customer", "shown_amount", "currency", "method", "status", "payment_date", "reference",
        "failure_code", "failure_message", "card_brand", "card_last4", "shown_applied", "shown_refunded",
        "deposit_account", "voided_on", "void_reason", "journal_entry", "gateway", "gateway_reference", "captured_at",
        *_MOMENTS,
    )  # fmt: skip
    inlines = (ApplicationInline, RefundInline)


class RecurringInvoiceLineInline(ShownInline):
    model = RecurringInvoiceLine
    shown_quantity, shown_rate = number_column("quantity"), number_column("tax_rate")
    shown_price = amount_column("unit_price", of="recurring_invoice")
    shown_percentage = number_column("discount_percentage")
    shown_less = amount_column("discount_amount", of="recurring_invoice")
    fields = readonly_fields = (
        "position", "product", "description", "shown_quantity", "shown_price", "shown_percentage", "shown_less",
        "is_charge", "shown_rate", "tax_rate_named", "revenue_account",
    )  # fmt: skip


@admin.register(RecurringInvoice)
class RecurringInvoiceAdmin(TenantAdmin):
    resource = "recurring_invoices"
    line_columns, line_sum = _LINE_COLUMNS, "total"
    list_display = ("customer", "frequency", "status", "next_date", "occurrences")
    list_filter = ("status", "frequency")
    list_select_related = ("customer",)
    search_fields = ("customer__name", "notes")
    fields = readonly_fields = (
        "public_id", "customer", "status", "frequency", "start_date", "end_date", "next_date", "occurrences",
        "is_sent_automatically", "currency", "payment_terms", "notes", "pause_reason", *_MOMENTS,
    )  # fmt: skip
    inlines = (RecurringInvoiceLineInline,)
