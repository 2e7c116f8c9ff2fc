"""Credit notes: issued at once, applied to invoices, taken off them, refunded and voided."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum

from bigledger import ids, money
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.record import record
from bigledger.events.registry import EventType
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from customers.services.balance import change_balance, lock_customer
from invoicing.apps import SCOPE
from invoicing.bodies import CreditNoteBody, PaymentApplicationBody
from invoicing.events import CREDIT_NOTE_CREATED, CREDIT_NOTE_REFUNDED, CREDIT_NOTE_UNAPPLIED, CREDIT_NOTE_VOIDED
from invoicing.models import (
    CreditNote,
    CreditNoteLine,
    CreditNoteTax,
    Invoice,
    Payment,
    PaymentMethod,
    Refund,
    UnappliedAs,
)
from invoicing.models.catalogue import NumberedDocument
from invoicing.models.invoices import ISSUED_STATUSES, OPEN_STATUSES
from invoicing.pdf.versions import keep_issued_credit_note
from invoicing.rules import (
    CREDIT_EXCEEDS_INVOICE,
    CREDIT_NOTE_VOID,
    CREDIT_OVER_REFUND,
    CREDIT_REFUNDED,
    DISCOUNT_NOT_REFUNDABLE,
    NOT_CREDITABLE,
    OTHER_CUSTOMER,
)
from invoicing.selectors.catalogue import sales_settings
from invoicing.selectors.documents import credit_note_body
from invoicing.services.applying import (
    Booked,
    amount_to_apply,
    application_date,
    applications_of,
    apply_to_invoice,
    book_application,
    check_amount,
    locked_open_invoice,
    release,
    return_date,
    to_release,
    unapply,
)
from invoicing.services.booking import Booking
from invoicing.services.crediting import credited, invoice_of_lines
from invoicing.services.deposit_accounts import deposit_account
from invoicing.services.document_lines import kept_tax_parts, revenue_and_tax, tax_parts, write_lines
from invoicing.services.invoices import require_tax_id
from invoicing.services.lookup import customer_named, invoice_named
from invoicing.services.pricing import Priced
from invoicing.services.schedules import spread_credited
from invoicing.services.series import take_document_number
from invoicing.services.worth import document_rate, part_of_source, worth
from ledger.services.dating import correction_date


@transaction.atomic
def create_credit_note(
    *,
    customer_id: str | None = None,
    invoice_id: str | None = None,
    lines: Sequence[Mapping[str, Any]] = (),
    date: datetime.date | None = None,
    reason: str = "",
    currency: str | None = None,
    exchange_rate: Decimal | None = None,
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
    **conditions: Any,
) -> CreditNoteBody:
    """Gives a customer credit: posts revenue and tax back.

    A line that names one of an invoice takes that one's amounts, in part or what is left of them; for an invoice,
    without `lines`, it is over the whole of it. It is applied to the invoice at once, as far as that is due, and the
    rest is the customer's credit. Raises ValidationFailed, ResourceNotFound and BusinessRuleViolation
    (`invoice_not_issued`, `credit_exceeds_line`, `credit_exceeds_invoice`, `date_before_source`,
    `tax_id_required`).
    """
    invoice_id = invoice_id or invoice_of_lines(lines)
    invoice = invoice_named(invoice_id) if invoice_id else None
    if customer_id is None and invoice is None:
        raise ValidationFailed.at("customer_id", "Give the customer or the invoice.", "required")
    customer = lock_customer(invoice.customer_id if invoice else customer_named(customer_id or "").id)
    if customer_id and customer_named(customer_id).id != customer.id:
        raise BusinessRuleViolation.of(OTHER_CUSTOMER, "invoice_id", number=invoice.words if invoice else "")
    if invoice and currency not in (None, invoice.currency):
        message = f"{invoice.words} is in {invoice.currency}, not in {currency}."
        raise ValidationFailed.at("currency", message, "wrong_currency")
    currency = invoice.currency if invoice else currency or customer.currency
    priced = credited(invoice, lines, currency, conditions)
    if priced.totals.total <= 0:
        raise ValidationFailed.at("lines", "A credit note needs a total of more than zero.", "too_small")
    if invoice is None:
        require_tax_id(customer, [each.tax for each in priced.totals.taxes], "customer_id")
    else:
        invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
        _check_creditable(invoice, priced.totals.total)
        date = correction_date(date, first=invoice.booked_on, what=f"{invoice.number} of that day", scope=SCOPE)
    date = date or current_tenant().today()
    return issue_credit_note(
        customer=customer,
        invoice=invoice,
        priced=priced,
        currency=currency,
        exchange_rate=exchange_rate,
        date=date,
        reason=reason,
        metadata=metadata,
        acting=acting,
    )


def issue_credit_note(
    *,
    customer: Customer,
    invoice: Invoice | None,
    priced: Priced,
    currency: str,
    exchange_rate: Decimal | None,
    date: datetime.date,
    reason: str,
    early_payment: Payment | None = None,
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> CreditNoteBody:
    """Posts a credit note of a locked customer, and applies it to a locked invoice, as far as that is due."""
    now = current_tenant().now()
    rate = document_rate(exchange_rate, currency, date)
    note = CreditNote(
        id=ids.new_id(),
        customer=customer,
        invoice=invoice,
        currency=currency,
        exchange_rate=rate,
        base_total=worth(priced.totals.total, rate),
        credit_date=date,
        reason=reason,
        early_payment=early_payment,
        metadata=dict(metadata or {}),
        is_deposit=sales_settings().unapplied_as == UnappliedAs.DEPOSITS,
        created_by_id=acting.user_id,
        created_at=now,
        updated_at=now,
        **priced.document_columns,
    )
    note.number = take_document_number(NumberedDocument.CREDIT_NOTE, note.credit_date)
    booking = _booking(note, customer, acting=acting, entry_id=note.id, reference=note.number)
    rows = [CreditNoteLine(**columns) for columns in priced.columns]
    for account, amount, text in revenue_and_tax(rows, tax_parts(priced), note.currency, acting=acting):
        booking.debit(note.credit_date, account, amount, text)
    booking.credit(note.credit_date, booking.credit_of(note), note.total, base=note.base_total)
    plan = _planned(note, invoice, None, None, booking) if invoice and invoice.status in OPEN_STATUSES else None
    booking.post()
    note.journal_entry_id = note.id
    note.save(force_insert=True)
    write_lines(CreditNoteLine, CreditNoteTax, priced, credit_note=note)
    change_balance(customer=customer, increase=-note.total, currency=note.currency, acting=acting)
    body = credit_note_body(note)
    record(CREDIT_NOTE_CREATED, note.id, body, acting=acting)
    keep_issued_credit_note(note, body)
    if invoice and plan:
        apply_to_invoice(source=note, invoice=invoice, booked=plan, acting=acting)
    spread_credited(lines=[row.invoice_line_id for row in rows], on=date, acting=acting)
    return credit_note_body(note)


@transaction.atomic
def apply_credit_note(
    *,
    credit_note: CreditNote,
    invoice_id: str,
    amount: Decimal | None = None,
    date: datetime.date | None = None,
    acting: Principal,
) -> PaymentApplicationBody:
    """Sets a part of a credit note against an invoice, from `date` or the later of the dates of both. Raises what
    `apply_payment` does, and BusinessRuleViolation (`credit_note_void`)."""
    customer, note = _locked(credit_note)
    invoice = locked_open_invoice(invoice_named(invoice_id), note.customer_id, note.currency)
    booking = _booking(note, customer, acting=acting)
    booked = _planned(note, invoice, amount, date, booking)
    booking.post()
    return apply_to_invoice(source=note, invoice=invoice, booked=booked, acting=acting)


@transaction.atomic
def unapply_credit_note(
    *, credit_note: CreditNote, invoice_id: str, date: datetime.date | None = None, acting: Principal
) -> CreditNoteBody:
    """Takes a credit note off an invoice, which is due again; it is the customer's credit again.

    Raises BusinessRuleViolation (`not_applied`, `date_before_source`).
    """
    customer, note = _locked(credit_note)
    booking = _booking(note, customer, acting=acting)
    unapply(note, invoice_named(invoice_id), date, booking, acting=acting)
    booking.post()
    body = credit_note_body(note)
    record(CREDIT_NOTE_UNAPPLIED, note.id, body, acting=acting)
    return body


@transaction.atomic
def refund_credit_note(
    *,
    credit_note: CreditNote,
    amount: Decimal | None = None,
    reason: str = "",
    date: datetime.date | None = None,
    method: str = PaymentMethod.BANK_TRANSFER,
    deposit_account_id: str | None = None,
    acting: Principal,
) -> CreditNoteBody:
    """Pays out `amount` of what is left of a credit note, or all of it, from the account of the method.

    Raises ValidationFailed and BusinessRuleViolation (`credit_note_void`, `discount_not_refundable`, `over_refund`,
    `date_before_source`).
    """
    customer, note = _locked(credit_note)
    if note.early_payment_id:  # it is void when its payment is, which must always be possible
        raise BusinessRuleViolation.of(DISCOUNT_NOT_REFUNDABLE, number=note.number)
    left = money.to_currency(note.amount_left, note.currency)
    if amount is not None:
        check_amount(amount, note.currency)
    if not left or (amount is not None and amount > left):
        raise BusinessRuleViolation.of(CREDIT_OVER_REFUND, "amount", left=left, currency=note.currency)
    paid = left if amount is None else money.to_currency(amount, note.currency)
    day = return_date(date, note, paid, [])
    account = deposit_account(deposit_account_id, method, note.currency, acting=acting)
    now = current_tenant().now()
    refund = Refund(
        id=ids.new_id(),
        credit_note=note,
        amount=paid,
        reason=reason,
        refund_date=day,
        deposit_account=account,
        settled_at=now,
        created_by_id=acting.user_id,
        created_at=now,
    )
    refund.journal_entry_id = refund.id
    booking = Booking(
        note.currency,
        source=refund.public_id,
        description=f"Refund of {note.number} to {customer.name}",
        entry_id=refund.id,
        is_correction=True,
        rate=note.exchange_rate,
        acting=acting,
    )
    refund.base_amount = part_of_source(note, paid)
    booking.debit(day, booking.credit_of(note), paid, base=refund.base_amount)
    booking.credit(day, account.public_id, paid, base=refund.base_amount)
    booking.post()
    refund.save(force_insert=True)
    change_balance(customer=customer, increase=paid, currency=note.currency, acting=acting)
    note.amount_refunded += paid
    return _saved(note, CREDIT_NOTE_REFUNDED, acting=acting)


@transaction.atomic
def void_credit_note(
    *, credit_note: CreditNote, reason: str, date: datetime.date | None = None, or_later: bool = False,
    acting: Principal,
) -> CreditNoteBody:  # fmt: skip
    """Takes back a credit note: its invoices are due again, its revenue and tax are back. `or_later` dates it on the
    first day that is possible from `date` on.

    Raises BusinessRuleViolation (`credit_note_void`, `credit_note_refunded`, `date_before_source`).
    """
    customer, note = _locked(credit_note)
    if note.amount_refunded:
        raise BusinessRuleViolation.of(CREDIT_REFUNDED, number=note.number)
    parts = to_release(applications_of(note), note.amount_applied)
    day = return_date(date, note, note.total, parts, or_later=or_later)
    booking = _booking(note, customer, acting=acting, suffix=f" is void: {reason}")
    change_balance(customer=customer, increase=note.total, currency=note.currency, acting=acting)
    release(source=note, parts=parts, on=day, booking=booking, acting=acting)
    taxes = kept_tax_parts(note.taxes.all())
    for account, amount, text in revenue_and_tax(list(note.lines.all()), taxes, note.currency, acting=acting):
        booking.credit(day, account, amount, text)
    booking.debit(day, booking.credit_of(note), note.total, base=note.base_total)
    booking.post()
    note.voided_on = day
    note.void_reason = reason
    body = _saved(note, CREDIT_NOTE_VOIDED, acting=acting)
    spread_credited(lines=note.lines.values_list("invoice_line_id", flat=True), on=day, acting=acting)
    return body


def _locked(credit_note: CreditNote) -> tuple[Customer, CreditNote]:
    """Both locked, the customer first. Raises BusinessRuleViolation (`credit_note_void`)."""
    customer = lock_customer(credit_note.customer_id)
    note = CreditNote.objects.select_for_update().get(pk=credit_note.pk)
    if note.voided_on:
        raise BusinessRuleViolation.of(CREDIT_NOTE_VOID, number=note.number)
    return customer, note


def _planned(
    note: CreditNote, invoice: Invoice, amount: Decimal | None, date: datetime.date | None, booking: Booking
) -> Booked:
    """What is applied to the invoice, and from which day; it is booked."""
    amount = amount_to_apply(amount, note.amount_left, invoice.amount_due, invoice)
    day = application_date(date, note, invoice, amount)
    return book_application(booking, note, invoice, amount, day)


def _saved(note: CreditNote, event: EventType, *, acting: Principal) -> CreditNoteBody:
    note.updated_at = current_tenant().now()
    note.save()
    body = credit_note_body(note)
    record(event, note.id, body, acting=acting)
    return body


def _booking(
    note: CreditNote,
    customer: Customer,
    *,
    acting: Principal,
    entry_id: uuid.UUID | None = None,
    reference: str | None = None,
    suffix: str = "",
) -> Booking:
    return Booking(
        note.currency,
        source=note.public_id,
        description=f"Credit note {note.number} {customer.name}{suffix}",
        entry_id=entry_id,
        reference=reference,
        is_correction=note.invoice_id is not None or bool(suffix),
        rate=note.exchange_rate,
        acting=acting,
    )


def _check_creditable(invoice: Invoice, amount: Decimal) -> None:
    """What is credited already or written off cannot be credited. The customer's lock keeps the sum from changing."""
    if invoice.status not in ISSUED_STATUSES:
        raise BusinessRuleViolation.of(NOT_CREDITABLE, "invoice_id", number=invoice.words, status=invoice.status)
    notes = invoice.credit_notes.filter(voided_on=None)
    credited = notes.aggregate(sum=Sum("total"))["sum"] or Decimal(0)
    left = money.to_currency(invoice.total - credited - invoice.amount_written_off, invoice.currency)
    if amount > left:
        raise BusinessRuleViolation.of(
            CREDIT_EXCEEDS_INVOICE, "lines", left=left, currency=invoice.currency, number=invoice.words
        )
