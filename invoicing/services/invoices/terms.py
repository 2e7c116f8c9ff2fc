"""What every document of a customer is checked for: open account, currency, dates."""

from __future__ import annotations

import datetime

from bigledger.errors import BusinessRuleViolation, ValidationFailed
from customers.models import Customer, CustomerStatus
from invoicing.models import Invoice
from invoicing.rules import CUSTOMER_BLOCKED


def require_open(customer: Customer) -> None:
    """Raises BusinessRuleViolation (`customer_blocked`)."""
    if customer.status == CustomerStatus.BLOCKED:
        raise BusinessRuleViolation.of(CUSTOMER_BLOCKED, "customer_id", name=customer.name)


def document_currency(customer: Customer, given: str | None) -> str:
    """The customer's currency; its balance is a single figure, so all its documents are in one currency."""
    if given and given != customer.currency:
        raise ValidationFailed.at(
            "currency", f"{customer.name} trades in {customer.currency}, not in {given}.", "wrong_currency"
        )
    return customer.currency


def due_date_by_terms(invoice_date: datetime.date, terms: str) -> datetime.date:
    """The due date that payment terms like `net_30` give."""
    days = 0 if terms == "due_on_receipt" else int(terms.removeprefix("net_"))
    return invoice_date + datetime.timedelta(days=days)


def check_dates(invoice: Invoice) -> None:
    """Raises ValidationFailed when the invoice would be due before its date."""
    if invoice.due_date < invoice.invoice_date:
        raise ValidationFailed.at(
            "due_date", f"Must not be before the invoice date, {invoice.invoice_date}.", "out_of_range"
        )
