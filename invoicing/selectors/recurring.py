"""Recurring invoices as they go out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bigledger import exact_json, ids, money
from invoicing.bodies import RecurringInvoiceBody, RecurringLineBody
from invoicing.models import RecurringInvoice


def recurring_bodies(rows: Sequence[RecurringInvoice]) -> list[RecurringInvoiceBody]:
    return [recurring_body(row) for row in rows]


def recurring_body(row: RecurringInvoice) -> RecurringInvoiceBody:
    return RecurringInvoiceBody(
        id=row.public_id,
        customer_id=ids.encode("cust", row.customer_id),
        status=row.status,
        frequency=row.frequency,
        start_date=row.start_date,
        end_date=row.end_date,
        next_date=row.next_date,
        occurrences=row.occurrences,
        send_automatically=row.is_sent_automatically,
        currency=row.currency,
        payment_terms=row.payment_terms,
        notes=row.notes,
        pause_reason=row.pause_reason or None,
        created_by=ids.encode("user", row.created_by_id),
        created_at=row.created_at,
        updated_at=row.updated_at,
        lines=[_line_body(line, row.currency) for line in stored_lines(row)],
    )


def stored_lines(row: RecurringInvoice) -> list[dict[str, Any]]:
    """The lines as they were given, with exact numbers."""
    numbers = ("quantity", "unit_price", "discount_percentage", "tax_rate")
    return [
        {name: Decimal(value) if name in numbers and value is not None else value for name, value in line.items()}
        for line in exact_json.decode(row.lines.encode())
    ]


def _line_body(line: dict[str, Any], currency: str) -> RecurringLineBody:
    price = line.get("unit_price")
    return RecurringLineBody(
        product_id=line.get("product_id"),
        description=line.get("description", ""),
        quantity=line["quantity"],
        unit_price=None if price is None else money.to_currency(price, currency),
        discount_percentage=line.get("discount_percentage", Decimal(0)),
        tax_rate=line.get("tax_rate"),
        tax_rate_id=line.get("tax_rate_id"),
        revenue_account_id=line.get("revenue_account_id"),
    )
