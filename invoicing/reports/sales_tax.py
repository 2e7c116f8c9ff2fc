"""Sales tax: what was sold and credited in a period, by tax, and how that reconciles with the revenue in the books.

A tax of several components has a row for each of them; the totals count a sale once, from the lines of the documents.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from bigledger import money
from bigledger.errors import ValidationFailed
from bigledger.tenants.context import current_tenant
from bigledger.typesetting.sheet import Cell, Line, Sheet, period_of
from invoicing.reports.known import sales_standing
from invoicing.tax_treatment import (
    EXEMPT,
    INTRA_COMMUNITY,
    OUT_OF_SCOPE,
    REVERSE_CHARGE,
    STANDARD,
    UNTAXED,
    ZERO_RATED,
)
from ledger.reports.statements import day_of

# Each fact counts on its own day, as it does in the books: an invoice when it is dated, a void when it is made. What
# another system invoiced has no revenue here. `sign` is that of a sale; a credit note that is voided is a credit less.
_SQL = """
WITH documents AS (
    SELECT 'invoice' AS kind, id, false AS is_credit, 1 AS sign FROM invoicing_invoice
    WHERE tenant_id = app_tenant() AND currency = %(currency)s AND sent_at IS NOT NULL AND taken_over_on IS NULL
      AND invoice_date BETWEEN %(start)s AND %(end)s
    UNION ALL
    SELECT 'invoice', id, true, 1 FROM invoicing_invoice
    WHERE tenant_id = app_tenant() AND currency = %(currency)s AND sent_at IS NOT NULL AND taken_over_on IS NULL
      AND voided_on BETWEEN %(start)s AND %(end)s
    UNION ALL
    SELECT 'credit_note', id, true, 1 FROM invoicing_creditnote
    WHERE tenant_id = app_tenant() AND currency = %(currency)s AND credit_date BETWEEN %(start)s AND %(end)s
    UNION ALL
    SELECT 'credit_note', id, true, -1 FROM invoicing_creditnote
    WHERE tenant_id = app_tenant() AND currency = %(currency)s AND voided_on BETWEEN %(start)s AND %(end)s
), taxes AS (
    SELECT t.name, t.rate, t.kind, t.authority, t.reason, d.is_credit, d.sign * t.taxable_amount AS taxable,
        d.sign * t.amount AS amount
    FROM documents d JOIN invoicing_invoicetax t ON t.tenant_id = app_tenant() AND t.invoice_id = d.id
    WHERE d.kind = 'invoice'
    UNION ALL
    SELECT t.name, t.rate, t.kind, t.authority, t.reason, d.is_credit, d.sign * t.taxable_amount, d.sign * t.amount
    FROM documents d JOIN invoicing_creditnotetax t ON t.tenant_id = app_tenant() AND t.credit_note_id = d.id
    WHERE d.kind = 'credit_note'
), reliefs AS (
    SELECT t.name, t.rate, t.kind, t.authority, t.reason, t.amount
    FROM invoicing_writeofftax t
    JOIN invoicing_writeoff w ON w.tenant_id = t.tenant_id AND w.id = t.write_off_id
    JOIN invoicing_invoice i ON i.tenant_id = w.tenant_id AND i.id = w.invoice_id
    WHERE t.tenant_id = app_tenant() AND t.undo_id IS NULL AND i.currency = %(currency)s
      AND w.written_off_on BETWEEN %(start)s AND %(end)s
    UNION ALL
    SELECT t.name, t.rate, t.kind, t.authority, t.reason, -t.amount
    FROM invoicing_writeofftax t
    JOIN invoicing_writeoffundo u ON u.tenant_id = t.tenant_id AND u.id = t.undo_id
    JOIN invoicing_writeoff w ON w.tenant_id = t.tenant_id AND w.id = t.write_off_id
    JOIN invoicing_invoice i ON i.tenant_id = w.tenant_id AND i.id = w.invoice_id
    WHERE t.tenant_id = app_tenant() AND i.currency = %(currency)s AND u.undone_on BETWEEN %(start)s AND %(end)s
), facts AS (
    SELECT *, 0 AS relief FROM taxes
    UNION ALL SELECT name, rate, kind, authority, reason, NULL, 0, 0, amount FROM reliefs
), lines AS (
    SELECT l.tax_kind, l.tax_rate_named_id, d.is_credit, d.sign * (l.total - l.tax_amount) AS net,
        d.sign * l.tax_amount AS tax
    FROM documents d JOIN invoicing_invoiceline l ON l.tenant_id = app_tenant() AND l.invoice_id = d.id
    WHERE d.kind = 'invoice'
    UNION ALL
    SELECT l.tax_kind, l.tax_rate_named_id, d.is_credit, d.sign * (l.total - l.tax_amount), d.sign * l.tax_amount
    FROM documents d JOIN invoicing_creditnoteline l ON l.tenant_id = app_tenant() AND l.credit_note_id = d.id
    WHERE d.kind = 'credit_note'
), revenue AS (
    SELECT l.credit - l.debit AS amount, COALESCE(e.source ~ '^(inv|cn)_', false) AS is_of_document
    FROM ledger_account a
    JOIN ledger_journalline l ON l.tenant_id = a.tenant_id AND l.account_id = a.id
    JOIN ledger_journalentry e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
    WHERE a.tenant_id = app_tenant() AND a.type = 'revenue' AND l.currency = %(currency)s
      AND l.date BETWEEN %(start)s AND %(end)s AND e.closing_year IS NULL
)
SELECT 'tax', name, rate, kind, authority, reason,
    COALESCE(sum(taxable) FILTER (WHERE NOT is_credit), 0), COALESCE(sum(amount) FILTER (WHERE NOT is_credit), 0),
    COALESCE(sum(taxable) FILTER (WHERE is_credit), 0), COALESCE(sum(amount) FILTER (WHERE is_credit), 0), sum(relief)
