"""Invoices that repeat."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey, TenantModel
from customers.models import Customer
from invoicing.models.catalogue import Product, TaxRate
from invoicing.models.documents import money_column, percentage_column, price_column
from ledger.models import Account, Frequency, Recurring, RecurringStatus

__all__ = ["Frequency", "RecurringInvoice", "RecurringInvoiceLine", "RecurringStatus"]


class RecurringInvoice(WithMetadata, Recurring):
    """A template of invoices and its calendar."""

    id_prefix = "rinv"
    makes = "invoices"

    customer = TenantForeignKey(Customer, models.PROTECT, related_name="recurring_invoices")
    is_sent_automatically = models.BooleanField(default=True)
    currency = models.CharField(max_length=3)
    payment_terms = models.CharField(max_length=20)
    notes = models.CharField(max_length=2000, blank=True)
    price_includes_tax = models.BooleanField(default=False, db_default=False)
    discount_percentage = percentage_column()
    discount_amount = money_column(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "next_date"], name="invoicing_recurring_next")]

    def __str__(self) -> str:
        return f"{self.get_frequency_display()} invoice of {self.customer}"


class RecurringInvoiceLine(TenantModel):
    """A line as it was given; null values are taken from the product when the invoice is created."""

    id_prefix = "rinvl"

    recurring_invoice = TenantForeignKey(RecurringInvoice, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    product = TenantForeignKey(Product, models.PROTECT, null=True, related_name="+")
    tax_rate_named = TenantForeignKey(TaxRate, models.PROTECT, null=True, related_name="+")
    revenue_account = TenantForeignKey(Account, models.PROTECT, null=True, related_name="+")
    description = models.CharField(max_length=1000, blank=True)
    quantity = models.DecimalField(max_digits=15, decimal_places=6)
    unit_price = price_column(null=True)
    discount_percentage = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(0))
    discount_amount = money_column(null=True)
    is_charge = models.BooleanField(default=False, db_default=False)
    tax_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True)

    class Meta:
        ordering = ("position",)
        verbose_name_plural = "lines of recurring invoices"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "recurring_invoice", "position"], name="invoicing_recurringline_position"
            )
        ]
