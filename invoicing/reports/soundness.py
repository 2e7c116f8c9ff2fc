"""Checks of the sales side for `check_books`: every kept amount against the facts it is kept from, and the control
accounts against the documents, day by day.

`KEPT` says of each amount in a table which check would find it wrong; `FACTS` are the amounts that are facts, as they
were given. A test fails for an amount that is in neither.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping

from bigledger import ids
from bigledger.events.models import Event
from bigledger.postgres.execute import fetch_all
from bigledger.soundness import Fault, Recorded
from customers.models import Customer
from customers.resources import CUSTOMERS
from invoicing.bodies import SalesSettingsBody
from invoicing.models import CreditNote, Invoice, Payment, PaymentApplication, SalesSettings, WriteOff
from invoicing.reports import changes, line_taxes
from invoicing.resources import CREDIT_NOTES, INVOICES, PAYMENTS, PRODUCTS, RECURRING_INVOICES, TAX_RATES
from invoicing.selectors.catalogue import settings_body
from invoicing.selectors.payments import application_body
from ledger.models import Account, JournalLine

_MODELS: Mapping[str, type[ids.Identified]] = {
    "invoice": Invoice, "credit_note": CreditNote, "payment": Payment, "write_off": WriteOff, "customer": Customer,
    "account": Account, "line": JournalLine, "application": PaymentApplication, "event": Event,
}  # fmt: skip


_DOCUMENT = """
        SELECT '@kind', d.id, format('%%s says %%s - %%s + %%s = %%s, its lines %%s - %%s + %%s = %%s, its taxes %%s',
            d.number, d.subtotal, d.discount_total, d.tax_total, d.total, l.subtotal, l.discount, l.tax, l.total, t.tax)
        FROM invoicing_@table d
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(subtotal), 0) AS subtotal,
                COALESCE(sum(discount_amount + document_discount), 0) AS discount,
                COALESCE(sum(document_discount), 0) AS share,
                COALESCE(sum(tax_amount), 0) AS tax, COALESCE(sum(total), 0) AS total,
                COALESCE(bool_and(total = subtotal - discount_amount - document_discount
                    + CASE WHEN d.price_includes_tax THEN 0 ELSE tax_amount END), true) AS add_up
            FROM invoicing_@tableline WHERE tenant_id = d.tenant_id AND @kind_id = d.id) l
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(amount), 0) AS tax FROM invoicing_@tabletax
            WHERE tenant_id = d.tenant_id AND @kind_id = d.id) t
        WHERE d.tenant_id = %(tenant)s AND (NOT l.add_up
          OR (d.subtotal, d.discount_total, d.discount_amount, d.tax_total, d.total, d.tax_total) IS DISTINCT FROM
             (l.subtotal, l.discount, l.share, l.tax, l.total, t.tax))"""
# What is applied and refunded of a payment or credit note.
_SOURCE = """
        SELECT '@kind', s.id, format('says applied %%s, refunded %%s; the facts say %%s, %%s',
            s.amount_applied, s.amount_refunded, a.applied, r.refunded)
        FROM invoicing_@table s
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(amount), 0) AS applied FROM invoicing_paymentapplication a
            WHERE a.tenant_id = s.tenant_id AND a.@kind_id = s.id AND a.released_on IS NULL) a
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(amount), 0) AS refunded FROM invoicing_refund r
            WHERE r.tenant_id = s.tenant_id AND r.@kind_id = s.id) r
        WHERE s.tenant_id = %(tenant)s
          AND (s.amount_applied, s.amount_refunded) IS DISTINCT FROM (a.applied, r.refunded)"""


def _of(template: str, kind: str, table: str) -> str:
    return template.replace("@kind", kind).replace("@table", table)


# What each document moves on a control account, by day: its customer's debt on the receivable, what is left of its
# payments and credit notes on Customer Deposits (with the sign of a debit).
_MOVEMENTS = """
    SELECT 'accounts_receivable' AS purpose, currency, COALESCE(taken_over_on, invoice_date) AS day, total AS amount,
        base_total AS base
    FROM invoicing_invoice WHERE tenant_id = %(tenant)s AND sent_at IS NOT NULL
    UNION ALL
    SELECT 'accounts_receivable', currency, voided_on, -total, -base_total
    FROM invoicing_invoice WHERE tenant_id = %(tenant)s AND sent_at IS NOT NULL AND voided_on IS NOT NULL
    UNION ALL
    SELECT 'accounts_receivable', i.currency, w.written_off_on, -w.amount, -w.base_amount
    FROM invoicing_writeoff w JOIN invoicing_invoice i ON i.tenant_id = w.tenant_id AND i.id = w.invoice_id
    WHERE w.tenant_id = %(tenant)s
    UNION ALL
    SELECT 'accounts_receivable', i.currency, u.undone_on, u.amount, u.base_amount
    FROM invoicing_writeoffundo u
    JOIN invoicing_writeoff w ON w.tenant_id = u.tenant_id AND w.id = u.write_off_id
    JOIN invoicing_invoice i ON i.tenant_id = w.tenant_id AND i.id = w.invoice_id
    WHERE u.tenant_id = %(tenant)s
    UNION ALL
    SELECT s.purpose, s.currency, s.day, -s.amount, -s.base FROM sources s
    UNION ALL
    SELECT s.purpose, s.currency, s.voided_on, s.amount - s.amount_refunded, s.base - s.base_refunded
    FROM sources s WHERE s.voided_on IS NOT NULL
    UNION ALL
    SELECT s.purpose, s.currency, r.refund_date, r.amount, r.base_amount
    FROM invoicing_refund r JOIN sources s ON s.id = COALESCE(r.payment_id, r.credit_note_id)
    WHERE r.tenant_id = %(tenant)s
    UNION ALL
    SELECT moved.purpose, s.currency, moved.day, moved.amount, moved.base
    FROM invoicing_paymentapplication a JOIN sources s ON s.id = COALESCE(a.payment_id, a.credit_note_id)
    CROSS JOIN LATERAL (VALUES
        (s.purpose, a.applied_on, a.amount, a.source_base_amount),
        ('accounts_receivable', a.applied_on, -a.amount, -a.base_amount),
        (s.purpose, a.released_on, -a.amount, -a.source_base_amount),
        ('accounts_receivable', a.released_on, a.amount, a.base_amount)
    ) AS moved (purpose, day, amount, base)
    WHERE a.tenant_id = %(tenant)s AND moved.day IS NOT NULL"""
_SOURCES = """
    SELECT id, currency, payment_date AS day, amount, amount_refunded, voided_on, base_amount AS base,
        (SELECT COALESCE(sum(r.base_amount), 0) FROM invoicing_refund r
         WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.id) AS base_refunded,
        CASE WHEN is_deposit THEN 'customer_deposits' ELSE 'accounts_receivable' END AS purpose
    FROM invoicing_payment p WHERE tenant_id = %(tenant)s AND status <> 'failed'
    UNION ALL
    SELECT id, currency, credit_date, total, amount_refunded, voided_on, base_total,
        (SELECT COALESCE(sum(r.base_amount), 0) FROM invoicing_refund r
         WHERE r.tenant_id = n.tenant_id AND r.credit_note_id = n.id),
        CASE WHEN is_deposit THEN 'customer_deposits' ELSE 'accounts_receivable' END
    FROM invoicing_creditnote n WHERE tenant_id = %(tenant)s"""
# What a customer owes in a currency, and what is left of its payments and credit notes.
_OWED = """
            SELECT COALESCE((SELECT sum(i.amount_due) FROM invoicing_invoice i WHERE i.tenant_id = c.tenant_id
                             AND i.customer_id = c.id AND i.currency = c.currency
                             AND i.sent_at IS NOT NULL), 0) AS owed,
                COALESCE((SELECT sum(p.amount - p.amount_applied - p.amount_refunded) FROM invoicing_payment p
                          WHERE p.tenant_id = c.tenant_id AND p.customer_id = c.id AND p.currency = c.currency
                            AND p.status NOT IN ('failed', 'void')), 0)
                + COALESCE((SELECT sum(n.total - n.amount_applied - n.amount_refunded) FROM invoicing_creditnote n
                            WHERE n.tenant_id = c.tenant_id AND n.customer_id = c.id AND n.currency = c.currency
                              AND n.voided_on IS NULL), 0) AS credit"""

CHECKS: Mapping[str, str] = {
    "invoice_totals": _of(_DOCUMENT, "invoice", "invoice"),
    "credit_note_totals": _of(_DOCUMENT, "credit_note", "creditnote"),
    "invoice_line_taxes": line_taxes.check_of("invoice", "invoice"),
    "credit_note_line_taxes": line_taxes.check_of("credit_note", "creditnote"),
    "invoice_amounts": """
        SELECT 'invoice', i.id, format(
            '%%s says paid %%s, credited %%s, written off %%s, due %%s; the facts say %%s, %%s, %%s', i.number,
            i.amount_paid, i.amount_credited, i.amount_written_off, i.amount_due, a.paid, a.credited, w.lost)
        FROM invoicing_invoice i
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(amount) FILTER (WHERE payment_id IS NOT NULL), 0) AS paid,
                COALESCE(sum(amount) FILTER (WHERE credit_note_id IS NOT NULL), 0) AS credited
            FROM invoicing_paymentapplication p
            WHERE p.tenant_id = i.tenant_id AND p.invoice_id = i.id AND p.released_on IS NULL) a
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(amount - amount_undone), 0) AS lost FROM invoicing_writeoff w
            WHERE w.tenant_id = i.tenant_id AND w.invoice_id = i.id) w
        WHERE i.tenant_id = %(tenant)s AND (i.amount_paid, i.amount_credited, i.amount_written_off, i.amount_due)
            IS DISTINCT FROM (a.paid, a.credited, w.lost, CASE WHEN i.status IN ('void', 'deleted') THEN 0
                ELSE i.total - a.paid - a.credited - w.lost END)""",
    "payment_amounts": _of(_SOURCE, "payment", "payment"),
    "credit_note_amounts": _of(_SOURCE, "credit_note", "creditnote"),
    "write_off_amounts": """
        SELECT 'write_off', w.id,
            format('says undone %%s of %%s, tax %%s; the facts say %%s, tax %%s', w.amount_undone, w.amount,
                w.tax_amount, u.undone, t.tax)
        FROM invoicing_writeoff w
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(amount), 0) AS undone, COALESCE(sum(tax_amount), 0) AS tax
            FROM invoicing_writeoffundo u
            WHERE u.tenant_id = w.tenant_id AND u.write_off_id = w.id) u
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(amount) FILTER (WHERE undo_id IS NULL), 0) AS tax,
                COALESCE(sum(amount) FILTER (WHERE undo_id IS NOT NULL), 0) AS tax_back
            FROM invoicing_writeofftax t WHERE t.tenant_id = w.tenant_id AND t.write_off_id = w.id) t
        WHERE w.tenant_id = %(tenant)s AND (w.amount_undone, w.tax_amount) IS DISTINCT FROM (u.undone, t.tax)
           OR w.tenant_id = %(tenant)s AND u.tax <> t.tax_back""",
    "customer_currency_balances": """
        SELECT 'customer', c.customer_id, format('says %%s %%s, the documents say %%s', c.balance, c.currency,
            d.owed - d.credit)
        FROM (SELECT tenant_id, customer_id, customer_id AS id, currency, balance FROM customers_customerbalance) c
        CROSS JOIN LATERAL (
@owed) d
        WHERE c.tenant_id = %(tenant)s AND c.balance <> d.owed - d.credit""".replace("@owed", _OWED),
    "customer_balances": """
        SELECT 'customer', c.id, format('%%s says %%s, the documents say %%s', c.number, c.balance, d.owed - d.credit)
        FROM customers_customer c
        CROSS JOIN LATERAL (
@owed) d
        WHERE c.tenant_id = %(tenant)s AND c.balance <> d.owed - d.credit""".replace("@owed", _OWED),
    # On each day, what documents posted to the control account is what their facts say. Only the first day on which
    # the two differ is reported, since the balance is wrong from there on.
    "control_accounts": "WITH sources AS ("  # noqa: S608 (constants alone)
    + _SOURCES
    + "), movements AS ("
    + _MOVEMENTS
    + r"""), facts AS (
            SELECT purpose, currency, day, sum(amount) AS amount, sum(base) AS base FROM movements GROUP BY 1, 2, 3
        ), posted AS (
            SELECT a.purpose, a.currency, l.date AS day,
                sum(CASE WHEN l.currency = a.currency THEN l.debit - l.credit ELSE 0 END) AS amount,
                sum(COALESCE(l.base_debit - l.base_credit, 0)) AS base
            FROM ledger_journalline l
            JOIN ledger_account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
            JOIN ledger_journalentry e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
            WHERE l.tenant_id = %(tenant)s AND a.control_since IS NOT NULL AND e.source IS NOT NULL
              AND e.source NOT LIKE 'fxr\_%%'
            GROUP BY 1, 2, 3
        )
        SELECT DISTINCT ON (facing.purpose, facing.currency) 'account', a.id, format(
            '%%s, %%s: posted %%s, the documents say %%s; in base %%s and %%s',
            a.code, facing.day, facing.posted, facing.said, facing.base_posted, facing.base_said)
        FROM (
            SELECT purpose, currency, day, COALESCE(p.amount, 0) AS posted, COALESCE(f.amount, 0) AS said,
                COALESCE(p.base, 0) AS base_posted, COALESCE(f.base, 0) AS base_said
            FROM facts f FULL JOIN posted p USING (purpose, currency, day)
        ) facing
        JOIN ledger_account a ON a.tenant_id = %(tenant)s
            AND a.purpose = facing.purpose AND a.currency = facing.currency
        WHERE (facing.posted, facing.base_posted) <> (facing.said, facing.base_said)
        ORDER BY facing.purpose, facing.currency, facing.day""",
    "control_takes_documents_only": """
        SELECT 'line', l.id, format('%%s on %%s %%s belongs to no document', e.number, a.code, a.name)
        FROM ledger_journalline l
        JOIN ledger_account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
        JOIN ledger_journalentry e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
        WHERE l.tenant_id = %(tenant)s AND e.source IS NULL AND e.posted_at >= a.control_since""",
    "document_versions": """
        SELECT CASE v.kind WHEN 'receipt' THEN 'payment' ELSE v.kind END, v.about_id,
            'its document is not the one that was made: content and digest differ'
        FROM invoicing_documentversion v
        WHERE v.tenant_id = %(tenant)s AND v.digest <> encode(sha256(convert_to(v.content, 'UTF8')), 'hex')""",
    # A series goes on after the highest number that a document has of it.
    "document_numbers": """
        SELECT DISTINCT ON (s.series) d.kind, d.id,
            format('%%s has a number of the series %%s, which goes on after %%s', d.number, s.series, s.last)
        FROM customers_numberseries s
        JOIN (SELECT 'invoice' AS kind, id, number FROM invoicing_invoice WHERE tenant_id = %(tenant)s
                AND taken_over_on IS NULL
              UNION ALL SELECT 'credit_note', id, number FROM invoicing_creditnote WHERE tenant_id = %(tenant)s
              UNION ALL SELECT 'payment', id, number FROM invoicing_payment WHERE tenant_id = %(tenant)s) d
            ON left(d.number, length(s.series)) = s.series
            AND substr(d.number, length(s.series) + 1) ~ CASE WHEN s.series ~ '[-._]$' THEN '^[0-9]{3,18}$'
                                                             ELSE '^-[0-9]{3,18}$' END
        WHERE s.tenant_id = %(tenant)s AND substring(d.number FROM '[0-9]+$')::numeric > s.last
        ORDER BY s.series, d.number""",
    **changes.CHECKS,
}

# By table, the kept amounts and the check of each.
KEPT: Mapping[str, Mapping[str, str]] = {
    "customers_customer": {"balance": "customer_balances"},
    "customers_customerbalance": {"balance": "customer_currency_balances"},
    "invoicing_invoice": {
        "discount_amount": "invoice_totals",
        "subtotal": "invoice_totals", "discount_total": "invoice_totals", "tax_total": "invoice_totals",
        "total": "invoice_totals", "amount_paid": "invoice_amounts", "amount_credited": "invoice_amounts",
        "amount_written_off": "invoice_amounts", "amount_due": "invoice_amounts", "base_total": "control_accounts",
    },
    "invoicing_invoiceline": {
        "document_discount": "invoice_totals",
        "subtotal": "invoice_totals", "discount_amount": "invoice_totals", "tax_amount": "invoice_totals",
        "total": "invoice_totals",
    },
    "invoicing_invoicetax": {"amount": "invoice_totals", "taxable_amount": "invoice_line_taxes"},
    "invoicing_creditnote": {
        "discount_amount": "credit_note_totals",
        "subtotal": "credit_note_totals", "discount_total": "credit_note_totals", "tax_total": "credit_note_totals",
        "total": "credit_note_totals", "amount_applied": "credit_note_amounts",
        "amount_refunded": "credit_note_amounts", "base_total": "control_accounts",
    },
    "invoicing_creditnoteline": {
        "document_discount": "credit_note_totals",
        "subtotal": "credit_note_totals", "discount_amount": "credit_note_totals", "tax_amount": "credit_note_totals",
        "total": "credit_note_totals",
    },
    "invoicing_creditnotetax": {"amount": "credit_note_totals", "taxable_amount": "credit_note_line_taxes"},
    "invoicing_payment": {
        "amount_applied": "payment_amounts", "amount_refunded": "payment_amounts", "base_amount": "control_accounts",
    },
    "invoicing_paymentapplication": {"base_amount": "control_accounts", "source_base_amount": "control_accounts"},
    "invoicing_refund": {"base_amount": "control_accounts"},
    "invoicing_writeoff": {
        "amount_undone": "write_off_amounts", "tax_amount": "write_off_amounts", "base_amount": "control_accounts",
    },
    "invoicing_writeoffundo": {"tax_amount": "write_off_amounts", "base_amount": "control_accounts"},
}  # fmt: skip
# By table, the amounts and rates that somebody gave.
FACTS: Mapping[str, frozenset[str]] = {
    "customers_customer": frozenset({"credit_limit"}),
    "invoicing_invoice": frozenset({"discount_percentage", "exchange_rate"}),
    "invoicing_creditnote": frozenset({"discount_percentage", "exchange_rate"}),
    "invoicing_recurringinvoice": frozenset({"discount_percentage", "discount_amount"}),
    "invoicing_invoiceline": frozenset({"quantity", "unit_price", "discount_percentage", "tax_rate"}),
    "invoicing_invoicetax": frozenset({"rate"}),
    "invoicing_creditnoteline": frozenset({"quantity", "unit_price", "discount_percentage", "tax_rate"}),
    "invoicing_creditnotetax": frozenset({"rate"}),
    "invoicing_recurringinvoiceline": frozenset(
        {"quantity", "unit_price", "discount_percentage", "discount_amount", "tax_rate"}
    ),
    "invoicing_payment": frozenset({"amount", "exchange_rate"}),
    "invoicing_paymentapplication": frozenset({"amount"}),
    "invoicing_refund": frozenset({"amount"}),
    "invoicing_writeoff": frozenset({"amount"}),
    "invoicing_writeoffundo": frozenset({"amount"}),
    "invoicing_writeofftax": frozenset({"rate", "taxable_amount", "amount"}),
    "invoicing_product": frozenset({"unit_price"}),
    "invoicing_taxcomponent": frozenset({"rate"}),
}

# Applying is an event of the application, releasing one of the payment or credit note.
_APPLYING = ("amount_applied", "amount_unapplied", "applications", "updated_at")
# What the settings show of accounts and of numbers, which have checks of their own.
_SHOWN_BESIDE = (
    "series",
    *(name for name in SalesSettingsBody.__struct_fields__ if name.endswith("_id")),
)


def _is_rest(row: PaymentApplication) -> bool:
    """True for what is left of an application that was released in part: the event is of its payment or credit note,
    and its amount is among those that the sums check."""
    whole = PaymentApplication.objects.filter(
        invoice=row.invoice_id, payment=row.payment_id, credit_note=row.credit_note_id, released_on=row.applied_on
    )
    return whole.filter(amount__gt=row.amount).exists()


RECORDED = (
    Recorded.of(CUSTOMERS),
    Recorded.of(TAX_RATES),
    Recorded.of(PRODUCTS),
    Recorded.of(INVOICES),
    Recorded.of(CREDIT_NOTES, ignoring=(*_APPLYING, "amount_remaining", "status")),
    Recorded.of(RECURRING_INVOICES),
    Recorded.of(PAYMENTS, ignoring=_APPLYING),
    Recorded(
        "payment_application",
        PaymentApplication,
        lambda rows: [application_body(row, (row.payment or row.credit_note).currency) for row in rows],
        ignoring=("released_date",),
        unrecorded=_is_rest,
    ),
    Recorded(
        "sales_settings", SalesSettings, lambda rows: [settings_body(row) for row in rows], ignoring=_SHOWN_BESIDE
    ),
)


def find_faults(tenant_id: uuid.UUID) -> Iterator[Fault]:
    """Every fault in the tenant's sales, read as the worker's role, which needs no tenant's context."""
    for check, sql in CHECKS.items():
        for kind, identifier, message in fetch_all(sql, {"tenant": tenant_id}, using="worker"):
            yield Fault(check, _MODELS[kind].public_id_of(identifier) or "", message)
