"""Payments, what they are applied to, and refunds."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from bigledger import money
from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey, TenantModel
from bigledger.tenants.natural_order import natural_order
from customers.models import Customer
from invoicing.models.credit import CreditNote
from invoicing.models.documents import money_column, rate_column
from invoicing.models.invoices import Invoice
from ledger.models import Account, JournalEntry


class PaymentMethod(models.TextChoices):
    BANK_TRANSFER = "bank_transfer"
    CASH = "cash"
    CHECK = "check"
    CARD = "card"


class PaymentStatus(models.TextChoices):
    RECEIVED = "received"
    FAILED = "failed"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOID = "void"


class Payment(WithMetadata, TenantModel):
    """Money from a customer, or a card that was declined (`failed`, without a posting).

    Only the brand and the last four digits of a card are stored. `captured_at` is null while the payment is
    authorized but not yet captured.
    """

    id_prefix = "pay"
    natural_field = "number"

    number = models.CharField(max_length=40, null=True)  # a declined card has none
    number_order = natural_order("number")
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="payments")
    amount = money_column()
    currency = models.CharField(max_length=3)
    exchange_rate = rate_column()
    base_amount = money_column(default=Decimal(0))
    method = models.CharField(max_length=20, choices=PaymentMethod.choices)
    status = models.CharField(max_length=20, choices=PaymentStatus.choices)
    payment_date = models.DateField()
    reference = models.CharField(max_length=100, blank=True)
    failure_code = models.CharField(max_length=40, blank=True)
    failure_message = models.CharField(max_length=200, blank=True)
    card_brand = models.CharField(max_length=20, blank=True)
    card_last4 = models.CharField(max_length=4, blank=True)
    amount_applied = money_column(default=Decimal(0))
    amount_refunded = money_column(default=Decimal(0))
    # Null for payments of before there was a choice, which are on the account for all receipts.
    deposit_account = TenantForeignKey(Account, models.PROTECT, null=True, related_name="+")
    # What is not applied stands on Customer Deposits, not on Accounts Receivable.
    is_deposit = models.BooleanField(default=False, db_default=False, editable=False)
    voided_on = models.DateField(null=True, editable=False)
    void_reason = models.CharField(max_length=500, blank=True, db_default="")
    journal_entry = TenantForeignKey(JournalEntry, models.PROTECT, null=True, related_name="+")
    gateway = models.CharField(max_length=20, blank=True)
    gateway_reference = models.CharField(max_length=100, blank=True)
    captured_at = models.DateTimeField(null=True, editable=False)
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="invoicing_payment_number"),
            models.CheckConstraint(
                name="invoicing_payment_amounts",
                condition=Q(
                    amount__gt=0,
                    amount_applied__gte=0,
                    amount_refunded__gte=0,
                    amount__gte=F("amount_applied") + F("amount_refunded"),
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "payment_date"], name="invoicing_payment_date"),
            models.Index(fields=["tenant", "number_order"], name="invoicing_payment_order"),
        ]

    def __str__(self) -> str:
        return f"{money.to_currency(self.amount, self.currency):,} {self.currency} on {self.payment_date}"

    @property
    def amount_left(self) -> Decimal:
        """What can still be applied or refunded."""
        if self.status in (PaymentStatus.FAILED, PaymentStatus.VOID):
            return Decimal(0)
        left: Decimal = self.amount - self.amount_applied - self.amount_refunded
        return left


class PaymentApplication(TenantModel):
    """A part of a payment or credit note set against an invoice, from the day `applied_on`.

    Only `released_on`, the day from which it no longer counts, ever changes; so what was applied on any
    past day can still be computed.
    """

    id_prefix = "papp"

    payment = TenantForeignKey(Payment, models.PROTECT, null=True, related_name="applications")
    credit_note = TenantForeignKey(CreditNote, models.PROTECT, null=True, related_name="applications")
    invoice = TenantForeignKey(Invoice, models.PROTECT, related_name="applications")
    amount = money_column()
    # In base: what it took off the receivable, and off where the payment or credit note stood. They differ by what was
    # gained or lost on the rates.
    base_amount = money_column(default=Decimal(0))
    source_base_amount = money_column(default=Decimal(0))
    applied_on = models.DateField()
    released_on = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    @property
    def realised_gain(self) -> Decimal:
        """In base, negative for a loss."""
        found: Decimal = self.source_base_amount - self.base_amount
        return found

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="invoicing_paymentapplication_source",
                condition=Q(payment__isnull=False, credit_note__isnull=True)
                | Q(payment__isnull=True, credit_note__isnull=False),
            ),
            models.CheckConstraint(name="invoicing_paymentapplication_amount", condition=Q(amount__gt=0)),
        ]


class Refund(TenantModel):
    """Money returned from a payment or a credit note. `settled_at` is null until the card gateway has refunded it."""

    id_prefix = "ref"

    payment = TenantForeignKey(Payment, models.PROTECT, null=True, related_name="refunds")
    credit_note = TenantForeignKey(CreditNote, models.PROTECT, null=True, related_name="refunds")
    amount = money_column()
    base_amount = money_column(default=Decimal(0))
    reason = models.CharField(max_length=500, blank=True)
    refund_date = models.DateField()
    deposit_account = TenantForeignKey(Account, models.PROTECT, null=True, related_name="+")
    journal_entry = TenantForeignKey(JournalEntry, models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, editable=False)
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="invoicing_refund_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="invoicing_refund_source",
                condition=Q(payment__isnull=False, credit_note__isnull=True)
                | Q(payment__isnull=True, credit_note__isnull=False),
            ),
        ]

    @property
    def currency(self) -> str:
        found = self.payment or self.credit_note
        return str(found.currency) if found else ""
