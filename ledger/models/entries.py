"""The tables of journal entries and their lines.

`JournalLine` holds only posted lines; the lines of a draft are in `DraftLine`, so no report has to filter by status.
The database function `ledger_post` (`sql/posting.sql`) writes journal lines and balances; no other code has the right
to. The kept balances are a table that exists only in SQL (`sql/balances.sql`).
"""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.db.models.lookups import Exact, GreaterThan

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey, TenantModel, tenant_key
from ledger.models.accounts import Account

MAX_LINES = 1000  # of a journal entry


class EntryStatus(models.TextChoices):
    DRAFT = "draft"
    POSTED = "posted"


class JournalEntry(WithMetadata, TenantModel):
    """A dated set of lines that balance. `total` is the sum of either side, in `currency`: the one of the lines, or the
    base currency when they are in several."""

    id_prefix = "je"
    natural_field = "number"

    tenant = tenant_key(db_constraint=False)
    number = models.CharField(max_length=64)
    number_order = models.TextField(db_collation="C", db_default="", editable=False)  # by a trigger: sql/books.sql
    reference = models.CharField(max_length=64, null=True, blank=True)
    date = models.DateField()
    description = models.CharField(max_length=1000, blank=True)
    status = models.CharField(max_length=10, choices=EntryStatus.choices)
    currency = models.CharField(max_length=3)
    total_debit = models.DecimalField(max_digits=24, decimal_places=4)
    total_credit = models.DecimalField(max_digits=24, decimal_places=4)
    # The same in the tenant's base currency; NULL for drafts, and totals for what was posted without a rate.
    base_currency = models.CharField(max_length=3, null=True, editable=False)
    base_total_debit = models.DecimalField(max_digits=24, decimal_places=4, null=True, editable=False)
    base_total_credit = models.DecimalField(max_digits=24, decimal_places=4, null=True, editable=False)
    line_count = models.IntegerField()
    reversal_of = TenantForeignKey("self", models.PROTECT, null=True, related_name="reversals")
    reversal_reason = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=40, null=True, editable=False)  # public id of the document that posted it
    requested_date = models.DateField(null=True, editable=False)  # when the entry was moved out of a closed month
    lock_exception_id = models.UUIDField(null=True, editable=False)  # not a key: its index would cost each posting
    closing_year = models.SmallIntegerField(null=True, editable=False)  # the fiscal year that it closes
    reverse_on = models.DateField(null=True, editable=False)  # the day on which it is reversed by itself
    created_by_id = models.UUIDField()  # not a key: all writers would lock the one user's row
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    posted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name_plural = "journal entries"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="ledger_journalentry_number"),
            models.UniqueConstraint(
                fields=["tenant", "reversal_of"],
                name="ledger_journalentry_reversed_once",
                condition=Q(reversal_of__isnull=False),
            ),
            models.CheckConstraint(
                name="ledger_journalentry_balanced",
                condition=Q(status="draft")
                | Q(total_debit=models.F("total_credit"), total_debit__gt=0, line_count__gte=2),
            ),
            models.CheckConstraint(
                name="ledger_journalentry_posted_at",
                condition=Q(status="draft", posted_at__isnull=True) | Q(status="posted", posted_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "date"], name="ledger_journalentry_date"),
            models.Index(fields=["tenant", "number_order"], name="ledger_journalentry_order"),
            models.Index(
                fields=["tenant", "closing_year"],
                name="ledger_journalentry_closing",
                condition=Q(closing_year__isnull=False),
            ),
            models.Index(
                fields=["tenant", "reverse_on"],
                name="ledger_journalentry_reverse",
                condition=Q(reverse_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class JournalLine(TenantModel):
    """One side of a posted entry. `date` and `base_currency` repeat the entry's, `account_currency` the account's.

    `debit` and `credit` are in `currency`: the account's own, or any when the account is in the base currency. Base
    amounts and rate (base units for one unit) are NULL together, for a foreign line that was posted without a rate. The
    checks of all that are in sql/lines.sql.
    """

    id_prefix = "jel"

    tenant = tenant_key(db_constraint=False)
    entry = TenantForeignKey(JournalEntry, models.PROTECT, related_name="lines")
    position = models.IntegerField()
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="lines", db_constraint=False, db_index=False
    )  # its composite key, with the currency, is in sql/lines.sql
    currency = models.CharField(max_length=3)
    date = models.DateField()
    debit = models.DecimalField(max_digits=19, decimal_places=4)
    credit = models.DecimalField(max_digits=19, decimal_places=4)
    account_currency = models.CharField(max_length=3)
    base_currency = models.CharField(max_length=3)
    base_debit = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    base_credit = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    exchange_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    description = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.CheckConstraint(
                name="ledger_journalline_one_sided",
                # As short as can be: PostgreSQL reads a check anew for each statement. NaN times anything is NaN.
                condition=Q(Exact(models.F("debit") * models.F("credit"), Decimal(0)))
                & Q(GreaterThan(models.F("debit") + models.F("credit"), Decimal(0))),
            ),
        ]
        indexes = [models.Index(fields=["tenant", "account", "date"], name="ledger_journalline_account")]

    def __str__(self) -> str:
        return f"Line {self.position}"


class DraftLine(TenantModel):
    """A line of a draft: not in the books, may be edited, need not balance."""

    id_prefix = "jel"

    entry = TenantForeignKey(JournalEntry, models.CASCADE, related_name="draft_lines")
    position = models.PositiveIntegerField()
    account = TenantForeignKey(Account, models.PROTECT, related_name="draft_lines")
    debit = models.DecimalField(max_digits=19, decimal_places=4)
    credit = models.DecimalField(max_digits=19, decimal_places=4)
    # As they were given; NULL is the account's currency, and the rate of the day on which the draft is posted.
    currency = models.CharField(max_length=3, null=True)
    exchange_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    base_amount = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    description = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ("position",)
