"""Write-offs of invoices: a row for each, and a row for each part of one that was undone or recovered."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from bigledger.tenants.models import TenantForeignKey, TenantModel
from invoicing.models.documents import DocumentTax, money_column
from invoicing.models.invoices import Invoice
from invoicing.models.payments import Payment
from ledger.models import JournalEntry


class WriteOffKind(models.TextChoices):
    BAD_DEBT = "bad_debt"
    SMALL_DIFFERENCE = "small_difference"


class WriteOff(TenantModel):
    """A part of an invoice that was given up on `written_off_on`. `amount_undone` of it is due again.

    `tax_amount` of it was tax that is not owed any more; the rest is an expense, or taken from the allowance."""

    id_prefix = "wo"

    invoice = TenantForeignKey(Invoice, models.PROTECT, related_name="write_offs")
    kind = models.CharField(max_length=20, choices=WriteOffKind.choices)
    amount = money_column()
    amount_undone = money_column(default=Decimal(0))
    tax_amount = money_column(default=Decimal(0), db_default=Decimal(0))
    is_against_allowance = models.BooleanField(default=False, db_default=False)
    base_amount = money_column(default=Decimal(0))
    written_off_on = models.DateField()
    reason = models.CharField(max_length=500, blank=True)
    journal_entry = TenantForeignKey(JournalEntry, models.PROTECT, null=True, related_name="+")
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    @property
    def currency(self) -> str:
        return str(self.invoice.currency)

    class Meta:
        verbose_name = "write-off"
        constraints = [
            models.CheckConstraint(
                name="invoicing_writeoff_amounts",
                condition=Q(amount__gt=0, amount_undone__gte=0, amount__gte=F("amount_undone"))
                & Q(tax_amount__gte=0, amount__gte=F("tax_amount")),
            )
        ]


class WriteOffUndo(TenantModel):
    """A part of a write-off that was taken back on `undone_on`; with `payment`, because that was received for it.

    `tax_amount` of it is owed again."""

    id_prefix = "wou"

    write_off = TenantForeignKey(WriteOff, models.PROTECT, related_name="undos")
    payment = TenantForeignKey(Payment, models.PROTECT, null=True, related_name="+")
    amount = money_column()
    tax_amount = money_column(default=Decimal(0), db_default=Decimal(0))
    base_amount = money_column(default=Decimal(0))
    undone_on = models.DateField()
    reason = models.CharField(max_length=500, blank=True)
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "part of a write-off taken back"
        verbose_name_plural = "parts of write-offs taken back"
        constraints = [models.CheckConstraint(name="invoicing_writeoffundo_amount", condition=Q(amount__gt=0))]


class WriteOffTax(DocumentTax):
    """A tax that is not owed any more because of a write-off; with `undo`, one that is owed again."""

    id_prefix = "wot"

    write_off = TenantForeignKey(WriteOff, models.CASCADE, related_name="taxes")
    undo = TenantForeignKey(WriteOffUndo, models.CASCADE, null=True, related_name="taxes")

    class Meta(DocumentTax.Meta):
        verbose_name = "tax of a write-off"
        verbose_name_plural = "taxes of write-offs"
