"""Payments: received, applied to invoices."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction

from bigledger import ids, money
from bigledger.access.principal import Principal
from bigledger.dry_run import current_dry_run
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from customers.services.balance import change_balance, lock_customer
from invoicing import rules
from invoicing.bodies import PaymentApplicationBody, PaymentBody
from invoicing.events import PAYMENT_FAILED, PAYMENT_RECEIVED, PAYMENT_UNAPPLIED
from invoicing.gateway import Card, Decline, current_gateway
from invoicing.models import Invoice, InvoiceStatus, Payment, PaymentMethod, PaymentStatus, UnappliedAs
from invoicing.models.catalogue import NumberedDocument
from invoicing.selectors.catalogue import sales_settings
from invoicing.selectors.payments import payment_body
from invoicing.services.applying import (
    amount_to_apply,
    application_date,
    apply_to_invoice,
    book_application,
    check_amount,
    locked_open_invoice,
    unapply,
)
from invoicing.services.booking import Booking
from invoicing.services.deposit_accounts import deposit_account
from invoicing.services.early_payment import give_discount, take_back_discounts
from invoicing.services.lookup import customer_named, invoice_named
from invoicing.services.mails import mail_receipt
from invoicing.services.series import take_document_number
from invoicing.services.worth import document_rate, worth
from invoicing.services.write_offs import first_recovery, recover, recoverable


@transaction.atomic
def create_payment(
    *,
    customer_id: str,
    amount: Decimal,
    method: str,
    currency: str | None = None,
    exchange_rate: Decimal | None = None,
    invoice_id: str | None = None,
    parts: Mapping[str, Decimal] | None = None,
    card: Card | None = None,
    date: datetime.date | None = None,
    reference: str = "",
    deposit_account_id: str | None = None,
    journal_reference: str | None = None,
    send_receipt: bool = False,
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> PaymentBody:
    """Money from a customer: posts the deposit account and, as far as it is due on `invoice_id`, the receivable; the
    rest is a customer deposit. `parts` applies an amount to each of several invoices, by their ids instead. What may be
    deducted for early payment is credited.
    On an invoice that was written off it is a recovery. `currency` is the invoice's unless given, or else the
    customer's; `exchange_rate` the one that is kept for the day. What a payment gains or loses on the rates is booked
    when it is applied. `journal_reference` is that of its journal entry, which has a generated number without one.

    A declined card is a payment with status `failed` and without a posting. Raises ValidationFailed,
    ResourceNotFound and BusinessRuleViolation (`invoice_not_issued`, `invoice_closed`, `other_customer`,
    `cards_not_taken`, `rate_missing`).
    """
    customer = lock_customer(customer_named(customer_id).id)
    wanted: Mapping[str, Decimal | None] = {invoice_id: None} if invoice_id else parts or {}
    named = [invoice_named(reference) for reference in wanted]
    currency = currency or (named[0].currency if named else customer.currency)
    check_amount(amount, currency)
    _check_card(method, card)
    invoices = [_payable(invoice, customer, currency) for invoice in named]
    day = date or current_tenant().today()
    rate = document_rate(exchange_rate, currency, day)
    now = current_tenant().now()
    amount = money.to_currency(amount, currency)
    payment = Payment(
        id=ids.new_id(), customer=customer, amount=amount, currency=currency, exchange_rate=rate,
        base_amount=worth(amount, rate), method=method, status=PaymentStatus.RECEIVED, payment_date=day,
        reference=reference, metadata=dict(metadata or {}),
        is_deposit=sales_settings().unapplied_as == UnappliedAs.DEPOSITS, created_by_id=acting.user_id,
        created_at=now, updated_at=now,
    )  # fmt: skip
    payment.deposit_account = deposit_account(deposit_account_id, method, currency, acting=acting)
    if card:
        _authorize(payment, card)
    if payment.status == PaymentStatus.FAILED:
        return _declined(payment, acting=acting)
    payment.number = take_document_number(NumberedDocument.PAYMENT, payment.payment_date)
    booking = _booking(payment, customer, acting=acting, entry_id=payment.id, reference=journal_reference)
    booking.debit(day, payment.deposit_account.public_id, amount, base=payment.base_amount)
    booking.credit(day, booking.credit_of(payment), amount, base=payment.base_amount)
    payment.save(force_insert=True)
    change_balance(customer=customer, increase=-payment.amount, currency=currency, acting=acting)
    payment.journal_entry_id = payment.id  # it is posted last, with what is applied
    record(PAYMENT_RECEIVED, payment.id, payment_body(payment), acting=acting)
    for invoice, part in zip(invoices, wanted.values(), strict=True):
        _apply(payment, invoice, customer, part, None, booking, acting=acting)
    booking.post()
    return _received(payment, invoices, send_receipt=send_receipt)


def _received(payment: Payment, invoices: Sequence[Invoice], *, send_receipt: bool) -> PaymentBody:
    payment.save(update_fields=["journal_entry"])
    if send_receipt:
        mail_receipt(payment=payment, invoice=invoices[0] if len(invoices) == 1 else None)
    return payment_body(payment)


def _declined(payment: Payment, *, acting: Principal) -> PaymentBody:
    payment.save(force_insert=True)
    body = payment_body(payment)
    record(PAYMENT_FAILED, payment.id, body, acting=acting)
    return body


@transaction.atomic
def apply_payment(
    *,
    payment: Payment,
    invoice_id: str,
    amount: Decimal | None = None,
    date: datetime.date | None = None,
    acting: Principal,
) -> PaymentApplicationBody:
    """Sets a part of a payment against an invoice of the same customer: `amount`, or all there is and is due. It counts
    from `date`, or the later of the dates of both. On an invoice that was written off it is a recovery.

    Raises BusinessRuleViolation (`over_application`, `payment_failed`, `payment_void`, `date_before_source` and what
    `locked_open_invoice` does).
    """
    customer = lock_customer(payment.customer_id)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    require_received(payment, "apply")
    invoice = _payable(invoice_named(invoice_id), customer, payment.currency)
    booking = _booking(payment, customer, acting=acting)
    body = _apply(payment, invoice, customer, amount, date, booking, acting=acting)
    booking.post()
    return body


@transaction.atomic
def unapply_payment(
    *, payment: Payment, invoice_id: str, date: datetime.date | None = None, acting: Principal
) -> PaymentBody:
    """Takes a payment off an invoice, which is due again; the payment is the customer's credit again.

    Raises BusinessRuleViolation (`not_applied`, `date_before_source`).
    """
    customer = lock_customer(payment.customer_id)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    booking = _booking(payment, customer, acting=acting)
    unapply(payment, invoice_named(invoice_id), date, booking, acting=acting)
    booking.post()
    take_back_discounts(payment=payment, date=date, acting=acting)
    body = payment_body(payment)
    record(PAYMENT_UNAPPLIED, payment.id, body, acting=acting)
    return body


def require_received(payment: Payment, verb: str) -> None:
    """Raises BusinessRuleViolation (`payment_failed`, `payment_void`)."""
    if payment.status == PaymentStatus.FAILED:
        raise BusinessRuleViolation.of(rules.PAYMENT_FAILED, verb=verb)
    if payment.status == PaymentStatus.VOID:
        raise BusinessRuleViolation.of(rules.PAYMENT_VOID, verb=verb)


def _payable(invoice: Invoice, customer: Customer, currency: str) -> Invoice:
    return locked_open_invoice(invoice, customer.id, currency, also=(InvoiceStatus.WRITTEN_OFF,))


def _apply(
    payment: Payment,
    invoice: Invoice,
    customer: Customer,
    amount: Decimal | None,
    date: datetime.date | None,
    booking: Booking,
    *,
    acting: Principal,
) -> PaymentApplicationBody:
    lost = recoverable(invoice)
    amount = amount_to_apply(amount, payment.amount_left, invoice.amount_due + lost, invoice)
    recovered = max(amount - invoice.amount_due, Decimal(0))
    not_before = first_recovery(invoice, recovered)
    day = application_date(date, payment, invoice, amount, recovered=recovered, not_before=not_before)
    if recovered:
        recover(
            payment=payment,
            invoice=invoice,
            customer=customer,
            amount=recovered,
            date=day,
            booking=booking,
            acting=acting,
        )
    booked = book_application(booking, payment, invoice, amount, day)
    body = apply_to_invoice(source=payment, invoice=invoice, booked=booked, acting=acting)
    give_discount(payment=payment, invoice=invoice, customer=customer, date=day, acting=acting)
    return body


def _booking(
    payment: Payment,
    customer: Customer,
    *,
    acting: Principal,
    entry_id: uuid.UUID | None = None,
    reference: str | None = None,
) -> Booking:
    return Booking(
        payment.currency,
        source=payment.public_id,
        description=f"Payment of {customer.name}" + (f", {payment.reference}" if payment.reference else ""),
        entry_id=entry_id,
        reference=reference,
        rate=payment.exchange_rate,
        acting=acting,
    )


def _check_card(method: str, card: Card | None) -> None:
    """Requires a card for the method `card` only, and a card number only if the gateway accepts numbers."""
    if (method == PaymentMethod.CARD) != (card is not None):
        message = "Must be given for method card, and for no other."
        raise ValidationFailed.at("card", message, "incompatible" if card else "required")
    if card is None:
        return
    takes_numbers = current_gateway().takes_numbers
    if card.number and not takes_numbers:
        raise BusinessRuleViolation.of(rules.CARD_NUMBER_REFUSED, "card.number")
    if takes_numbers and not card.number:
        raise ValidationFailed.at("card.number", "This field is required.", "required")
    if not takes_numbers and not card.token:
        raise ValidationFailed.at("card.token", "This field is required.", "required")


def _authorize(payment: Payment, card: Card) -> None:
    """Authorizes the payment at the gateway, after everything else was checked."""
    gateway = current_gateway()
    if current_dry_run() and card.token:
        payment.gateway = gateway.name  # a rehearsal promises no money
        return
    outcome = gateway.authorize(
        amount=payment.amount,
        currency=payment.currency,
        card=card,
        key=payment.id,
        today=current_tenant().today(),
    )
    payment.gateway = gateway.name
    payment.card_brand, payment.card_last4 = outcome.brand, outcome.last4
    if isinstance(outcome, Decline):
        payment.status = PaymentStatus.FAILED
        payment.failure_code, payment.failure_message = outcome.code, outcome.message
        return
    payment.gateway_reference = outcome.reference
    payment.captured_at = payment.created_at if outcome.is_captured else None
