"""Writing off invoices that will not be paid."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from bigledger import money
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from customers.services.balance import change_balance, lock_customer
from invoicing.bodies import InvoiceBody
from invoicing.events import INVOICE_PAID, INVOICE_WRITTEN_OFF
from invoicing.models import Invoice, InvoiceStatus
from invoicing.rules import DIFFERENCE_IN_OTHER_CURRENCY, DIFFERENCE_NOT_SMALL
from invoicing.selectors.catalogue import sales_settings
from invoicing.selectors.documents import invoice_body
from invoicing.services.applying import locked_open_invoice
from invoicing.services.document_lines import receivable_line
from ledger.models import AccountPurpose
from ledger.services.accounts import ensure_purpose_account
from ledger.services.posting import NewEntry, NewLine, post_journal_entry

KINDS = {
    "bad_debt": (AccountPurpose.BAD_DEBT, "Bad debt"),
    "small_difference": (AccountPurpose.SMALL_DIFFERENCES, "Small difference"),
}


@transaction.atomic
def write_off_invoice(*, invoice: Invoice, kind: str, reason: str, acting: Principal) -> InvoiceBody:
    """Books what is due as a loss, as of today: Dr bad debt or small differences, Cr receivable.

    A small difference closes the invoice as paid; a bad debt as written off. Raises BusinessRuleViolation
    (`invoice_not_issued`, `invoice_closed`; `difference_not_small` over the tenant's limit).
    """
    customer = lock_customer(invoice.customer_id)
    invoice = locked_open_invoice(invoice, customer.id)
    amount, currency = money.to_currency(invoice.amount_due, invoice.currency), invoice.currency
    if kind == "small_difference":
        _check_small(amount, currency)
    purpose, title = KINDS[kind]
    description = f"{title}, invoice {invoice.number} {customer.name}: {reason}"[:1000]
    today, now = current_tenant().today(), current_tenant().now()
    loss = ensure_purpose_account(purpose, currency, acting=acting).public_id
    post_journal_entry(
        entry=NewEntry(
            date=today,
            description=description,
            source=invoice.public_id,
            lines=[
                NewLine(loss, debit=amount, description=description),
                receivable_line(amount, currency, is_debit=False, description=description, acting=acting),
            ],
        ),
        acting=acting,
    )
    change_balance(customer=customer, increase=-amount, acting=acting)
    is_small = kind == "small_difference"
    invoice.amount_written_off += amount
    invoice.amount_due -= amount
    invoice.written_off_on = today
    invoice.status = InvoiceStatus.PAID if is_small else InvoiceStatus.WRITTEN_OFF
    invoice.paid_at = now if is_small else None
    invoice.updated_at = now
    invoice.save()
    body = invoice_body(invoice)
    record(INVOICE_WRITTEN_OFF, invoice.id, body, acting=acting)
    if is_small:
        record(INVOICE_PAID, invoice.id, body, acting=acting)
    return body


def _check_small(amount: Decimal, currency: str) -> None:
    """The limit is an amount in the base currency and does not apply to other currencies."""
    base = current_tenant().base_currency
    limit = money.to_currency(sales_settings().small_difference_limit, base)
    if currency != base:
        raise BusinessRuleViolation.of(DIFFERENCE_IN_OTHER_CURRENCY, base=base, amount=amount, currency=currency)
    if amount > limit:
        raise BusinessRuleViolation.of(DIFFERENCE_NOT_SMALL, amount=amount, currency=currency, limit=limit, base=base)
