"""What repeats: the calendar of a template, whatever it makes, and journal entries that repeat."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey, TenantModel
from ledger.models.accounts import Account


class Frequency(models.TextChoices):
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class RecurringStatus(models.TextChoices):
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class OnClosedPeriod(models.TextChoices):
    """What becomes of a date in a closed period: the template pauses, or what it makes goes to the first open day."""

    REFUSE = "refuse"
    NEXT_OPEN = "next_open"


class Recurring(TenantModel):
    """The calendar of a template. `occurrences` counts the past dates, so that the 31st stays the 31st.

    `pause_reason` is set if the system paused it because what it makes could not be made. `failures` counts the
    unexpected failures at its next date; it is not tried again before `retry_at`.
    """

    makes: ClassVar[str]  # in words, several of them

    status = models.CharField(max_length=10, choices=RecurringStatus.choices, default=RecurringStatus.ACTIVE)
    frequency = models.CharField(max_length=10, choices=Frequency.choices)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    next_date = models.DateField(null=True)
    occurrences = models.PositiveIntegerField(default=0)
    on_closed_period = models.CharField(
        max_length=10, choices=OnClosedPeriod.choices, default=OnClosedPeriod.REFUSE, db_default=OnClosedPeriod.REFUSE
    )
    pause_reason = models.CharField(max_length=500, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, db_default=0)
    retry_at = models.DateTimeField(null=True)
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


class RecurringEntry(WithMetadata, Recurring):
    """A template of journal entries. What it makes is posted, or with `is_posted` false kept as a draft.

    `latest_entry_id` is the last that it made; no key, since a draft may be deleted.
    """

    id_prefix = "rje"
    makes = "entries"

    description = models.CharField(max_length=1000, blank=True)
    is_posted = models.BooleanField(default=True)
    latest_entry_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = "recurring journal entry"
        verbose_name_plural = "recurring journal entries"
        indexes = [models.Index(fields=["tenant", "next_date"], name="ledger_recurringentry_next")]

    def __str__(self) -> str:
        return self.description or f"{self.get_frequency_display()} entry"


class RecurringEntryLine(TenantModel):
    id_prefix = "rjel"

    recurring = TenantForeignKey(RecurringEntry, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    account = TenantForeignKey(Account, models.PROTECT, related_name="+")
    debit = models.DecimalField(max_digits=19, decimal_places=4)
    credit = models.DecimalField(max_digits=19, decimal_places=4)
    currency = models.CharField(max_length=3, null=True)  # NULL: the account's
    description = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ("position",)
        verbose_name_plural = "lines of recurring journal entries"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "recurring", "position"], name="ledger_recurringline_position"),
            models.CheckConstraint(
                name="ledger_recurringline_one_sided",
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0),
            ),
        ]
