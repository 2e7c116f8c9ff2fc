"""Invoices, their lines and taxes."""

from __future__ import annotations

import datetime
import secrets
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey, TenantModel
from bigledger.tenants.natural_order import natural_order
from customers.models import Customer
from invoicing.models.documents import DocumentLine, DocumentTax, PricedDocument, money_column, rate_column
from invoicing.models.recurring import RecurringInvoice
from ledger.models import JournalEntry


class InvoiceStatus(models.TextChoices):
    """A deleted draft keeps its row and its number, so that there is no gap."""

    DRAFT = "draft"
    SENT = "sent"
    OVERDUE = "overdue"
    PAID = "paid"
    WRITTEN_OFF = "written_off"
    VOID = "void"
    DELETED = "deleted"


OPEN_STATUSES = (InvoiceStatus.SENT, InvoiceStatus.OVERDUE)
ISSUED_STATUSES = (*OPEN_STATUSES, InvoiceStatus.PAID, InvoiceStatus.WRITTEN_OFF)


def new_hosted_token() -> str:
    """256 random bits, so that nobody can guess the link of an invoice."""
    return secrets.token_urlsafe(32)


class Invoice(WithMetadata, PricedDocument):
    """A claim on a customer. `amount_due` is the unpaid part of `total`, and zero if the invoice is void or deleted."""

    id_prefix = "inv"
    natural_field = "number"

    number = models.CharField(max_length=40, null=True)  # taken at issue, so a draft has none
    number_order = natural_order("number")
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="invoices")
    status = models.CharField(max_length=12, choices=InvoiceStatus.choices, default=InvoiceStatus.DRAFT)
    currency = models.CharField(max_length=3)
    invoice_date = models.DateField()
    due_date = models.DateField()
    is_due_date_given = models.BooleanField(default=False, editable=False)  # else it follows from the terms
    payment_terms = models.CharField(max_length=20)
    notes = models.CharField(max_length=2000, blank=True)
    subtotal = money_column()
    discount_total = money_column()
    tax_total = money_column()
    total = money_column()
    # Of a draft the rate that was given, if any; from the issue on the one that was posted at, and the total in base.
    exchange_rate = rate_column(blank=True)
    base_total = money_column(default=Decimal(0), editable=False)
    amount_paid = money_column(default=Decimal(0))
    amount_credited = money_column(default=Decimal(0))
    amount_written_off = money_column(default=Decimal(0))
    amount_due = money_column()
    journal_entry = TenantForeignKey(JournalEntry, models.PROTECT, null=True, related_name="+")
    recurring_invoice = TenantForeignKey(RecurringInvoice, models.PROTECT, null=True, related_name="invoices")
    hosted_token = models.CharField(max_length=43, default=new_hosted_token, editable=False)
    # The day of the opening balances with which it came from another system; from then on it is in the books.
    taken_over_on = models.DateField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    viewed_at = models.DateTimeField(null=True, editable=False)
    paid_at = models.DateTimeField(null=True, editable=False)
    voided_at = models.DateTimeField(null=True, editable=False)
    voided_on = models.DateField(null=True, editable=False)
    void_reason = models.CharField(max_length=500, blank=True)
    # The due dates for which `invoice.overdue` was raised: once for each.
    overdue_told = ArrayField(models.DateField(), default=list, editable=False)
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    counts_as_use = ~Q(status=InvoiceStatus.DELETED)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="invoicing_invoice_number"),
            models.UniqueConstraint(fields=["tenant", "hosted_token"], name="invoicing_invoice_hosted_token"),
            models.CheckConstraint(
                name="invoicing_invoice_amount_due",
                condition=Q(
                    amount_due__gte=0,
                    amount_due=F("total") - F("amount_paid") - F("amount_credited") - F("amount_written_off"),
                )
                | Q(status__in=("void", "deleted"), amount_due=0, amount_paid=0, amount_credited=0),
            ),
            models.CheckConstraint(
                name="invoicing_invoice_total",
                condition=Q(total__gte=0)
                & (
                    Q(price_includes_tax=False, total=F("subtotal") - F("discount_total") + F("tax_total"))
                    | Q(price_includes_tax=True, total=F("subtotal") - F("discount_total"))
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "invoice_date"], name="invoicing_invoice_date"),
            models.Index(fields=["tenant", "number_order"], name="invoicing_invoice_order"),
            models.Index(fields=["tenant", "due_date"], name="invoicing_invoice_open", condition=Q(amount_due__gt=0)),
            models.Index(
                fields=["tenant", "-sent_at", "-id"],
                name="invoicing_invoice_sent",
                condition=Q(sent_at__isnull=False),
            ),
            # The hosted page knows the token before it knows the tenant.
            models.Index(fields=["hosted_token"], name="invoicing_invoice_token"),
        ]

    def __str__(self) -> str:
        return self.number or "Draft"

    @property
    def words(self) -> str:
        """What messages call it."""
        return self.number or "This invoice"

    @property
    def booked_on(self) -> datetime.date:
        """The day on which the receivable is in the books."""
        return self.taken_over_on or self.invoice_date

    @property
    def payment_status(self) -> str:
        """unpaid, partially_paid, paid (whether by payments, credit notes or small differences) or written_off."""
        if self.status == InvoiceStatus.WRITTEN_OFF:
            return "written_off"
        if self.amount_due == 0 and self.status in ISSUED_STATUSES:
            return "paid"
        return "partially_paid" if 0 < self.amount_due < self.total else "unpaid"


class DueDateChange(TenantModel):
    """An issued invoice was due on `due_date` until the day `changed_on`."""

    id_prefix = "due"

    invoice = TenantForeignKey(Invoice, models.CASCADE, related_name="due_date_changes")
    due_date = models.DateField()
    changed_on = models.DateField()


class InvoiceLine(DocumentLine):
    id_prefix = "invl"

    invoice = TenantForeignKey(Invoice, models.CASCADE, related_name="lines")


class InvoiceTax(DocumentTax):
    id_prefix = "itax"

    invoice = TenantForeignKey(Invoice, models.CASCADE, related_name="taxes")
