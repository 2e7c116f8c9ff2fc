"""Exchange rates: kept by day and type, looked up for what is posted, imported from the European Central Bank."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant
from bigledger.tenants.uniqueness import ensure_unique
from ledger.bodies import ExchangeRateBody, ExchangeRateImportBody
from ledger.events import RATE_CREATED, RATE_DELETED, RATE_UPDATED, RATES_IMPORTED
from ledger.models import ExchangeRate, RateType
from ledger.rules import RATE_MISSING
from ledger.selectors import exchange_rate_bodies
from ledger.services.central_bank import PublishedRate

NEWEST_WITHIN_DAYS = 7
_CONSTRAINT = "ledger_exchangerate_day"
_RATES_ON = "SELECT place, rate FROM ledger_rates_on(%s::text[], %s::date[], %s, %s, %s)"
# Of one file, which has each day once. A rate that is kept already stays as it is, unless it differs.
_IMPORT = """
WITH written AS (
    INSERT INTO ledger_exchangerate AS kept (
        id, tenant_id, currency, quote_currency, date, type, rate, source, created_at, updated_at)
    SELECT gen_random_uuid(), app_tenant(), %(currency)s, r.quote, r.day, 'spot', r.rate, %(source)s, %(now)s, %(now)s
    FROM unnest(%(quotes)s::text[], %(days)s::date[], %(rates)s::numeric[]) AS r(quote, day, rate)
    ON CONFLICT (tenant_id, type, currency, quote_currency, date) DO UPDATE
        SET rate = excluded.rate, source = excluded.source, updated_at = excluded.updated_at
        WHERE kept.rate <> excluded.rate
    RETURNING xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""


@transaction.atomic
def create_exchange_rate(
    *,
    currency: str,
    date: datetime.date,
    rate: Decimal,
    quote_currency: str | None = None,
    type: str = RateType.SPOT,
    source: str = "",
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> ExchangeRateBody:
    """Keeps what one unit of `currency` is worth in `quote_currency` (the base currency) on a day.

    Raises ValidationFailed; Conflict when there is a rate of the two currencies, the day and the type.
    """
    quote = quote_currency or current_tenant().base_currency
    if quote == currency:
        raise ValidationFailed.at("currency", f"Must be another currency than {quote}.", "incompatible")
    row = ExchangeRate(
        currency=currency, quote_currency=quote, date=date, type=type, rate=rate, source=source,
        metadata=dict(metadata or {}),
    )  # fmt: skip
    ensure_unique(row, _CONSTRAINT, "date", force_insert=True)
    row.refresh_from_db()
    body = exchange_rate_bodies([row])[0]
    record(RATE_CREATED, row.id, body, acting=acting)
    return body


@transaction.atomic
def update_exchange_rate(
    *, exchange_rate: ExchangeRate, changes: Mapping[str, Any], acting: Principal
) -> ExchangeRateBody:
    """Changes `rate`, `source` and `metadata`. What was posted at the rate before stays as it is."""
    row = ExchangeRate.objects.select_for_update().get(pk=exchange_rate.pk)
    before = exchange_rate_bodies([row])[0]
    for name, value in changes.items():
        setattr(row, name, value)
    body = shown_change(row, before, lambda changed: exchange_rate_bodies([changed])[0])
    if body is None:
        return before
    row.save()
    record(RATE_UPDATED, row.id, body, acting=acting, previous=before)
    return body


@transaction.atomic
def delete_exchange_rate(*, exchange_rate: ExchangeRate, acting: Principal) -> None:
    """What was posted at the rate stays as it is."""
    row = ExchangeRate.objects.select_for_update().get(pk=exchange_rate.pk)
    record(RATE_DELETED, row.id, exchange_rate_bodies([row])[0], acting=acting)
    row.delete()


@transaction.atomic
def import_published_rates(
    *, rates: Sequence[PublishedRate], currency: str, source: str, acting: Principal
) -> ExchangeRateImportBody:
    """Keeps the spot rates that a central bank publishes for one unit of its `currency`; one that is there already is
    replaced when it differs. One event for all of them."""
    wanted = {
        "currency": currency,
        "source": source,
        "now": timezone.now(),
        "quotes": [rate.quote_currency for rate in rates],
        "days": [rate.date for rate in rates],
        "rates": [rate.rate for rate in rates],
    }
    [(created, updated)] = fetch_all(_IMPORT, wanted)
    days = [rate.date for rate in rates]
    body = ExchangeRateImportBody(
        currency=currency,
        source=source,
        first_date=min(days, default=None),
        last_date=max(days, default=None),
        created={"exchange_rates": created},
        updated={"exchange_rates": updated},
    )
    if created or updated:
        record(RATES_IMPORTED, uuid.uuid4(), body, acting=acting)
    return body


def rates_on(
    wanted: Sequence[tuple[str, datetime.date]],
    *,
    quote: str | None = None,
    kind: str = RateType.SPOT,
    within_days: int = NEWEST_WITHIN_DAYS,
) -> list[Decimal | None]:
    """For each currency on its day, units of `quote` (the base currency) for one unit: of the newest day not after it
    and at most `within_days` before. None where there is none. See sql/rates.sql."""
    quote = quote or current_tenant().base_currency
    currencies, days = [currency for currency, _ in wanted], [day for _, day in wanted]
    found = dict(fetch_all(_RATES_ON, [currencies, days, quote, kind, within_days]))
    return [found.get(place) for place in range(1, len(wanted) + 1)]


def rate_on(currency: str, day: datetime.date, field: str = "exchange_rate") -> Decimal:
    """Base units for one unit of `currency`: 1 for the base currency. Raises BusinessRuleViolation (`rate_missing`)."""
    base = current_tenant().base_currency
    if currency == base:
        return Decimal(1)
    [found] = rates_on([(currency, day)])
    if found is None:
        raise BusinessRuleViolation.of(RATE_MISSING, field, currency=currency, base=base, date=day)
    return found
