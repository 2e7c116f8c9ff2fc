"""Invoices as drafts: created, changed and deleted. An issued invoice may still change its due date and notes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from invoicing.bodies import InvoiceBody
from invoicing.events import INVOICE_CREATED, INVOICE_DELETED, INVOICE_UPDATED
from invoicing.models import DueDateChange, Invoice, InvoiceLine, InvoiceStatus, InvoiceTax, RecurringInvoice
from invoicing.models.catalogue import NumberedDocument
from invoicing.models.invoices import OPEN_STATUSES
from invoicing.rules import CONTENT_FIXED, INVOICE_ISSUED, INVOICE_YEAR_FIXED
from invoicing.selectors.catalogue import sales_settings
from invoicing.selectors.documents import invoice_body
from invoicing.services.document_lines import given_lines, write_lines
from invoicing.services.invoices.rows import closed_error, locked_invoice, save_and_record
from invoicing.services.invoices.terms import check_dates, document_currency, due_date_by_terms, require_open
from invoicing.services.lookup import customer_named
from invoicing.services.overdue import record_overdue, standing_of
from invoicing.services.pricing import CONDITIONS, Priced, price
from invoicing.services.series import take_document_number


@transaction.atomic
def create_invoice(
    *,
    customer_id: str,
    lines: Sequence[Mapping[str, Any]],
    invoice_date: datetime.date | None = None,
    due_date: datetime.date | None = None,
    currency: str | None = None,
    exchange_rate: Decimal | None = None,
    payment_terms: str | None = None,
    notes: str = "",
    metadata: Mapping[str, str] | None = None,
    recurring_invoice: RecurringInvoice | None = None,
    acting: Principal,
    **conditions: Any,
) -> InvoiceBody:
    """A draft in the customer's currency, dated today and due as its terms say, each unless told otherwise.
    `conditions` are those of `PricesInput`.

    Nothing is posted yet, and it has no number, unless the tenant numbers drafts. Raises ValidationFailed,
    ResourceNotFound and BusinessRuleViolation (`customer_blocked`).
    """
    customer = customer_named(customer_id)
    require_open(customer, "customer_id")
    currency = document_currency(customer, currency)
    now = current_tenant().now()
    invoice_date = invoice_date or current_tenant().today()
    terms = payment_terms or customer.payment_terms
    priced = price(lines, currency, conditions)
    invoice = Invoice(
        customer=customer,
        currency=currency,
        exchange_rate=exchange_rate,
        invoice_date=invoice_date,
        due_date=due_date or due_date_by_terms(invoice_date, terms),
        is_due_date_given=due_date is not None,
        payment_terms=terms,
        notes=notes,
        metadata=dict(metadata or {}),
        recurring_invoice=recurring_invoice,
        created_by_id=acting.user_id,
        created_at=now,
        updated_at=now,
        amount_due=priced.totals.total,
        **priced.document_columns,
    )
    check_dates(invoice)
    settings = sales_settings()
    if settings.number_drafts:
        invoice.number = take_document_number(NumberedDocument.INVOICE, invoice_date, settings)
    invoice.save(force_insert=True)
    write_lines(InvoiceLine, InvoiceTax, priced, invoice=invoice)
    body = invoice_body(invoice)
    record(INVOICE_CREATED, invoice.id, body, acting=acting)
    return body


@transaction.atomic
def update_invoice(*, invoice: Invoice, changes: Mapping[str, Any], acting: Principal) -> InvoiceBody:
    """Changes a draft; of an issued invoice only the due date, the notes and, whatever became of it, the metadata.

    A due date that was given stays until another is given, or null, which lets the terms decide again. The number
    stays. Raises ValidationFailed; BusinessRuleViolation (`invoice_issued`, `invoice_closed`).
    """
    invoice = locked_invoice(invoice)
    before = invoice_body(invoice)
    changes = dict(changes)
    if invoice.status == InvoiceStatus.DRAFT:
        _update_draft(invoice, changes)
    elif changes.keys() <= {"metadata"}:  # which is the caller's, whatever became of the invoice
        pass
    elif invoice.status in OPEN_STATUSES:
        frozen = sorted(set(changes) - {"due_date", "notes", "metadata"})
        if frozen:
            raise BusinessRuleViolation.of(CONTENT_FIXED, frozen[0], number=invoice.words, fields=", ".join(frozen))
    else:
        raise closed_error(invoice, "changed")
    for name in ("invoice_date", "payment_terms", "notes", "metadata", "exchange_rate"):
        if name in changes:
            setattr(invoice, name, changes[name])
    due_date = invoice.due_date
    _set_due_date(invoice, changes)
    if invoice.status in OPEN_STATUSES:
        invoice.status = standing_of(invoice)
        if invoice.due_date != due_date:
            DueDateChange.objects.create(invoice=invoice, due_date=due_date, changed_on=current_tenant().today())
    body = shown_change(invoice, before, invoice_body)
    if body is None and not changes.keys() & {"due_date"}:
        return before
    invoice.save()
    if body is None:
        return before
    record(INVOICE_UPDATED, invoice.id, body, acting=acting, previous=before)
    record_overdue([invoice], [body], acting=acting)
    return body


@transaction.atomic
def delete_invoice(*, invoice: Invoice, acting: Principal) -> None:
    """Deletes a draft; its row stays, unseen, and holds its number if it has one.

    Raises BusinessRuleViolation (`invoice_issued`): an issued invoice is voided.
    """
    invoice = locked_invoice(invoice)
    if invoice.status != InvoiceStatus.DRAFT:
        raise BusinessRuleViolation.of(INVOICE_ISSUED, number=invoice.words, status=invoice.status)
    invoice.status = InvoiceStatus.DELETED
    invoice.amount_due = invoice.amount_due * 0
    save_and_record(invoice, INVOICE_DELETED, acting=acting)


def _update_draft(invoice: Invoice, changes: dict[str, Any]) -> None:
    if "customer_id" in changes:
        invoice.customer = customer_named(changes["customer_id"])
        require_open(invoice.customer, "customer_id")
    currency = changes.get("currency") or (invoice.customer.currency if "customer_id" in changes else invoice.currency)
    if currency != invoice.currency and "lines" not in changes:
        message = f"The lines are priced in {invoice.currency}; give lines in {currency} with this change."
        raise ValidationFailed.at("customer_id" if "customer_id" in changes else "currency", message, "wrong_currency")
    invoice.currency = currency
    if invoice.number and changes.get("invoice_date", invoice.invoice_date).year != invoice.invoice_date.year:
        raise BusinessRuleViolation.of(
            INVOICE_YEAR_FIXED, "invoice_date", number=invoice.number, year=invoice.invoice_date.year
        )
    if changes.keys() & {"lines", *CONDITIONS}:
        lines = changes["lines"] if "lines" in changes else given_lines(invoice)
        _replace_lines(invoice, price(lines, invoice.currency, _conditions(invoice, changes)))


def _conditions(invoice: Invoice, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What the draft said of its prices, with what changes. Another discount takes the place of the one it had."""
    percentage = invoice.discount_percentage
    kept = {
        "price_includes_tax": invoice.price_includes_tax,
        "discount_percentage": percentage,
        "discount_amount": None if percentage else invoice.discount_amount,
    }
    if changes.keys() & {"discount_percentage", "discount_amount"}:
        kept |= {"discount_percentage": percentage * 0, "discount_amount": None}
    return kept | {name: changes[name] for name in CONDITIONS if name in changes}


def _set_due_date(invoice: Invoice, changes: Mapping[str, Any]) -> None:
    if "due_date" in changes:
        invoice.is_due_date_given = changes["due_date"] is not None
        if changes["due_date"]:
            invoice.due_date = changes["due_date"]
    if not invoice.is_due_date_given and changes.keys() & {"due_date", "payment_terms", "invoice_date"}:
        invoice.due_date = due_date_by_terms(invoice.invoice_date, invoice.payment_terms)
    check_dates(invoice)


def _replace_lines(invoice: Invoice, priced: Priced) -> None:
    names = priced.columns[0].keys()
    for name, value in priced.document_columns.items():
        setattr(invoice, name, value)
    if list(InvoiceLine.objects.filter(invoice=invoice).order_by("position").values(*names)) == priced.columns:
        return  # the very same lines, which keep their ids
    invoice.amount_due = invoice.total
    InvoiceLine.objects.filter(invoice=invoice).delete()
    InvoiceTax.objects.filter(invoice=invoice).delete()
    write_lines(InvoiceLine, InvoiceTax, priced, invoice=invoice)
