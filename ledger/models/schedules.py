"""Schedules: an amount that is spread over months, and the rows that it is posted in."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey, TenantModel
from ledger.models.accounts import Account
from ledger.models.entries import JournalEntry

MAX_SCHEDULE_MONTHS = 120


class ScheduleMethod(models.TextChoices):
    """Whether each month has the same part, or the part of its days."""

    MONTHS = "months"
    DAYS = "days"


class ScheduleStatus(models.TextChoices):
    ACTIVE = "active"
    COMPLETED = "completed"
    STOPPED = "stopped"
    VOID = "void"


class ScheduleRowKind(models.TextChoices):
    """What is planned for a month, or what leaves the schedule on a day (negative: comes back)."""

    PERIOD = "period"
    RELEASE = "release"


class Schedule(WithMetadata, TenantModel):
    """An amount in the base currency: each row debits one account and credits the other.

    The rows add up to `amount` unless it is void; a trigger holds that (sql/schedules.sql). `source` is the public id
    of the line of a document whose amount it is; then `deferral_entry` took the amount from its account first.
    `failure_reason` says why the clock could not post a row that is due.
    """

    id_prefix = "sch"

    description = models.CharField(max_length=1000, blank=True)
    status = models.CharField(max_length=10, choices=ScheduleStatus.choices, default=ScheduleStatus.ACTIVE)
    method = models.CharField(max_length=10, choices=ScheduleMethod.choices)
    start_date = models.DateField()
    end_date = models.DateField()
    amount = models.DecimalField(max_digits=19, decimal_places=4)
    currency = models.CharField(max_length=3)
    debit_account = TenantForeignKey(Account, models.PROTECT, related_name="+")
    credit_account = TenantForeignKey(Account, models.PROTECT, related_name="+")
    source = models.CharField(max_length=40, null=True, editable=False)
    deferral_entry = TenantForeignKey(JournalEntry, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    failure_reason = models.CharField(max_length=500, blank=True)
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("start_date", "id")
        constraints = [
            models.CheckConstraint(name="ledger_schedule_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="ledger_schedule_dates", condition=Q(end_date__gte=F("start_date"))),
            models.CheckConstraint(name="ledger_schedule_accounts", condition=~Q(debit_account=F("credit_account"))),
            models.UniqueConstraint(
                fields=["tenant", "source"],
                name="ledger_schedule_source",
                condition=Q(source__isnull=False, status__in=("active", "completed")),
            ),
        ]
        indexes = [models.Index(fields=["tenant", "status"], name="ledger_schedule_status")]

    def __str__(self) -> str:
        return self.description or f"Schedule from {self.start_date}"


class ScheduleRow(TenantModel):
    """A part of the amount, posted on `date`. `period` is its place in the plan, null for a release."""

    id_prefix = "schr"

    schedule = TenantForeignKey(Schedule, models.CASCADE, related_name="rows")
    kind = models.CharField(max_length=10, choices=ScheduleRowKind.choices)
    period = models.PositiveSmallIntegerField(null=True)
    date = models.DateField()
    amount = models.DecimalField(max_digits=19, decimal_places=4)
    journal_entry = TenantForeignKey(JournalEntry, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("date", "id")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "schedule", "period"], name="ledger_schedulerow_period"),
            models.CheckConstraint(
                name="ledger_schedulerow_kind",
                condition=Q(kind="period", period__isnull=False, amount__gt=0)
                | (Q(kind="release", period__isnull=True) & ~Q(amount=0)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "date"], name="ledger_schedulerow_due", condition=Q(journal_entry__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.date}"
