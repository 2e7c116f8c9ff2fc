"""Invoices are sent, which posts them, and voided."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, Conflict, ValidationFailed
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from customers.services.balance import add_sale, change_balance, lock_customer
from invoicing.apps import SCOPE
from invoicing.bodies import InvoiceBody
from invoicing.events import INVOICE_PAID, INVOICE_SENT, INVOICE_VOIDED
from invoicing.models import Invoice, InvoiceLine, InvoiceStatus, InvoiceTax
from invoicing.models.catalogue import NumberedDocument
from invoicing.models.invoices import ISSUED_STATUSES
from invoicing.pdf.versions import keep_issued_invoice
from invoicing.rules import INVOICE_CREDITED, INVOICE_HAS_PAYMENTS, INVOICE_WRITTEN_OFF_IN_PART
from invoicing.selectors.catalogue import sales_settings
from invoicing.selectors.documents import invoice_body
from invoicing.services.booking import Booking
from invoicing.services.document_lines import kept_tax_parts, revenue_and_tax
from invoicing.services.invoices.rows import closed_error, locked_invoice, save_and_record
from invoicing.services.invoices.terms import require_open, require_tax_id
from invoicing.services.mails import mail_document
from invoicing.services.schedules import spread_voided
from invoicing.services.series import take_document_number
from invoicing.services.timelines import due_changes, first_day
from invoicing.services.worth import document_rate, worth
from ledger.services.dating import correction_date
from ledger.services.reversal import reverse_journal_entry


@transaction.atomic
def send_invoice(
    *,
    invoice: Invoice,
    to: Sequence[str] = (),
    cc: Sequence[str] = (),
    message: str = "",
    deliver: bool = True,
    acting: Principal,
) -> InvoiceBody:
    """Issues a draft: gives it its number, posts receivable, revenue and tax at the invoice date, and mails it.

    An issued invoice is mailed again and nothing else. Without `deliver` there is no mail. What was issued is kept for
    good. Raises ValidationFailed; BusinessRuleViolation (`invoice_closed`, `customer_blocked`, `tax_id_required`,
    `credit_limit_exceeded` when the tenant refuses it, `no_recipient`, `too_many_recipients`, `mail_limit_reached`) and
    what posting does.
    """
    customer, invoice = _locked_with_customer(invoice)
    if invoice.status in (InvoiceStatus.VOID, InvoiceStatus.DELETED):
        raise closed_error(invoice, "sent")
    is_draft = invoice.status == InvoiceStatus.DRAFT
    if is_draft:
        require_open(customer)
        _issue(invoice, customer, acting=acting)
    if deliver:
        mail_document(document=invoice, customer=customer, to=to, cc=cc, message=message)
    elif to or cc:
        raise ValidationFailed.at("to", "Nothing is mailed with deliver false.", "incompatible")
    if not is_draft:
        return invoice_body(invoice)
    body = save_and_record(invoice, INVOICE_SENT, acting=acting)
    keep_issued_invoice(invoice, body)
    if invoice.status == InvoiceStatus.PAID:
        record(INVOICE_PAID, invoice.id, body, acting=acting)
    return body


@transaction.atomic
def void_invoice(*, invoice: Invoice, reason: str, date: datetime.date | None = None, acting: Principal) -> InvoiceBody:
    """Takes back an invoice: reverses its entry, dated as `correction_date` says. Its number stays.

    Raises BusinessRuleViolation (`invoice_closed`; `invoice_has_payments` while anything is applied to it, credited or
    written off; `date_before_source`).
    """
    customer, invoice = _locked_with_customer(invoice)
    if invoice.status in (InvoiceStatus.VOID, InvoiceStatus.DELETED):
        raise closed_error(invoice, "voided")
    _check_untouched(invoice)
    is_issued = invoice.status in ISSUED_STATUSES
    first = invoice.booked_on
    if is_issued:
        first = first_day(first, (due_changes(invoice), lambda day: [(day, -invoice.total)]))
    day = correction_date(date, first=first, what=f"{invoice.words} of {invoice.invoice_date}", scope=SCOPE)
    if is_issued:
        change_balance(customer=customer, increase=-invoice.amount_due, currency=invoice.currency, acting=acting)
        if invoice.journal_entry:
            reverse_journal_entry(
                entry=invoice.journal_entry, reason=reason, date=day, acting=acting, source=invoice.public_id
            )
        spread_voided(lines=invoice.lines.values_list("id", flat=True), on=day, acting=acting)
    invoice.status = InvoiceStatus.VOID
    invoice.amount_due = invoice.amount_due * 0
    invoice.voided_at = current_tenant().now()
    invoice.voided_on = day
    invoice.void_reason = reason
    return save_and_record(invoice, INVOICE_VOIDED, acting=acting)


def _check_untouched(invoice: Invoice) -> None:
    """Raises BusinessRuleViolation when anything took the invoice back already, or settled it."""
    notes = invoice.credit_notes.filter(voided_on=None).order_by("number_order").values_list("number", flat=True)
    if notes:
        raise BusinessRuleViolation.of(INVOICE_CREDITED, number=invoice.number, notes=", ".join(notes[:5]))
    if invoice.amount_written_off:
        raise BusinessRuleViolation.of(INVOICE_WRITTEN_OFF_IN_PART, number=invoice.number)
    if invoice.amount_due != invoice.total:
        raise BusinessRuleViolation.of(INVOICE_HAS_PAYMENTS, number=invoice.number)


def _issue(invoice: Invoice, customer: Customer, *, acting: Principal) -> None:
    now = current_tenant().now()
    rate = document_rate(invoice.exchange_rate, invoice.currency, invoice.invoice_date)
    invoice.exchange_rate, invoice.base_total = rate, worth(invoice.total, rate)
    taxes = list(InvoiceTax.objects.filter(invoice=invoice))
    require_tax_id(customer, taxes)
    settings = sales_settings()
    refuse = settings.refuse_over_credit_limit
    add_sale(
        customer=customer, amount=invoice.total, currency=invoice.currency, refuse_over_limit=refuse, acting=acting
    )
    if invoice.number is None:
        invoice.number = take_document_number(NumberedDocument.INVOICE, invoice.invoice_date, settings)
    lines = list(InvoiceLine.objects.filter(invoice=invoice))
    earned = revenue_and_tax(lines, kept_tax_parts(taxes), invoice.currency, acting=acting)
    if earned:
        description = f"Invoice {invoice.number} {customer.name}"
        booking = Booking(
            invoice.currency,
            source=invoice.public_id,
            description=description,
            entry_id=invoice.id,  # one entry per invoice: two sendings at once cannot post twice
            reference=invoice.number,
            rate=rate,
            acting=acting,
        )
        booking.debit(invoice.invoice_date, booking.receivable, invoice.total, base=invoice.base_total)
        for account, amount, text in earned:
            booking.credit(invoice.invoice_date, account, amount, text)
        booking.post()
        invoice.journal_entry_id = invoice.id
    invoice.sent_at = now
    invoice.status = InvoiceStatus.SENT if invoice.total else InvoiceStatus.PAID
    invoice.paid_at = None if invoice.total else now


def _locked_with_customer(invoice: Invoice) -> tuple[Customer, Invoice]:
    """Locks both, the customer first. Raises Conflict if the draft was given another customer meanwhile."""
    customer = lock_customer(invoice.customer_id)
    found = locked_invoice(invoice)
    if found.customer_id != customer.id:
        raise Conflict(f"{found.words} was changed by another request; read it again.")
    return customer, found
