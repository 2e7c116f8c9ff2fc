"""Write-offs of invoices: a row for each, and a row for each part of one that was undone or recovered."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from bigledger.tenants.models import TenantForeignKey, TenantModel
from invoicing.models.documents import money_column
from invoicing.models.invoices import Invoice
from invoicing.models.payments import Payment
from ledger.models import JournalEntry


class WriteOffKind(models.TextChoices):
    BAD_DEBT = "bad_debt"
    SMALL_DIFFERENCE = "small_difference"


class WriteOff(TenantModel):
    """A part of an invoice that was given up on `written_off_on`. `amount_undone` of it is due again."""

    id_prefix = "wo"

    invoice = TenantForeignKey(Invoice, models.PROTECT, related_name="write_offs")
    kind = models.CharField(max_length=20, choices=WriteOffKind.choices)
    amount = money_column()
    amount_undone = money_column(default=Decimal(0))
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
                condition=Q(amount__gt=0, amount_undone__gte=0, amount__gte=F("amount_undone")),
            )
        ]


class WriteOffUndo(TenantModel):
    """A part of a write-off that was taken back on `undone_on`; with `payment`, because that was received for it."""

    id_prefix = "wou"

    write_off = TenantForeignKey(WriteOff, models.PROTECT, related_name="undos")
    payment = TenantForeignKey(Payment, models.PROTECT, null=True, related_name="+")
    amount = money_column()
    undone_on = models.DateField()
    reason = models.CharField(max_length=500, blank=True)
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "part of a write-off taken back"
        verbose_name_plural = "parts of write-offs taken back"
        constraints = [models.CheckConstraint(name="invoicing_writeoffundo_amount", condition=Q(amount__gt=0))]
