"""The resources of sales."""

from __future__ import annotations

from functools import partial

from django.db.models import Q, QuerySet

from bigledger.api import filters
from bigledger.api.listing import Listing
from bigledger.api.resource import OnRequest, Resource
from customers.models import Customer
from customers.resources import CUSTOMERS
from invoicing.bodies import CreditNoteBody, InvoiceBody, PaymentBody, ProductBody, RecurringInvoiceBody, TaxRateBody
from invoicing.models import (
    CreditNote,
    CreditNoteLine,
    Frequency,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Payment,
    PaymentApplication,
    PaymentMethod,
    PaymentStatus,
    Product,
    RecurringInvoice,
    RecurringInvoiceLine,
    RecurringStatus,
    TaxRate,
)
from invoicing.models.documents import MAX_LINES
from invoicing.models.invoices import ISSUED_STATUSES, OPEN_STATUSES
from invoicing.selectors.catalogue import product_bodies, tax_rate_bodies
from invoicing.selectors.documents import credit_note_bodies, invoice_bodies, line_counts
from invoicing.selectors.payments import payment_bodies
from invoicing.selectors.recurring import recurring_bodies
from ledger.resources import ACCOUNTS

_OF_CUSTOMER = filters.reference("customer_id", Customer)
_PAYMENT_STATUSES = ("unpaid", "partially_paid", "paid", "written_off")
_ISSUED = Q(status__in=ISSUED_STATUSES)


def _payment_status(value: str) -> Q:
    """As `Invoice.payment_status`, but only for issued invoices, not for drafts and void ones."""
    untouched = Q(amount_paid=0, amount_credited=0, amount_written_off=0)
    conditions = {
        "unpaid": Q(status__in=OPEN_STATUSES) & untouched & ~Q(amount_due=0),
        "partially_paid": Q(status__in=OPEN_STATUSES) & ~untouched & ~Q(amount_due=0),
        "paid": Q(amount_due=0) & ~Q(status=InvoiceStatus.WRITTEN_OFF),
        "written_off": Q(status=InvoiceStatus.WRITTEN_OFF),
    }
    return conditions[value]


def _undeleted_invoices() -> QuerySet[Invoice]:
    return Invoice.objects.exclude(status=InvoiceStatus.DELETED)


TAX_RATES = Resource(
    name="tax_rates",
    model=TaxRate,
    body=TaxRateBody,
    bodies=tax_rate_bodies,
    listing=Listing(
        filters={
            "code": filters.text("code"),
            "name": filters.text("name"),
            "is_active": filters.flag("is_active"),
            **filters.MOMENTS,
        },
        sort=("code", "name", "created_at", "updated_at"),
        order="code:asc",
        search=("code", "name"),
    ),
)
PRODUCTS = Resource(
    name="products",
    model=Product,
    body=ProductBody,
    bodies=product_bodies,
    expansions=lambda: {"tax_rate": TAX_RATES, "revenue_account": ACCOUNTS},
    listing=Listing(
        filters={
            "sku": filters.text("sku"),
            "name": filters.text("name"),
            "currency": filters.text("currency"),
            "unit_price": filters.amount("unit_price"),
            "is_active": filters.flag("is_active"),
            "tax_rate_id": filters.reference("tax_rate_id", TaxRate),
            **filters.MOMENTS,
        },
        sort=("sku", "name", "unit_price", "created_at", "updated_at"),
        order="sku:asc",
        search=("sku", "name", "description"),
    ),
)
INVOICES = Resource(
    name="invoices",
    model=Invoice,
    body=InvoiceBody,
    bodies=invoice_bodies,
    rows=_undeleted_invoices,
    on_request=OnRequest("status", InvoiceStatus.DELETED, Invoice.objects.all),
    expansions=lambda: {
        "customer": CUSTOMERS,
        "lines.product": PRODUCTS,
        "lines.tax_rate": TAX_RATES,
        "lines.revenue_account": ACCOUNTS,
    },
    line_counts=partial(line_counts, InvoiceLine, "invoice_id"),
    most_lines=MAX_LINES,
    parts=lambda: [("payment_application", PaymentApplication, "invoice_id")],
    listing=Listing(
        filters={
            "number": filters.text("number"),
            "customer_id": _OF_CUSTOMER,
            "status": filters.choice("status", InvoiceStatus.values),
            "payment_status": filters.choice("status", _PAYMENT_STATUSES, _payment_status, _ISSUED),
            "invoice_date": filters.day("invoice_date"),
            "due_date": filters.day("due_date"),
            "currency": filters.text("currency"),
            "total": filters.amount("total"),
            "amount_due": filters.amount("amount_due"),
            "amount_paid": filters.amount("amount_paid"),
            **filters.MOMENTS,
        },
        sort=("invoice_date", "due_date", "number", "total", "amount_due", "created_at", "updated_at"),
        order="invoice_date:desc",
        search=("number", "customer__name", "notes"),
    ),
)
CREDIT_NOTES = Resource(
    name="credit_notes",
    model=CreditNote,
    body=CreditNoteBody,
    bodies=credit_note_bodies,
    expansions=lambda: {"customer": CUSTOMERS, "invoice": INVOICES, "applications.invoice": INVOICES},
    line_counts=partial(line_counts, CreditNoteLine, "credit_note_id"),
    most_lines=MAX_LINES,
    parts=lambda: [("payment_application", PaymentApplication, "credit_note_id")],
    listing=Listing(
        filters={
            "number": filters.text("number"),
            "customer_id": _OF_CUSTOMER,
            "invoice_id": filters.reference("invoice_id", Invoice),
            "credit_date": filters.day("credit_date"),
            "currency": filters.text("currency"),
            "total": filters.amount("total"),
            "amount_applied": filters.amount("amount_applied"),
            **filters.MOMENTS,
        },
        sort=("credit_date", "number", "total", "created_at", "updated_at"),
        order="credit_date:desc",
        search=("number", "customer__name", "reason"),
    ),
)
RECURRING_INVOICES = Resource(
    name="recurring_invoices",
    model=RecurringInvoice,
    body=RecurringInvoiceBody,
    bodies=recurring_bodies,
    expansions=lambda: {"customer": CUSTOMERS, "lines.revenue_account": ACCOUNTS},
    line_counts=partial(line_counts, RecurringInvoiceLine, "recurring_invoice_id"),
    most_lines=MAX_LINES,
    listing=Listing(
        filters={
            "customer_id": _OF_CUSTOMER,
            "status": filters.choice("status", RecurringStatus.values),
            "frequency": filters.choice("frequency", Frequency.values),
            "next_date": filters.day("next_date"),
            **filters.MOMENTS,
        },
        sort=("next_date", "created_at", "updated_at"),
        order="created_at:asc",
        search=("customer__name", "notes"),
    ),
)
PAYMENTS = Resource(
    name="payments",
    model=Payment,
    body=PaymentBody,
    bodies=payment_bodies,
    expansions=lambda: {"customer": CUSTOMERS, "applications.invoice": INVOICES},
    parts=lambda: [("payment_application", PaymentApplication, "payment_id")],
    listing=Listing(
        filters={
            "number": filters.text("number"),
            "customer_id": _OF_CUSTOMER,
            "status": filters.choice("status", PaymentStatus.values),
            "method": filters.choice("method", PaymentMethod.values),
            "date": filters.day("payment_date"),
            "currency": filters.text("currency"),
            "amount": filters.amount("amount"),
            "reference": filters.text("reference"),
            **filters.MOMENTS,
        },
        sort=("date", "number", "amount", "created_at", "updated_at"),
        order="date:desc",
        search=("number", "reference", "customer__name"),
    ),
)
