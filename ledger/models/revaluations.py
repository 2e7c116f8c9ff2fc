"""Revaluations: what was in foreign accounts on one day, and what that was worth at the rates of the day."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models.functions import Now

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey, TenantModel
from ledger.models.accounts import Account
from ledger.models.entries import JournalEntry


class RevaluationMode(models.TextChoices):
    """Whether the entry is reversed on the next day, or stays, so that the next revaluation posts the difference."""

    AUTO_REVERSE = "auto_reverse"
    CUMULATIVE = "cumulative"


def _amount(**kwargs: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=24, decimal_places=4, **kwargs)


class FxRevaluation(WithMetadata, TenantModel):
    """At the end of `as_of`. `journal_entry` is null when nothing differed; `settlement_entry` has what was left
    in base on accounts that were empty, which is realised and stays."""

    id_prefix = "fxr"

    as_of = models.DateField()
    mode = models.CharField(max_length=20, choices=RevaluationMode.choices)
    journal_entry = TenantForeignKey(JournalEntry, models.PROTECT, null=True, related_name="+")
    reversal_entry = TenantForeignKey(JournalEntry, models.PROTECT, null=True, related_name="+")
    settlement_entry = TenantForeignKey(JournalEntry, models.PROTECT, null=True, related_name="+")
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-as_of", "-id")
        indexes = [models.Index(fields=["tenant", "as_of"], name="ledger_fxrevaluation_day")]

    def __str__(self) -> str:
        return f"Revaluation of {self.as_of}"


class FxRevaluationRow(TenantModel):
    """An account: debit less credit in its currency, and in base before and after."""

    id_prefix = "fxrr"

    revaluation = TenantForeignKey(FxRevaluation, models.PROTECT, related_name="rows")
    position = models.PositiveIntegerField()
    account = TenantForeignKey(Account, models.PROTECT, related_name="+")
    balance = _amount()
    carrying_base = _amount()
    exchange_rate = models.DecimalField(max_digits=20, decimal_places=10)
    new_base = _amount()
    difference = _amount(default=Decimal(0))

    class Meta:
        ordering = ("position",)
