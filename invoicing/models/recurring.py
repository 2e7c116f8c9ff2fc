"""Invoices that repeat."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from bigledger.tenants.models import TenantForeignKey, TenantModel
from customers.models import Customer


class Frequency(models.TextChoices):
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class RecurringStatus(models.TextChoices):
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class RecurringInvoice(TenantModel):
    """A template and its calendar. `occurrences` counts the dates gone by, so that the 31st stays the 31st.

    `lines` is the JSON text of the lines as they were given: a JSON column would read decimals as floats.
    """

    id_prefix = "rinv"

    customer = TenantForeignKey(Customer, models.PROTECT, related_name="recurring_invoices")
    status = models.CharField(max_length=10, choices=RecurringStatus.choices, default=RecurringStatus.ACTIVE)
    frequency = models.CharField(max_length=10, choices=Frequency.choices)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    next_date = models.DateField(null=True)
    occurrences = models.PositiveIntegerField(default=0)
    is_sent_automatically = models.BooleanField(default=True)
    currency = models.CharField(max_length=3)
    payment_terms = models.CharField(max_length=20)
    notes = models.CharField(max_length=2000, blank=True)
    lines = models.TextField()
    pause_reason = models.CharField(max_length=500, blank=True)
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["tenant", "next_date"], name="invoicing_recurring_next")]
