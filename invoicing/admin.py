"""The sales side in the back office: read-only, except through services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.urls import reverse
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter, RangeNumericFilter

from bigledger.access.admin_columns import amount_column, number_column, state_column
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
from invoicing.models.invoices import ISSUED_STATUSES, OPEN_STATUSES
from invoicing.selectors.documents import hosted_url

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
    sum_columns = ("total", "amount_due")
    list_display = (
        "number",
        "customer",
        state_column,
        "invoice_date",
        "due_date",
        "currency",
        "shown_total",
        "shown_due",
    )
    list_filter = (
        ("invoice_date", RangeDateFilter), "status", ("total", RangeNumericFilter),
        ("customer", AutocompleteSelectFilter), "currency",
    )  # fmt: skip
    list_filter_submit = True
    list_select_related = ("customer",)
    search_fields = ("number", "customer__name")

    def offers(self, action: str, row: Invoice) -> bool:
        if action in ("partial_update", "destroy"):
            return (action == "partial_update" and row.status in (*OPEN_STATUSES, "draft")) or row.status == "draft"
        if action == "write_off":
            return row.status in OPEN_STATUSES
        return row.status not in ("void", "deleted") and (action != "void" or row.amount_paid == 0)

    def leads(self, row: Invoice) -> Sequence[tuple[str, str, str]]:
        found: list[tuple[str, str, str]] = []
        if row.status in OPEN_STATUSES:
            given = {"customer_id": row.customer.public_id, "invoice_id": row.public_id, "amount": str(row.amount_due)}
            found.append(
                (
                    "Receive payment",
                    f"{reverse('admin:operation', args=('payments', 'create'))}?{urlencode(given)}",
                    "payments",
                )
            )
        if row.status in ISSUED_STATUSES:
            page = reverse("admin:operation", args=("credit_notes", "create"))
            found.append(("Credit", f"{page}?invoice_id={row.public_id}", "credit_notes"))
            found.append(("PDF", reverse("admin:object_file", args=("invoices", "pdf", row.pk)), ""))
            found.append(("Hosted page", hosted_url(row), ""))
        return found

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
    sum_columns = ("total", "amount_applied")
    list_display = ("number", "customer", "credit_date", "currency", "shown_total", "shown_applied")
    list_select_related = ("customer",)
    search_fields = ("number", "customer__name")

    def begun(self, given: Mapping[str, str]) -> Mapping[str, Any]:
        """Of an invoice, its lines, each to be credited whole."""
        key = Invoice.id_in(given.get("invoice_id", ""))
        lines = InvoiceLine.objects.filter(invoice=key).order_by("position") if key else ()
        return {"lines": [{"invoice_line_id": line.public_id, "quantity": line.quantity} for line in lines]}

    def leads(self, row: CreditNote) -> Sequence[tuple[str, str, str]]:
        return [("PDF", reverse("admin:object_file", args=("credit_notes", "pdf", row.pk)), "")]

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
    sum_columns = ("amount", "amount_applied")
    list_display = ("payment_date", "customer", "method", "status", "shown_amount", "currency", "reference")
    list_filter = (
        ("payment_date", RangeDateFilter), "status", "method", ("amount", RangeNumericFilter),
        ("customer", AutocompleteSelectFilter), "currency",
    )  # fmt: skip
    list_filter_submit = True
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
