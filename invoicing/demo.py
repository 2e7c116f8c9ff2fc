"""The demo's customers and their invoices: the reference's own, and those of the year's orders.

Paid, partly paid, overdue, sent and draft invoices are there on any day. What the reference's customer pays goes on to
the savings account, so that cash stays what the books made it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from bigledger.access.principal import Principal
from bigledger.tenants.context import current_tenant
from customers.services.customers import create_customer, update_customer
from invoicing.gateway import Card
from invoicing.models import PaymentMethod
from invoicing.services.catalogue import create_product, update_sales_settings
from invoicing.services.invoices import create_invoice, send_invoice
from invoicing.services.lookup import customer_named, invoice_named
from invoicing.services.overdue import raise_overdue_invoices
from invoicing.services.payments import create_payment
from ledger.demo.year import CASH, SALES_TAX_RATE, orders_of_year
from ledger.models import Account
from ledger.services.posting import NewEntry, NewLine, post_journal_entry

ACME, CONSULTING = "cust_123456", "prod_789"
# Their mails go to the demo's own address, not to the reference's, which is somebody's.
_MAILS_GO_TO = "demo@bigledger.example"
_SAVINGS = "1020"
_REFERENCE_CUSTOMER: Mapping[str, Any] = {
    "number": "123456",
    "name": "Acme Corporation",
    "email": "accounts@acme.com",
    "phone": "+1-555-0100",
    "website": "https://acme.com",
    "tax_id": "12-3456789",
    "currency": "USD",
    "payment_terms": "net_30",
    "credit_limit": Decimal("50000.00"),
    "billing_address": {
        "line1": "123 Main Street",
        "line2": "Suite 100",
        "city": "San Francisco",
        "state": "CA",
        "postal_code": "94105",
        "country": "US",
    },
    "shipping_addresses": [
        {"line1": "500 Dock Road", "city": "Oakland", "state": "CA", "postal_code": "94607", "country": "US"}
    ],
    "contacts": [{"name": "Dana Whitfield", "email": "dana@acme.com", "role": "Accounts payable", "is_primary": True}],
    "custom_fields": {"industry": "Technology", "employee_count": "100-500"},
}


class Sale(NamedTuple):
    """An invoice to be made and sent; `paid` of it comes by `method` on `paid_on`, or else a fortnight later."""

    date: datetime.date
    customer_id: str
    terms: str
    line: Mapping[str, Any]
    paid: Decimal = Decimal(0)
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER
    paid_on: datetime.date | None = None
    reference: str = ""
    receipt: str | None = None


def sales(acting: Principal) -> None:
    """Customers, product and invoices, the unpaid ones of customer 123456 over 12,500.00 in all."""
    today = current_tenant().today()
    # The reference shows the number of an invoice that was just made.
    update_sales_settings(changes={"number_drafts": True}, acting=acting)
    create_customer(acting=acting, **_REFERENCE_CUSTOMER)
    create_product(
        sku="789",
        name="Consulting Services",
        unit_price=Decimal("150.00"),
        revenue_account_id="acc_4010",
        acting=acting,
    )
    consulting, buyers = _consulting(today), _buyers(today, acting)
    for sale in sorted([*consulting, *_goods(today, buyers)], key=lambda sale: sale.date):
        _sell(sale, acting)
    for name, customer_id in buyers.items():  # last, since the invoices of the past were mailed to nobody
        email = f"accounts@{name.lower().replace(' ', '-')}.example"
        update_customer(customer=customer_named(customer_id), changes={"email": email}, acting=acting)
    create_invoice(customer_id=ACME, lines=[_line(20)], notes="Waits for this month's hours", acting=acting)
    _save_cash(sum((sale.paid for sale in consulting), Decimal(0)), _last_month(today, 31), acting)
    while raise_overdue_invoices():
        continue


def _consulting(today: datetime.date) -> list[Sale]:
    """One paid, one overdue and partly paid (4,400.00 are due), one that falls due after this month (8,100.00)."""
    before = _last_month(today, 1) - datetime.timedelta(days=1)
    card = PaymentMethod.CARD
    return [
        Sale(before.replace(day=6), ACME, "net_15", _line(25), paid=Decimal("4050.00")),
        Sale(before.replace(day=10), ACME, "net_15", _line(40), paid=Decimal("2080.00"), method=card),
        Sale(_last_month(today, 12), ACME, "net_60", _line(50)),
    ]


def _line(hours: int) -> dict[str, Any]:
    return {"product_id": CONSULTING, "quantity": Decimal(hours), "tax_rate": SALES_TAX_RATE}


def _buyers(today: datetime.date, acting: Principal) -> dict[str, str]:
    """The ids of those who order, by name."""
    names = sorted({order.customer for order in orders_of_year(today)})
    return {name: create_customer(name=name, payment_terms="net_30", acting=acting).id for name in names}


def _goods(today: datetime.date, buyers: Mapping[str, str]) -> list[Sale]:
    """The orders of the year; those received by now are paid."""
    rest = {"description": "Goods as ordered", "quantity": Decimal(1), "tax_rate": SALES_TAX_RATE}
    return [
        Sale(
            order.date,
            buyers[order.customer],
            "net_30",
            rest | {"unit_price": order.net},
            paid=order.net + order.tax if order.received < today.replace(day=1) else Decimal(0),
            paid_on=order.received if order.received < today.replace(day=1) else None,
            reference=order.reference,
            receipt=order.receipt,
        )
        for order in orders_of_year(today)
    ]


def _sell(sale: Sale, acting: Principal) -> None:
    made = create_invoice(
        customer_id=sale.customer_id,
        lines=[sale.line],
        invoice_date=sale.date,
        payment_terms=sale.terms,
        acting=acting,
    )
    is_mailed = sale.paid_on is None
    to = [_MAILS_GO_TO] if is_mailed else []
    send_invoice(invoice=invoice_named(made.id), to=to, deliver=is_mailed, acting=acting)
    if sale.paid:
        is_card = sale.method == PaymentMethod.CARD
        create_payment(
            customer_id=sale.customer_id,
            invoice_id=made.id,
            amount=sale.paid,
            method=sale.method,
            card=Card(number="4242 4242 4242 4242", exp_month=12, exp_year=2199) if is_card else None,
            date=sale.paid_on or sale.date + datetime.timedelta(days=14),
            reference=sale.reference,
            journal_reference=sale.receipt,
            acting=acting,
        )


def _save_cash(amount: Decimal, date: datetime.date, acting: Principal) -> None:
    text = "Payments of customers put by"
    lines = [NewLine(Account.named(_SAVINGS), debit=amount), NewLine(Account.named(CASH), credit=amount)]
    entry = NewEntry(date=date, reference=f"SAVINGS-{date:%Y-%m}", description=text, lines=lines)
    post_journal_entry(entry=entry, acting=acting)


def _last_month(today: datetime.date, day: int) -> datetime.date:
    """That day of the month before the present one, or its last."""
    last = today.replace(day=1) - datetime.timedelta(days=1)
    return last.replace(day=min(day, last.day))
