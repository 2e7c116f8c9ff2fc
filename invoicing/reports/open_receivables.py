"""Open receivables: what was due on each invoice, and left of each payment and credit note, at the end of a day.

From the dates of the facts: an application counts from its day until it was released, a void, refund or write-off from
its own, and an invoice was due on the day that it had then. So the whole is the receivable account of that day, less
what stood on Customer Deposits.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from bigledger import ids, money
from bigledger.api.lookup import find
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from invoicing.models import CreditNote, Invoice, Payment
from invoicing.reports.known import sales_standing
from ledger.reports.statements import day_of

AGES = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90", "unapplied_credit")

# Rows of (customer, kind, document, number, day, due date, days overdue, amount, on the receivable).
OPEN_ITEMS = """
WITH applied AS (
    SELECT invoice_id, payment_id, credit_note_id, amount FROM invoicing_paymentapplication
    WHERE tenant_id = app_tenant() AND applied_on <= %(as_of)s AND (released_on IS NULL OR released_on > %(as_of)s)
), of_invoices AS (
    SELECT invoice_id, sum(amount) AS amount FROM applied GROUP BY invoice_id
), of_payments AS (
    SELECT payment_id, sum(amount) AS amount FROM applied WHERE payment_id IS NOT NULL GROUP BY payment_id
), of_notes AS (
    SELECT credit_note_id, sum(amount) AS amount FROM applied WHERE credit_note_id IS NOT NULL GROUP BY credit_note_id
), lost AS (
    SELECT invoice_id, sum(amount) AS amount FROM (
        SELECT invoice_id, amount FROM invoicing_writeoff
        WHERE tenant_id = app_tenant() AND written_off_on <= %(as_of)s
        UNION ALL
        SELECT w.invoice_id, -u.amount FROM invoicing_writeoffundo u
        JOIN invoicing_writeoff w ON w.tenant_id = u.tenant_id AND w.id = u.write_off_id
        WHERE u.tenant_id = app_tenant() AND u.undone_on <= %(as_of)s
    ) parts GROUP BY invoice_id
), refunded AS (
    SELECT payment_id, credit_note_id, sum(amount) AS amount FROM invoicing_refund
    WHERE tenant_id = app_tenant() AND refund_date <= %(as_of)s GROUP BY payment_id, credit_note_id
), due_then AS (
    SELECT DISTINCT ON (invoice_id) invoice_id, due_date FROM invoicing_duedatechange
    WHERE tenant_id = app_tenant() AND changed_on > %(as_of)s ORDER BY invoice_id, changed_on, id
), items AS (
    SELECT i.customer_id, 'invoice' AS kind, i.id, i.number::text, i.invoice_date AS day,
        COALESCE(d.due_date, i.due_date) AS due_date,
        i.total - COALESCE(a.amount, 0) - COALESCE(l.amount, 0) AS amount, true AS on_receivable
    FROM invoicing_invoice i
    LEFT JOIN of_invoices a ON a.invoice_id = i.id
    LEFT JOIN lost l ON l.invoice_id = i.id
    LEFT JOIN due_then d ON d.invoice_id = i.id
    WHERE i.tenant_id = app_tenant() AND i.currency = %(currency)s AND i.sent_at IS NOT NULL
      AND COALESCE(i.taken_over_on, i.invoice_date) <= %(as_of)s AND (i.voided_on IS NULL OR i.voided_on > %(as_of)s)
    UNION ALL
    SELECT p.customer_id, 'payment', p.id, COALESCE(p.number, p.reference)::text, p.payment_date, NULL,
        COALESCE(a.amount, 0) + COALESCE(r.amount, 0) - p.amount, NOT p.is_deposit
    FROM invoicing_payment p
    LEFT JOIN of_payments a ON a.payment_id = p.id
    LEFT JOIN refunded r ON r.payment_id = p.id
    WHERE p.tenant_id = app_tenant() AND p.currency = %(currency)s AND p.status <> 'failed'
      AND p.payment_date <= %(as_of)s AND (p.voided_on IS NULL OR p.voided_on > %(as_of)s)
    UNION ALL
    SELECT n.customer_id, 'credit_note', n.id, n.number::text, n.credit_date, NULL,
        COALESCE(a.amount, 0) + COALESCE(r.amount, 0) - n.total, NOT n.is_deposit
    FROM invoicing_creditnote n
    LEFT JOIN of_notes a ON a.credit_note_id = n.id
    LEFT JOIN refunded r ON r.credit_note_id = n.id
    WHERE n.tenant_id = app_tenant() AND n.currency = %(currency)s
      AND n.credit_date <= %(as_of)s AND (n.voided_on IS NULL OR n.voided_on > %(as_of)s)
), open AS (
    SELECT items.*, CASE
        WHEN kind <> 'invoice' THEN 'unapplied_credit'
        WHEN %(as_of)s - due_date <= 0 THEN 'current'
        WHEN %(as_of)s - due_date <= 30 THEN 'days_1_30'
        WHEN %(as_of)s - due_date <= 60 THEN 'days_31_60'
        WHEN %(as_of)s - due_date <= 90 THEN 'days_61_90'
        ELSE 'days_over_90' END AS age
    FROM items WHERE amount <> 0
)
"""
_SQL = (
    OPEN_ITEMS
    + """
