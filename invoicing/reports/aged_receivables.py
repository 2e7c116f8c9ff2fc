"""Aged receivables: what each customer owes on one day, by how long it is overdue."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from bigledger import money
from bigledger.api.lookup import find
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from invoicing.reports.known import sales_standing
from invoicing.reports.open_receivables import OPEN_ITEMS
from ledger.reports.statements import day_of

_SQL = (
    OPEN_ITEMS
    + """
SELECT c.id, c.number, c.name,
    COALESCE(sum(amount) FILTER (WHERE age = 'current'), 0),
    COALESCE(sum(amount) FILTER (WHERE age = 'days_1_30'), 0),
    COALESCE(sum(amount) FILTER (WHERE age = 'days_31_60'), 0),
    COALESCE(sum(amount) FILTER (WHERE age = 'days_61_90'), 0),
    COALESCE(sum(amount) FILTER (WHERE age = 'days_over_90'), 0),
    COALESCE(-sum(amount) FILTER (WHERE age = 'unapplied_credit'), 0),
    COALESCE(sum(amount) FILTER (WHERE on_receivable), 0)
FROM open o JOIN customers_customer c ON c.tenant_id = app_tenant() AND c.id = o.customer_id
WHERE %(customer)s::uuid IS NULL OR o.customer_id = %(customer)s
GROUP BY c.id, c.number, c.name ORDER BY c.name, c.number
"""
)


class AgedAmounts(Struct):
    """`total` is the receivable account of that day: the open invoices, less the unapplied credit that stands on it.
    Credit on Customer Deposits is in `unapplied_credit` and is not deducted."""

    current: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    days_over_90: Decimal
    unapplied_credit: Decimal
    total: Decimal


class AgedCustomer(Struct):
    id: str
    number: str
    name: str


class AgedRow(Struct):
    customer: AgedCustomer
    amounts: AgedAmounts
    lines_url: str


class AgedReceivables(Struct):
    type: str
    params: dict[str, Any]
    generated_at: datetime.datetime
    as_of_seq: int
    currency: str
    rows: list[AgedRow]
    totals: AgedAmounts


def aged_receivables(
    *,
    as_of: datetime.date | None = None,
    currency: str | None = None,
    customer_id: str | None = None,
    known_at: datetime.datetime | None = None,
) -> AgedReceivables:
    """What customers owed at the end of `as_of` (today), by age, in `currency` (the base currency); with `customer_id`
    one of them. Raises ResourceNotFound."""
    tenant = current_tenant()
    as_of = as_of or day_of(tenant, known_at)
    currency = currency or tenant.base_currency
    customer = find(Customer.objects.all(), customer_id) if customer_id else None
    params = {"as_of": as_of, "currency": currency, "customer": customer.id if customer else None}
    standing, found = sales_standing(_SQL, params, known_at)
    rows = []
    sums = [Decimal(0)] * 7
    for identifier, number, name, *figures in found:
        if not any(figures):
            continue
        sums = [a + b for a, b in zip(sums, figures, strict=True)]
        public_id = Customer.public_id_of(identifier)
        link = f"/v1/reports/open_receivables?as_of={as_of}&currency={currency}&customer_id={public_id}"
        rows.append(AgedRow(AgedCustomer(public_id, number, name), _amounts(figures, currency), link))
    return AgedReceivables(
        type="aged_receivables",
        params={
            "as_of": as_of,
            "currency": currency,
            **({"customer_id": customer.public_id} if customer else {}),
        },
        generated_at=standing.at,
        as_of_seq=standing.seq,
        currency=currency,
        rows=rows,
        totals=_amounts(sums, currency),
    )


def _amounts(figures: list[Decimal], currency: str) -> AgedAmounts:
    return AgedAmounts(*(money.to_currency(figure, currency) for figure in figures))