FROM facts GROUP BY name, rate, kind, authority, reason
UNION ALL
SELECT 'untaxed', NULL, 0, tax_kind, '', '',
    COALESCE(sum(net) FILTER (WHERE NOT is_credit), 0), 0, COALESCE(sum(net) FILTER (WHERE is_credit), 0), 0, 0
FROM lines WHERE tax_kind = 'out_of_scope' AND tax_rate_named_id IS NULL GROUP BY tax_kind
UNION ALL
SELECT 'total', NULL, 0, tax_kind, '', '',
    COALESCE(sum(net) FILTER (WHERE NOT is_credit), 0), COALESCE(sum(tax) FILTER (WHERE NOT is_credit), 0),
    COALESCE(sum(net) FILTER (WHERE is_credit), 0), COALESCE(sum(tax) FILTER (WHERE is_credit), 0), 0
FROM lines GROUP BY tax_kind
UNION ALL
SELECT 'total', NULL, 0, 'standard', '', '', 0, 0, 0, 0, COALESCE(sum(amount), 0) FROM reliefs
UNION ALL
SELECT 'revenue', NULL, 0, '', '', '',
    COALESCE(sum(amount), 0), COALESCE(sum(amount) FILTER (WHERE NOT is_of_document), 0), 0, 0, 0 FROM revenue
