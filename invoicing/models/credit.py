"""Credit notes, which reduce what was invoiced to a customer."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey
from bigledger.tenants.natural_order import natural_order
from customers.models import Customer
from invoicing.models.documents import DocumentLine, DocumentTax, PricedDocument, money_column, rate_column
from invoicing.models.invoices import Invoice, InvoiceLine
from ledger.models import JournalEntry


class CreditNote(WithMetadata, PricedDocument):
    """Posted when it is created. The part that is not applied to an invoice remains as the customer's credit."""

    id_prefix = "cn"
    natural_field = "number"

    number = models.CharField(max_length=40)
    number_order = natural_order("number")
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="credit_notes")
    invoice = TenantForeignKey(Invoice, models.PROTECT, null=True, related_name="credit_notes")
    currency = models.CharField(max_length=3)
    credit_date = models.DateField()
    reason = models.CharField(max_length=500, blank=True)
    subtotal = money_column()
    discount_total = money_column()
    tax_total = money_column()
    total = money_column()
    exchange_rate = rate_column()
    base_total = money_column(default=Decimal(0))
    amount_applied = money_column(default=Decimal(0))
    amount_refunded = money_column(default=Decimal(0))
    # The payment that settled the invoice less this discount for early payment.
    early_payment = TenantForeignKey("invoicing.Payment", models.PROTECT, null=True, related_name="discounts")
    # What is not applied stands on Customer Deposits, not on Accounts Receivable.
    is_deposit = models.BooleanField(default=False, db_default=False, editable=False)
    voided_on = models.DateField(null=True, editable=False)
    void_reason = models.CharField(max_length=500, blank=True, db_default="")
    journal_entry = TenantForeignKey(JournalEntry, models.PROTECT, related_name="+")
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="invoicing_creditnote_number"),
            models.CheckConstraint(
                name="invoicing_creditnote_applied",
                condition=Q(
                    amount_applied__gte=0,
                    amount_refunded__gte=0,
                    total__gte=F("amount_applied") + F("amount_refunded"),
                ),
            ),
        ]
        indexes = [models.Index(fields=["tenant", "number_order"], name="invoicing_creditnote_order")]

    def __str__(self) -> str:
        return self.number

    @property
    def amount_left(self) -> Decimal:
        """What can still be applied or refunded."""
        return Decimal(0) if self.voided_on else self.total - self.amount_applied - self.amount_refunded


class CreditNoteLine(DocumentLine):
    id_prefix = "cnl"

    credit_note = TenantForeignKey(CreditNote, models.CASCADE, related_name="lines")
    # The line of the invoice that it takes back, in part or whole.
    invoice_line = TenantForeignKey(InvoiceLine, models.PROTECT, null=True, related_name="credit_lines")


class CreditNoteTax(DocumentTax):
    id_prefix = "cnt"

    credit_note = TenantForeignKey(CreditNote, models.CASCADE, related_name="taxes")
