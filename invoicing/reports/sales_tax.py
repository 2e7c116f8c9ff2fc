"""Sales tax: what was invoiced and credited in a period, by tax."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from bigledger import money
from bigledger.errors import ValidationFailed
from bigledger.events.standing import fetch_standing
from bigledger.tenants.context import current_tenant

# Each fact counts on its own day, as it does in the books: an invoice when it is dated, a void when it is made.
_SQL = """
SELECT name, rate, sum(sales), sum(collected), sum(credited_sales), sum(credited) FROM (
    SELECT t.name, t.rate, t.taxable_amount AS sales, t.amount AS collected, 0 AS credited_sales, 0 AS credited
    FROM invoicing_invoicetax t
    JOIN invoicing_invoice i ON i.tenant_id = t.tenant_id AND i.id = t.invoice_id
    WHERE t.tenant_id = app_tenant() AND i.currency = %(currency)s AND i.sent_at IS NOT NULL
      AND i.invoice_date BETWEEN %(start)s AND %(end)s
    UNION ALL
    SELECT t.name, t.rate, 0, 0, t.taxable_amount, t.amount
    FROM invoicing_invoicetax t
    JOIN invoicing_invoice i ON i.tenant_id = t.tenant_id AND i.id = t.invoice_id
    WHERE t.tenant_id = app_tenant() AND i.currency = %(currency)s AND i.sent_at IS NOT NULL
      AND i.voided_on BETWEEN %(start)s AND %(end)s
    UNION ALL
    SELECT t.name, t.rate, 0, 0, t.taxable_amount, t.amount
    FROM invoicing_creditnotetax t
    JOIN invoicing_creditnote n ON n.tenant_id = t.tenant_id AND n.id = t.credit_note_id
    WHERE t.tenant_id = app_tenant() AND n.currency = %(currency)s AND n.credit_date BETWEEN %(start)s AND %(end)s
    UNION ALL
    SELECT t.name, t.rate, 0, 0, -t.taxable_amount, -t.amount
    FROM invoicing_creditnotetax t
    JOIN invoicing_creditnote n ON n.tenant_id = t.tenant_id AND n.id = t.credit_note_id
    WHERE t.tenant_id = app_tenant() AND n.currency = %(currency)s AND n.voided_on BETWEEN %(start)s AND %(end)s
) facts GROUP BY name, rate ORDER BY name, rate
"""


class TaxFigures(Struct):
    """`tax_due` is the tax invoiced less the tax of credit notes and voided invoices."""

    taxable_sales: Decimal
    tax_collected: Decimal
    taxable_credits: Decimal
    tax_credited: Decimal
    tax_due: Decimal


class SalesTaxRow(Struct):
    name: str
    rate: Decimal
    figures: TaxFigures


class SalesTax(Struct):
    type: str
    params: dict[str, Any]
    generated_at: datetime.datetime
    as_of_seq: int
    currency: str
    rows: list[SalesTaxRow]
    totals: TaxFigures
    lines_url: str


def sales_tax(
    *, start: datetime.date | None = None, end: datetime.date | None = None, currency: str | None = None
) -> SalesTax:
    """Sales and their tax from `from` (the first of this month) to `to` (today), in `currency` (the base currency)."""
    tenant = current_tenant()
    end = end or tenant.today()
    start = start or end.replace(day=1)
    if start > end:
        raise ValidationFailed.at("from", "Must not be after to.", "out_of_range")
    currency = currency or tenant.base_currency
    standing, found = fetch_standing(_SQL, {"start": start, "end": end, "currency": currency})
    sums = [sum((row[n] for row in found), Decimal(0)) for n in range(2, 6)]
    return SalesTax(
        type="sales_tax",
        params={"from": start, "to": end, "currency": currency},
        generated_at=standing.at,
        as_of_seq=standing.seq,
        currency=currency,
        rows=[SalesTaxRow(name, rate.normalize(), _figures(rest, currency)) for name, rate, *rest in found],
        totals=_figures(sums, currency),
        lines_url=f"/v1/invoices?invoice_date[gte]={start}&invoice_date[lte]={end}",
    )


def _figures(sums: list[Decimal], currency: str) -> TaxFigures:
    sales, collected, credited_sales, credited = (money.to_currency(amount, currency) for amount in sums)
    return TaxFigures(sales, collected, credited_sales, credited, collected - credited)