ORDER BY 1, 2, 3, 4, 5, 6
"""
_TAXABLE = (STANDARD, ZERO_RATED)
_KINDS = {
    ZERO_RATED: "Zero-rated",
    EXEMPT: "Exempt",
    OUT_OF_SCOPE: "Out of scope",
    REVERSE_CHARGE: "Reverse charge",
    INTRA_COMMUNITY: "Intra-Community",
}


class TaxFigures(Struct):
    """`tax_due` is the tax invoiced less the tax of credit notes and voided invoices, and less `bad_debt_relief`, the
    tax of bad debts. Zero-rated sales are taxable. What is zero-rated, exempt, out of scope, under reverse charge or
    intra-community is sales less credits."""

    taxable_sales: Decimal
    tax_collected: Decimal
    taxable_credits: Decimal
    tax_credited: Decimal
    tax_due: Decimal
    zero_rated: Decimal
    exempt: Decimal
    out_of_scope: Decimal
    reverse_charge: Decimal
    intra_community: Decimal
    bad_debt_relief: Decimal


class SalesTaxRow(Struct):
    """A tax, or a component of one. `reason` is the wording that documents carry."""

    name: str
    rate: Decimal
    kind: str
    authority: str
    reason: str
    figures: TaxFigures


class RevenueReconciliation(Struct):
    """`net_sales` are all sales less all credits, without tax. With what other entries posted to revenue accounts
    (`other_entries`) they come to the revenue in the books of these days, so `difference` is zero."""

    net_sales: Decimal
    other_entries: Decimal
    revenue: Decimal
    difference: Decimal


class SalesTax(Struct):
    type: str
    params: dict[str, Any]
    generated_at: datetime.datetime
    as_of_seq: int
    currency: str
    rows: list[SalesTaxRow]
    totals: TaxFigures
    reconciliation: RevenueReconciliation
    lines_url: str


def sales_tax(
    *,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    currency: str | None = None,
    known_at: datetime.datetime | None = None,
) -> SalesTax:
    """Sales and their tax from `from` (the first of this month) to `to` (today), in `currency` (the base currency)."""
    tenant = current_tenant()
    end = end or day_of(tenant, known_at)
    start = start or end.replace(day=1)
    if start > end:
        raise ValidationFailed.at("from", "Must not be after to.", "out_of_range")
    currency = currency or tenant.base_currency
    standing, found = sales_standing(_SQL, {"start": start, "end": end, "currency": currency}, known_at)
    totals = [_figures(kind, sums, currency) for what, _, _, kind, _, _, *sums in found if what == "total"]
    return SalesTax(
        type="sales_tax",
        params={"from": start, "to": end, "currency": currency},
        generated_at=standing.at,
        as_of_seq=standing.seq,
        currency=currency,
        rows=[
            SalesTaxRow(name or UNTAXED, rate.normalize(), kind, authority, reason, _figures(kind, sums, currency))
            for what, name, rate, kind, authority, reason, *sums in found
            if what in ("tax", "untaxed")
        ],
        totals=_added(totals, currency),
        reconciliation=_reconciliation(found, currency),
        lines_url=f"/v1/invoices?invoice_date[gte]={start}&invoice_date[lte]={end}",
    )


def _figures(kind: str, sums: Sequence[Decimal], currency: str) -> TaxFigures:
    sales, collected, credited_sales, credited, relief = (money.to_currency(amount, currency) for amount in sums)
    zero = money.to_currency(Decimal(0), currency)
    is_taxable = kind in _TAXABLE
    nets = {name: sales - credited_sales if name == kind else zero for name in _KINDS}
    return TaxFigures(
        taxable_sales=sales if is_taxable else zero,
        tax_collected=collected,
        taxable_credits=credited_sales if is_taxable else zero,
        tax_credited=credited,
        tax_due=collected - credited - relief,
        zero_rated=nets[ZERO_RATED],
        exempt=nets[EXEMPT],
        out_of_scope=nets[OUT_OF_SCOPE],
        reverse_charge=nets[REVERSE_CHARGE],
        intra_community=nets[INTRA_COMMUNITY],
        bad_debt_relief=relief,
    )


def _added(figures: Iterable[TaxFigures], currency: str) -> TaxFigures:
    figures = list(figures)
    zero = money.to_currency(Decimal(0), currency)
    return TaxFigures(*(sum((getattr(each, name) for each in figures), zero) for name in TaxFigures.__struct_fields__))


def _reconciliation(found: Sequence[Sequence[Any]], currency: str) -> RevenueReconciliation:
    net = sum((row[6] - row[8] for row in found if row[0] == "total"), Decimal(0))
    revenue, other = next((row[6], row[7]) for row in found if row[0] == "revenue")
    amounts = (net, other, revenue, revenue - other - net)
    return RevenueReconciliation(*(money.to_currency(amount, currency) for amount in amounts))


def sales_tax_sheet(report: SalesTax) -> Sheet:
    """Taxed sales by tax, then what was sold without tax, and what all of it comes to in the books."""
    taxed = [row for row in report.rows if row.kind == STANDARD]
    lines = [Line("row", [_named(row), f"{(row.rate * 100).normalize():f} %", *_taxed(row.figures)]) for row in taxed]
    free = [row for row in report.rows if row.kind != STANDARD]
    if free:
        lines.append(Line("section", ["Sold without tax", *([None] * 7)]))
    for row in free:
        net = row.figures.zero_rated if row.kind == ZERO_RATED else getattr(row.figures, row.kind)
        label, text = _KINDS[row.kind], row.reason or row.name
        name = text if text.startswith(label) else f"{label}: {text}"
        lines.append(Line("row", [name, None, net, None, None, None, None, None]))
    checked = report.reconciliation
    lines += [
        Line("total", ["Total taxable", None, *_taxed(report.totals)]),
        Line("sum", ["Net sales", None, checked.net_sales, None, None, None, None, None]),
        Line("sum", ["Other entries on revenue accounts", None, checked.other_entries, None, None, None, None, None]),
        Line("total", ["Revenue in the books", None, checked.revenue, None, None, None, None, None]),
    ]
    heads = ["Tax", "Rate", "Sales", "Tax on sales", "Credits", "Tax on credits", "Bad debts", "Tax due"]
    return Sheet("Sales tax", period_of(report.params), report.currency, heads, lines, wide=0)


def _named(row: SalesTaxRow) -> str:
    return f"{row.name}, {row.authority}" if row.authority else row.name


def _taxed(figures: TaxFigures) -> list[Cell]:
    return [
        figures.taxable_sales, figures.tax_collected, figures.taxable_credits, figures.tax_credited,
        figures.bad_debt_relief, figures.tax_due,
    ]  # fmt: skip
