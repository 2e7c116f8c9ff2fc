"""What every document of a customer is checked for: open account, currency, dates."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from bigledger.errors import BusinessRuleViolation, ValidationFailed
from customers.models import Customer, CustomerStatus
from invoicing.models import Invoice
from invoicing.models.documents import DocumentTax
from invoicing.rules import CUSTOMER_BLOCKED, TAX_ID_REQUIRED
from invoicing.selectors.terms import net_days
from invoicing.tax_treatment import NEEDS_TAX_ID
from invoicing.taxing import Tax


def require_open(customer: Customer, field: str | None = None) -> None:
    """Raises BusinessRuleViolation (`customer_blocked`), at the field that names the customer if the request has it."""
    if customer.status == CustomerStatus.BLOCKED:
        raise BusinessRuleViolation.of(CUSTOMER_BLOCKED, field, name=customer.name)


def require_tax_id(customer: Customer, taxes: Iterable[DocumentTax | Tax], field: str | None = None) -> None:
    """Raises BusinessRuleViolation (`tax_id_required`) for a supply whose tax the recipient owes by its own number; at
    the field that names the customer, if the request has one."""
    for tax in taxes:
        kind = tax.treatment.kind if isinstance(tax, Tax) else tax.kind
        if kind in NEEDS_TAX_ID and not customer.tax_id:
            raise BusinessRuleViolation.of(TAX_ID_REQUIRED, field, tax=tax.name, name=customer.name)


def document_currency(customer: Customer, given: str | None) -> str:
    """The one that is given, else the customer's."""
    return given or customer.currency


def due_date_by_terms(invoice_date: datetime.date, terms: str) -> datetime.date:
    """The due date that payment terms like `net_30` and `2_10_net_30` give."""
    return invoice_date + datetime.timedelta(days=net_days(terms))


def check_dates(invoice: Invoice) -> None:
    """Raises ValidationFailed when the invoice would be due before its date."""
    if invoice.due_date < invoice.invoice_date:
        raise ValidationFailed.at(
            "due_date", f"Must not be before the invoice date, {invoice.invoice_date}.", "out_of_range"
        )
