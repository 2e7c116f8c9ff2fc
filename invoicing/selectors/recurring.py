"""Recurring invoices as they go out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from bigledger import money
from bigledger.access.models import User
from customers.models import Customer
from invoicing.bodies import RecurringInvoiceBody, RecurringLineBody
from invoicing.models import Product, RecurringInvoice, RecurringInvoiceLine, TaxRate
from invoicing.selectors.catalogue import plain
from invoicing.selectors.documents import grouped
from ledger.models import Account


def recurring_bodies(rows: Sequence[RecurringInvoice]) -> list[RecurringInvoiceBody]:
    """Two queries for any number of templates (the rows and their lines)."""
    found = RecurringInvoiceLine.objects.filter(recurring_invoice_id__in=[row.id for row in rows])
    lines = grouped(found.order_by("recurring_invoice_id", "position"), "recurring_invoice_id")
    return [_recurring_body(row, lines[row.id]) for row in rows]


def recurring_body(row: RecurringInvoice) -> RecurringInvoiceBody:
    return recurring_bodies([row])[0]


def _recurring_body(row: RecurringInvoice, lines: list[RecurringInvoiceLine]) -> RecurringInvoiceBody:
    return RecurringInvoiceBody(
        id=row.public_id,
        customer_id=Customer.public_id_of(row.customer_id),
        status=row.status,
        frequency=row.frequency,
        start_date=row.start_date,
        end_date=row.end_date,
        next_date=row.next_date,
        occurrences=row.occurrences,
        send_automatically=row.is_sent_automatically,
        on_closed_period=row.on_closed_period,
        currency=row.currency,
        payment_terms=row.payment_terms,
        notes=row.notes,
        price_includes_tax=row.price_includes_tax,
        discount_percentage=plain(row.discount_percentage),
        discount_amount=None if row.discount_amount is None else money.to_currency(row.discount_amount, row.currency),
        pause_reason=row.pause_reason or None,
        created_by=User.public_id_of(row.created_by_id),
        metadata=row.metadata,
        created_at=row.created_at,
        updated_at=row.updated_at,
        lines=[_line_body(line, row.currency) for line in lines],
    )


def given_prices(row: RecurringInvoice) -> dict[str, Any]:
    """What is given of prices beside the lines: `PricesInput`."""
    body = recurring_body(row)
    names = ("price_includes_tax", "discount_percentage", "discount_amount")
    return {name: getattr(body, name) for name in names}


def given_lines(row: RecurringInvoice) -> list[dict[str, Any]]:
    """The lines as a request gives them: `DocumentLineInput`, without what is left to the product."""
    return [
        {name: value for name, value in structs.asdict(line).items() if value is not None}
        for line in recurring_body(row).lines
    ]


def _line_body(line: RecurringInvoiceLine, currency: str) -> RecurringLineBody:
    return RecurringLineBody(
        product_id=Product.public_id_of(line.product_id),
        description=line.description,
        quantity=plain(line.quantity),
        unit_price=None if line.unit_price is None else money.to_price(line.unit_price, currency),
        discount_percentage=plain(line.discount_percentage),
        discount_amount=None if line.discount_amount is None else money.to_currency(line.discount_amount, currency),
        is_charge=line.is_charge,
        tax_rate=None if line.tax_rate is None else plain(line.tax_rate),
        tax_rate_id=TaxRate.public_id_of(line.tax_rate_named_id),
        revenue_account_id=Account.public_id_of(line.revenue_account_id),
    )
