"""Invoices: created as drafts, changed, sent, voided, deleted."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, Conflict, ResourceNotFound, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.events.registry import EventType
from bigledger.tenants.context import current_tenant
from customers.models import Customer, CustomerStatus
from customers.services.balance import add_sale, change_balance, lock_customer
from customers.services.numbering import take_number
from invoicing.bodies import InvoiceBody
from invoicing.events import (
    INVOICE_CREATED,
    INVOICE_DELETED,
    INVOICE_PAID,
    INVOICE_SENT,
    INVOICE_UPDATED,
    INVOICE_VOIDED,
)
from invoicing.models import Invoice, InvoiceLine, InvoiceStatus, InvoiceTax, RecurringInvoice
from invoicing.models.invoices import ISSUED_STATUSES, OPEN_STATUSES
from invoicing.rules import (
    CONTENT_FIXED,
    CUSTOMER_BLOCKED,
    INVOICE_CLOSED,
    INVOICE_HAS_PAYMENTS,
    INVOICE_ISSUED,
    INVOICE_YEAR_FIXED,
)
from invoicing.selectors.catalogue import sales_settings
from invoicing.selectors.documents import invoice_body
from invoicing.services.mails import mail_invoice
from invoicing.services.overdue import standing_of, tell_overdue
from invoicing.services.pricing import Priced, price, receivable_line, revenue_and_tax, write_lines
from invoicing.services.references import customer_named
from ledger.services.posting import NewEntry, NewLine, post_journal_entry
from ledger.services.reversal import reverse_journal_entry


@transaction.atomic
def create_invoice(
    *,
    customer_id: str,
    lines: Sequence[Mapping[str, Any]],
    invoice_date: datetime.date | None = None,
    due_date: datetime.date | None = None,
    currency: str | None = None,
    payment_terms: str | None = None,
    notes: str = "",
    recurring_invoice: RecurringInvoice | None = None,
    acting: Principal,
) -> InvoiceBody:
    """A draft in the customer's currency, dated today unless told; due as its terms say unless told.

    Nothing is posted yet. The number is taken last. Raises ValidationFailed, ResourceNotFound and
    BusinessRuleViolation (`customer_blocked`).
    """
    customer = customer_named(customer_id)
    require_open(customer)
    currency = document_currency(customer, currency)
    now = current_tenant().now()
    invoice_date = invoice_date or current_tenant().today()
    terms = payment_terms or customer.payment_terms
    priced = price(lines, currency)
    invoice = Invoice(
        customer=customer,
        currency=currency,
        invoice_date=invoice_date,
        due_date=due_date or due_date_by_terms(invoice_date, terms),
        is_due_date_given=due_date is not None,
        payment_terms=terms,
        notes=notes,
        recurring_invoice=recurring_invoice,
        created_by_id=acting.user_id,
        created_at=now,
        updated_at=now,
        amount_due=priced.totals.total,
        **priced.document_columns,
    )
    _check_dates(invoice)
    series = f"INV-{invoice_date.year}"
    invoice.number = f"{series}-{take_number(series):03d}"
    invoice.save(force_insert=True)
    write_lines(InvoiceLine, InvoiceTax, priced, invoice=invoice)
    body = invoice_body(invoice)
    record(INVOICE_CREATED, invoice.id, body, acting=acting)
    return body


@transaction.atomic
def update_invoice(*, invoice: Invoice, changes: Mapping[str, Any], acting: Principal) -> InvoiceBody:
    """Changes a draft; of an issued invoice only the due date and the notes.

    A due date that was given stays until another is given, or null, which lets the terms decide again. The number
    stays. Raises ValidationFailed; BusinessRuleViolation (`invoice_issued`, `invoice_closed`).
    """
    invoice = _locked(invoice)
    before = invoice_body(invoice)
    changes = dict(changes)
    if invoice.status == InvoiceStatus.DRAFT:
        _update_draft(invoice, changes)
    elif invoice.status in OPEN_STATUSES:
        frozen = sorted(set(changes) - {"due_date", "notes"})
        if frozen:
            raise BusinessRuleViolation.of(CONTENT_FIXED, frozen[0], number=invoice.number, fields=", ".join(frozen))
    else:
        raise _closed(invoice, "changed")
    for name in ("invoice_date", "payment_terms", "notes"):
        if name in changes:
            setattr(invoice, name, changes[name])
    _set_due_date(invoice, changes)
    if invoice.status in OPEN_STATUSES:
        invoice.status = standing_of(invoice)
    body = shown_change(invoice, before, invoice_body)
    if body is None and not changes.keys() & {"due_date"}:
        return before
    invoice.save()
    if body is None:
        return before
    record(INVOICE_UPDATED, invoice.id, body, acting=acting, previous=before)
    tell_overdue([invoice], [body], acting=acting)
    return body


@transaction.atomic
def delete_invoice(*, invoice: Invoice, acting: Principal) -> None:
    """Deletes a draft; its row stays, unseen, as the holder of its number.

    Raises BusinessRuleViolation (`invoice_issued`): an issued invoice is voided.
    """
    invoice = _locked(invoice)
    if invoice.status != InvoiceStatus.DRAFT:
        raise BusinessRuleViolation.of(INVOICE_ISSUED, number=invoice.number, status=invoice.status)
    invoice.status = InvoiceStatus.DELETED
    invoice.amount_due = invoice.amount_due * 0
    _keep(invoice, INVOICE_DELETED, acting=acting)


@transaction.atomic
def send_invoice(
    *, invoice: Invoice, to: Sequence[str] = (), cc: Sequence[str] = (), message: str = "", acting: Principal
) -> InvoiceBody:
    """Issues a draft: posts receivable, revenue and tax at the invoice date, and mails it with its PDF.

    An issued invoice is mailed again and nothing else. Without `to` and without an address of the customer
    it is issued and not mailed. Raises BusinessRuleViolation (`invoice_closed`, `customer_blocked`,
    `credit_limit_exceeded` when the tenant refuses it, `too_many_recipients`, `mail_limit_reached`) and what posting
    does.
    """
    customer, invoice = _locked_with_customer(invoice)
    if invoice.status in (InvoiceStatus.VOID, InvoiceStatus.DELETED):
        raise _closed(invoice, "sent")
    is_draft = invoice.status == InvoiceStatus.DRAFT
    if is_draft:
        require_open(customer)
        _issue(invoice, customer, acting=acting)
    mail_invoice(invoice=invoice, customer=customer, to=to, cc=cc, message=message)
    if not is_draft:
        return invoice_body(invoice)
    body = _keep(invoice, INVOICE_SENT, acting=acting)
    if invoice.status == InvoiceStatus.PAID:
        record(INVOICE_PAID, invoice.id, body, acting=acting)
    return body


@transaction.atomic
def void_invoice(*, invoice: Invoice, reason: str, acting: Principal) -> InvoiceBody:
    """Takes back an invoice: reverses its entry as of today. Its number stays.

    Raises BusinessRuleViolation (`invoice_closed`; `invoice_has_payments` while anything is applied to it).
    """
    customer, invoice = _locked_with_customer(invoice)
    if invoice.status in (InvoiceStatus.VOID, InvoiceStatus.DELETED, InvoiceStatus.WRITTEN_OFF):
        raise _closed(invoice, "voided")
    if invoice.amount_due != invoice.total:
        raise BusinessRuleViolation.of(INVOICE_HAS_PAYMENTS, number=invoice.number)
    today = current_tenant().today()
    if invoice.status in ISSUED_STATUSES:
        change_balance(customer=customer, increase=-invoice.amount_due, acting=acting)
        if invoice.journal_entry:
            reverse_journal_entry(
                entry=invoice.journal_entry, reason=reason, date=today, acting=acting, source=invoice.public_id
            )
    invoice.status = InvoiceStatus.VOID
    invoice.amount_due = invoice.amount_due * 0
    invoice.voided_at = current_tenant().now()
    invoice.voided_on = today
    invoice.void_reason = reason
    return _keep(invoice, INVOICE_VOIDED, acting=acting)


def _issue(invoice: Invoice, customer: Customer, *, acting: Principal) -> None:
    now = current_tenant().now()
    document_currency(customer, invoice.currency)  # it may have changed while there was no document
    refuse = sales_settings().refuse_over_credit_limit
    add_sale(customer=customer, amount=invoice.total, refuse_over_limit=refuse, acting=acting)
    if invoice.total:
        earned = revenue_and_tax(list(InvoiceLine.objects.filter(invoice=invoice)), invoice.currency, acting=acting)
        description = f"Invoice {invoice.number} {customer.name}"
        post_journal_entry(
            entry=NewEntry(
                id=invoice.id,  # one entry per invoice: two sendings at once cannot post twice
                date=invoice.invoice_date,
                reference=invoice.number,
                description=description,
                source=invoice.public_id,
                lines=[
                    receivable_line(
                        invoice.total, invoice.currency, is_debit=True, description=description, acting=acting
                    ),
                    *(NewLine(account, credit=amount, description=text) for account, amount, text in earned),
                ],
            ),
            acting=acting,
        )
        invoice.journal_entry_id = invoice.id
    invoice.sent_at = now
    invoice.status = InvoiceStatus.SENT if invoice.total else InvoiceStatus.PAID
    invoice.paid_at = None if invoice.total else now


def _update_draft(invoice: Invoice, changes: dict[str, Any]) -> None:
    if "customer_id" in changes:
        invoice.customer = customer_named(changes["customer_id"])
        require_open(invoice.customer)
    currency = document_currency(invoice.customer, changes.get("currency"))
    if currency != invoice.currency and "lines" not in changes:
        message = f"The lines are priced in {invoice.currency}; give lines in {currency} with this change."
        raise ValidationFailed.at("customer_id" if "customer_id" in changes else "currency", message, "wrong_currency")
    invoice.currency = currency
    if changes.get("invoice_date", invoice.invoice_date).year != invoice.invoice_date.year:
        raise BusinessRuleViolation.of(
            INVOICE_YEAR_FIXED, "invoice_date", number=invoice.number, year=invoice.invoice_date.year
        )
    if "lines" in changes:
        _replace_lines(invoice, price(changes["lines"], invoice.currency))


def _set_due_date(invoice: Invoice, changes: Mapping[str, Any]) -> None:
    if "due_date" in changes:
        invoice.is_due_date_given = changes["due_date"] is not None
        if changes["due_date"]:
            invoice.due_date = changes["due_date"]
    if not invoice.is_due_date_given and changes.keys() & {"due_date", "payment_terms", "invoice_date"}:
        invoice.due_date = due_date_by_terms(invoice.invoice_date, invoice.payment_terms)
    _check_dates(invoice)


def _replace_lines(invoice: Invoice, priced: Priced) -> None:
    names = priced.columns[0].keys()
    if list(InvoiceLine.objects.filter(invoice=invoice).order_by("position").values(*names)) == priced.columns:
        return  # the very same lines, which keep their ids
    for name, amount in priced.document_columns.items():
        setattr(invoice, name, amount)
    invoice.amount_due = invoice.total
    InvoiceLine.objects.filter(invoice=invoice).delete()
    InvoiceTax.objects.filter(invoice=invoice).delete()
    write_lines(InvoiceLine, InvoiceTax, priced, invoice=invoice)


def _keep(invoice: Invoice, event: EventType, *, acting: Principal) -> InvoiceBody:
    invoice.updated_at = current_tenant().now()
    invoice.save()
    body = invoice_body(invoice)
    record(event, invoice.id, body, acting=acting)
    return body


def _locked(invoice: Invoice) -> Invoice:
    found = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if found.status == InvoiceStatus.DELETED:
        raise ResourceNotFound(f"There is no {invoice.public_id}")
    return found


def _locked_with_customer(invoice: Invoice) -> tuple[Customer, Invoice]:
    """Locks both, the customer first. Raises Conflict if the draft was given another customer meanwhile."""
    customer = lock_customer(invoice.customer_id)
    found = _locked(invoice)
    if found.customer_id != customer.id:
        raise Conflict(f"{found.number} was changed by another request; read it again.")
    return customer, found


def _closed(invoice: Invoice, participle: str) -> BusinessRuleViolation:
    return BusinessRuleViolation.of(INVOICE_CLOSED, number=invoice.number, status=invoice.status, participle=participle)


def require_open(customer: Customer) -> None:
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
    days = 0 if terms == "due_on_receipt" else int(terms.removeprefix("net_"))
    return invoice_date + datetime.timedelta(days=days)


def _check_dates(invoice: Invoice) -> None:
    if invoice.due_date < invoice.invoice_date:
        raise ValidationFailed.at(
            "due_date", f"Must not be before the invoice date, {invoice.invoice_date}.", "out_of_range"
        )