SELECT c.id, c.number, c.name, o.kind, o.id, o.number, o.day, o.due_date, o.age, o.amount
FROM open o JOIN customers_customer c ON c.tenant_id = app_tenant() AND c.id = o.customer_id
WHERE (%(customer)s::uuid IS NULL OR o.customer_id = %(customer)s) AND (%(age)s::text IS NULL OR o.age = %(age)s)
ORDER BY c.name, c.number, o.day, o.id
"""
)
_MODELS: dict[str, type[ids.Identified]] = {"invoice": Invoice, "payment": Payment, "credit_note": CreditNote}


class OpenCustomer(Struct):
    id: str
    number: str
    name: str


class OpenReceivable(Struct):
    """`amount_due` is what was due then on an invoice; of a payment or credit note, what was left of it, negative."""

    customer: OpenCustomer
    type: str
    id: str
    number: str
    date: datetime.date
    due_date: datetime.date | None
    age: str
    amount_due: Decimal


class OpenReceivablesTotals(Struct):
    amount_due: Decimal


class OpenReceivables(Struct):
    type: str
    params: dict[str, Any]
    generated_at: datetime.datetime
    as_of_seq: int
    currency: str
    rows: list[OpenReceivable]
    totals: OpenReceivablesTotals


def open_receivables(
    *,
    as_of: datetime.date | None = None,
    currency: str | None = None,
    customer_id: str | None = None,
    age: str | None = None,
    known_at: datetime.datetime | None = None,
) -> OpenReceivables:
    """The open invoices, payments and credit notes at the end of `as_of` (today), in `currency` (the base currency),
    those of one customer and of one `age` only where these are given.

    Raises ResourceNotFound.
    """
    tenant = current_tenant()
    as_of = as_of or day_of(tenant, known_at)
    currency = currency or tenant.base_currency
    customer = find(Customer.objects.all(), customer_id) if customer_id else None
    params = {"as_of": as_of, "currency": currency, "customer": customer.id if customer else None, "age": age}
    standing, found = sales_standing(_SQL, params, known_at)
    rows = [_row(each, currency) for each in found]
    return OpenReceivables(
        type="open_receivables",
        params={
            "as_of": as_of,
            "currency": currency,
            "customer_id": customer.public_id if customer else None,
            "age": age,
        },
        generated_at=standing.at,
        as_of_seq=standing.seq,
        currency=currency,
        rows=rows,
        totals=OpenReceivablesTotals(money.to_currency(sum((row.amount_due for row in rows), Decimal(0)), currency)),
    )


def _row(found: tuple[Any, ...], currency: str) -> OpenReceivable:
    customer_id, customer_number, name, kind, identifier, number, day, due_date, age, amount = found
    return OpenReceivable(
        customer=OpenCustomer(Customer.public_id_of(customer_id), customer_number, name),
        type=kind,
        id=_MODELS[kind].public_id_of(identifier),
        number=number,
        date=day,
        due_date=due_date,
        age=age,
        amount_due=money.to_currency(amount, currency),
    )
