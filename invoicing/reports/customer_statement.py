"""A customer's statement: the documents and payments between two days, with the balance after each."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

from msgspec import Struct

from bigledger import ids, money
from bigledger.api.lookup import find
from bigledger.errors import ValidationFailed
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from invoicing.models import CreditNote, Invoice, Payment, Refund, WriteOff, WriteOffUndo
from invoicing.reports.known import sales_standing
from invoicing.reports.open_receivables import AGES, OPEN_ITEMS
from ledger.reports.statements import day_of

_SQL = (
    OPEN_ITEMS  # noqa: S608 - our own
    + """
SELECT 'fact' AS part, date, kind, id, number, due_date, amount, NULL AS age FROM (
    SELECT COALESCE(taken_over_on, invoice_date) AS date, 'invoice' AS kind, id, number::text, due_date, total AS amount
    FROM invoicing_invoice
    WHERE tenant_id = app_tenant() AND customer_id = %(customer)s AND currency = %(currency)s AND sent_at IS NOT NULL
    UNION ALL
    SELECT voided_on, 'void', id, number, NULL, -total
    FROM invoicing_invoice
    WHERE tenant_id = app_tenant() AND customer_id = %(customer)s AND currency = %(currency)s
      AND sent_at IS NOT NULL AND voided_on IS NOT NULL
    UNION ALL
    SELECT w.written_off_on, 'write_off', w.id, i.number, NULL, -w.amount
    FROM invoicing_writeoff w JOIN invoicing_invoice i ON i.tenant_id = w.tenant_id AND i.id = w.invoice_id
    WHERE w.tenant_id = app_tenant() AND i.customer_id = %(customer)s AND i.currency = %(currency)s
    UNION ALL
    SELECT u.undone_on, CASE WHEN u.payment_id IS NULL THEN 'write_off_undone' ELSE 'recovery' END, u.id, i.number,
        NULL, u.amount
    FROM invoicing_writeoffundo u
    JOIN invoicing_writeoff w ON w.tenant_id = u.tenant_id AND w.id = u.write_off_id
    JOIN invoicing_invoice i ON i.tenant_id = w.tenant_id AND i.id = w.invoice_id
    WHERE u.tenant_id = app_tenant() AND i.customer_id = %(customer)s AND i.currency = %(currency)s
    UNION ALL
    SELECT credit_date, 'credit_note', id, number, NULL, -total
    FROM invoicing_creditnote
    WHERE tenant_id = app_tenant() AND customer_id = %(customer)s AND currency = %(currency)s
    UNION ALL
    SELECT voided_on, 'credit_note_void', id, number, NULL, total
    FROM invoicing_creditnote
    WHERE tenant_id = app_tenant() AND customer_id = %(customer)s AND currency = %(currency)s
      AND voided_on IS NOT NULL
    UNION ALL
    SELECT payment_date, 'payment', id, COALESCE(number, reference), NULL, -amount
    FROM invoicing_payment WHERE tenant_id = app_tenant() AND customer_id = %(customer)s AND currency = %(currency)s
      AND status <> 'failed'
    UNION ALL
    SELECT voided_on, 'payment_void', id, COALESCE(number, reference), NULL, amount - amount_refunded
    FROM invoicing_payment
    WHERE tenant_id = app_tenant() AND customer_id = %(customer)s AND currency = %(currency)s
      AND voided_on IS NOT NULL
    UNION ALL
    SELECT r.refund_date, 'refund', r.id, COALESCE(p.number, p.reference, n.number), NULL, r.amount
    FROM invoicing_refund r
    LEFT JOIN invoicing_payment p ON p.tenant_id = r.tenant_id AND p.id = r.payment_id
    LEFT JOIN invoicing_creditnote n ON n.tenant_id = r.tenant_id AND n.id = r.credit_note_id
    WHERE r.tenant_id = app_tenant() AND COALESCE(p.customer_id, n.customer_id) = %(customer)s
      AND COALESCE(p.currency, n.currency) = %(currency)s
) facts WHERE date <= %(as_of)s
UNION ALL
SELECT 'open', day, kind, id, number, due_date, amount, age FROM open WHERE customer_id = %(customer)s
ORDER BY date, id, kind
"""
)
_MODELS: dict[str, type[ids.Identified]] = {
    "invoice": Invoice, "void": Invoice, "write_off": WriteOff, "write_off_undone": WriteOffUndo,
    "recovery": WriteOffUndo, "credit_note": CreditNote, "credit_note_void": CreditNote, "payment": Payment,
    "payment_void": Payment, "refund": Refund,
}  # fmt: skip


class StatementRow(Struct):
    """`amount` increases the amount owed, or reduces it if negative; `balance` is the amount owed after it. An invoice
    has the due date that it has now."""

    date: datetime.date
    type: str
    id: str
    number: str
    due_date: datetime.date | None
    amount: Decimal
    balance: Decimal


class OpenItem(Struct):
    """What was due on an invoice at the end of the statement; negative, what was left of a payment or credit note."""

    date: datetime.date
    type: str
    id: str
    number: str
    due_date: datetime.date | None
    age: str
    amount_due: Decimal


class StatementAging(Struct):
    """The open items by age. `total`, all of them less the unapplied credit, is the closing balance."""

    current: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    days_over_90: Decimal
    unapplied_credit: Decimal
    total: Decimal


class StatementTotals(Struct):
    opening_balance: Decimal
    charges: Decimal
    credits: Decimal
    closing_balance: Decimal


class CustomerStatement(Struct):
    type: str
    params: dict[str, Any]
    generated_at: datetime.datetime
    as_of_seq: int
    currency: str
    rows: list[StatementRow]
    open_items: list[OpenItem]
    aging: StatementAging
    totals: StatementTotals


def customer_statement(
    *,
    customer_id: str,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    currency: str | None = None,
    known_at: datetime.datetime | None = None,
) -> CustomerStatement:
    """What one customer was charged and paid from `from` (the beginning) to `to` (today), and the balance after
    each, in `currency` (the customer's).

    Raises ResourceNotFound.
    """
    tenant = current_tenant()
    end = end or day_of(tenant, known_at)
    if start and start > end:
        raise ValidationFailed.at("from", "Must not be after to.", "out_of_range")
    customer = find(Customer.objects.all(), customer_id)
    currency = currency or customer.currency
    asked = {"customer": customer.id, "as_of": end, "currency": currency}
    standing, found = sales_standing(_SQL, asked, known_at)
    opening = Decimal(0)
    rows: list[StatementRow] = []
    balance = Decimal(0)
    open_items: list[OpenItem] = []
    for part, date, kind, identifier, number, due_date, amount, age in found:
        if part == "open":
            left = money.to_currency(amount, currency)
            open_items.append(OpenItem(date, kind, _MODELS[kind].public_id_of(identifier), number, due_date, age, left))
            continue
        balance += amount
        if start and date < start:
            opening = balance
            continue
        rows.append(_row(date, kind, identifier, number, due_date, amount, balance, currency))
    zero = Decimal(0)
    charges = sum((row.amount for row in rows if row.amount > 0), zero)
    credited = -sum((row.amount for row in rows if row.amount < 0), zero)
    return CustomerStatement(
        type="customer_statement",
        params={"customer_id": customer.public_id, "from": start, "to": end, "currency": currency},
        generated_at=standing.at,
        as_of_seq=standing.seq,
        currency=currency,
        rows=rows,
        open_items=open_items,
        aging=_aging(open_items, currency),
        totals=StatementTotals(
            *(money.to_currency(amount, currency) for amount in (opening, charges, credited, balance))
        ),
    )


def _row(
    date: datetime.date,
    kind: str,
    identifier: uuid.UUID,
    number: str,
    due_date: datetime.date | None,
    amount: Decimal,
    balance: Decimal,
    currency: str,
) -> StatementRow:
    return StatementRow(
        date=date,
        type=kind,
        id=_MODELS[kind].public_id_of(identifier),
        number=number,
        due_date=due_date,
        amount=money.to_currency(amount, currency),
        balance=money.to_currency(balance, currency),
    )


def _aging(items: list[OpenItem], currency: str) -> StatementAging:
    sums = dict.fromkeys(AGES, Decimal(0))
    for item in items:
        sums[item.age] += item.amount_due
    total = sum(sums.values(), Decimal(0))
    sums["unapplied_credit"] = -sums["unapplied_credit"]
    return StatementAging(*(money.to_currency(amount, currency) for amount in (*sums.values(), total)))
