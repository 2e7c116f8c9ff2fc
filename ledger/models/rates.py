"""Exchange rates: what one unit of a currency is worth in another one, by day and type."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantModel

MAX_RATE_DECIMAL_PLACES = 10
MAX_RATE = Decimal(10) ** 10


class RateType(models.TextChoices):
    """`spot` is what postings take; a revaluation takes the `closing` rate of its day first."""

    SPOT = "spot"
    CLOSING = "closing"
    AVERAGE = "average"


class ExchangeRate(WithMetadata, TenantModel):
    """`rate` units of `quote_currency` for one unit of `currency`, on one day. Lines and documents carry the rate that
    they were posted at, so a rate that changes later changes nothing that is posted."""

    id_prefix = "rate"

    currency = models.CharField(max_length=3)
    quote_currency = models.CharField(max_length=3)
    date = models.DateField()
    type = models.CharField(max_length=10, choices=RateType.choices, default=RateType.SPOT)
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-date", "currency")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "type", "currency", "quote_currency", "date"], name="ledger_exchangerate_day"
            ),
            models.CheckConstraint(name="ledger_exchangerate_rate", condition=Q(rate__gt=0, rate__lt=10**10)),
            models.CheckConstraint(name="ledger_exchangerate_currencies", condition=~Q(currency=F("quote_currency"))),
        ]
        indexes = [
            # For the inverse; the other direction has the constraint's.
            models.Index(fields=["tenant", "type", "quote_currency", "date"], name="ledger_exchangerate_quote"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} in {self.quote_currency} on {self.date}"
