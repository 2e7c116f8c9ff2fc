"""Aged receivables: what each customer owes on one day, by how long it is overdue."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

from msgspec import Struct

from bigledger import money
from bigledger.events.standing import fetch_standing
from bigledger.tenants.context import current_tenant
from customers.models import Customer

# What was open at the end of the day, from the dates of the facts: issued, voided, applied, released, written off.
_SQL = """
WITH applied AS (
    SELECT invoice_id, payment_id, credit_note_id, amount FROM invoicing_paymentapplication
    WHERE tenant_id = app_tenant() AND applied_on <= %(as_of)s AND (released_on IS NULL OR released_on > %(as_of)s)
), open AS (
    SELECT i.customer_id, %(as_of)s - i.due_date AS days_overdue,
        i.total - CASE WHEN i.written_off_on <= %(as_of)s THEN i.amount_written_off ELSE 0 END
        - COALESCE((SELECT sum(a.amount) FROM applied a WHERE a.invoice_id = i.id), 0) AS due
    FROM invoicing_invoice i
    WHERE i.tenant_id = app_tenant() AND i.currency = %(currency)s AND i.sent_at IS NOT NULL
      AND i.invoice_date <= %(as_of)s AND (i.voided_on IS NULL OR i.voided_on > %(as_of)s)
), credit AS (
    SELECT p.customer_id, p.amount
        - COALESCE((SELECT sum(a.amount) FROM applied a WHERE a.payment_id = p.id), 0)
        - COALESCE((SELECT sum(r.amount) FROM invoicing_refund r WHERE r.tenant_id = app_tenant()
                    AND r.payment_id = p.id AND r.refund_date <= %(as_of)s), 0) AS amount
    FROM invoicing_payment p
    WHERE p.tenant_id = app_tenant() AND p.currency = %(currency)s AND p.status <> 'failed'
      AND p.payment_date <= %(as_of)s
    UNION ALL
    SELECT n.customer_id, n.total - COALESCE((SELECT sum(a.amount) FROM applied a WHERE a.credit_note_id = n.id), 0)
    FROM invoicing_creditnote n
    WHERE n.tenant_id = app_tenant() AND n.currency = %(currency)s AND n.credit_date <= %(as_of)s
), figures AS (
    SELECT customer_id,
        COALESCE(sum(due) FILTER (WHERE days_overdue <= 0), 0) AS current,
        COALESCE(sum(due) FILTER (WHERE days_overdue BETWEEN 1 AND 30), 0) AS days_1_30,
        COALESCE(sum(due) FILTER (WHERE days_overdue BETWEEN 31 AND 60), 0) AS days_31_60,
        COALESCE(sum(due) FILTER (WHERE days_overdue BETWEEN 61 AND 90), 0) AS days_61_90,
        COALESCE(sum(due) FILTER (WHERE days_overdue > 90), 0) AS days_over_90,
        0::numeric AS unapplied_credit
    FROM open GROUP BY customer_id
    UNION ALL
    SELECT customer_id, 0, 0, 0, 0, 0, sum(amount) FROM credit GROUP BY customer_id
)
SELECT c.id, c.number, c.name, sum(current), sum(days_1_30), sum(days_31_60), sum(days_61_90), sum(days_over_90),
    sum(unapplied_credit)
FROM figures JOIN customers_customer c ON c.tenant_id = app_tenant() AND c.id = figures.customer_id
GROUP BY c.tenant_id, c.id ORDER BY c.name, c.number
"""


class AgedAmounts(Struct):
    """`total` is the sum of open invoices less unapplied credit."""

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


def aged_receivables(*, as_of: datetime.date | None = None, currency: str | None = None) -> AgedReceivables:
    """What customers owed at the end of `as_of` (today), by age, in `currency` (the base currency)."""
    tenant = current_tenant()
    as_of = as_of or tenant.today()
    currency = currency or tenant.base_currency
    seq, found = fetch_standing(_SQL, {"as_of": as_of, "currency": currency})
    rows = []
    sums = [Decimal(0)] * 6
    for customer_id, number, name, *figures in found:
        if not any(figures):
            continue
        sums = [a + b for a, b in zip(sums, figures, strict=True)]
        rows.append(_row(customer_id, number, name, _amounts(figures, currency)))
    return AgedReceivables(
        type="aged_receivables",
        params={"as_of": as_of, "currency": currency},
        generated_at=tenant.now(),
        as_of_seq=seq,
        currency=currency,
        rows=rows,
        totals=_amounts(sums, currency),
    )


def _row(customer_id: uuid.UUID, number: str, name: str, amounts: AgedAmounts) -> AgedRow:
    public_id = Customer.public_id_of(customer_id)
    return AgedRow(
        AgedCustomer(public_id, number, name), amounts, f"/v1/invoices?customer_id={public_id}&amount_due[gt]=0"
    )


def _amounts(figures: list[Decimal], currency: str) -> AgedAmounts:
    *ages, credit = figures
    return AgedAmounts(*(money.to_currency(figure, currency) for figure in (*ages, credit, sum(ages) - credit)))
