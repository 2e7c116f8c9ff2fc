"""Payments: received, applied to invoices."""

from __future__ import annotations

import datetime
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
from invoicing.events import PAYMENT_FAILED, PAYMENT_RECEIVED
from invoicing.gateway import Card, Decline, current_gateway
from invoicing.models import Payment, PaymentMethod, PaymentStatus
from invoicing.selectors.payments import payment_body
from invoicing.services.applying import amount_to_apply, apply_to_invoice, check_amount, locked_open_invoice
from invoicing.services.document_lines import receivable_line
from invoicing.services.invoices import document_currency
from invoicing.services.lookup import customer_named, invoice_named
from ledger.models import AccountPurpose
from ledger.services.accounts import ensure_purpose_account
from ledger.services.posting import NewEntry, NewLine, post_journal_entry


@transaction.atomic
def create_payment(
    *,
    customer_id: str,
    amount: Decimal,
    method: str,
    currency: str | None = None,
    invoice_id: str | None = None,
    card: Card | None = None,
    date: datetime.date | None = None,
    reference: str = "",
    acting: Principal,
) -> PaymentBody:
    """Money from a customer: posts cash and receivable; with `invoice_id` it is applied as far as it is due.

    A declined card is a payment with status `failed` and without a posting. Raises ValidationFailed,
    ResourceNotFound and BusinessRuleViolation (`invoice_not_issued`, `invoice_closed`, `other_customer`,
    `cards_not_taken`).
    """
    customer = lock_customer(customer_named(customer_id).id)
    currency = document_currency(customer, currency)
    check_amount(amount, currency)
    _check_card(method, card)
    invoice = locked_open_invoice(invoice_named(invoice_id), customer.id) if invoice_id else None
    now = current_tenant().now()
    payment = Payment(
        id=ids.new_id(),
        customer=customer,
        amount=money.to_currency(amount, currency),
        currency=currency,
        method=method,
        status=PaymentStatus.RECEIVED,
        payment_date=date or current_tenant().today(),
        reference=reference,
        created_by_id=acting.user_id,
        created_at=now,
        updated_at=now,
    )
    if card:
        _authorize(payment, card)
    if payment.status == PaymentStatus.FAILED:
        payment.save(force_insert=True)
        body = payment_body(payment)
        record(PAYMENT_FAILED, payment.id, body, acting=acting)
        return body
    _post(payment, customer, acting=acting)
    payment.save(force_insert=True)
    change_balance(customer=customer, increase=-payment.amount, acting=acting)
    record(PAYMENT_RECEIVED, payment.id, payment_body(payment), acting=acting)
    if invoice:
        amount = amount_to_apply(None, payment.amount, invoice)
        apply_to_invoice(source=payment, invoice=invoice, amount=amount, acting=acting)
    return payment_body(payment)


@transaction.atomic
def apply_payment(
    *, payment: Payment, invoice_id: str, amount: Decimal | None = None, acting: Principal
) -> PaymentApplicationBody:
    """Sets a part of a payment against an invoice of the same customer: `amount`, or all there is and is due.

    Raises BusinessRuleViolation (`over_application`, `payment_failed` and what `locked_open_invoice` does).
    """
    lock_customer(payment.customer_id)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    if payment.status == PaymentStatus.FAILED:
        raise BusinessRuleViolation.of(rules.PAYMENT_FAILED, verb="apply")
    invoice = locked_open_invoice(invoice_named(invoice_id), payment.customer_id)
    available = payment.amount - payment.amount_applied - payment.amount_refunded
    amount = amount_to_apply(amount, available, invoice)
    return apply_to_invoice(source=payment, invoice=invoice, amount=amount, acting=acting)


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


def _post(payment: Payment, customer: Customer, *, acting: Principal) -> None:
    cash = ensure_purpose_account(AccountPurpose.CASH_RECEIPTS, payment.currency, acting=acting).public_id
    description = f"Payment of {customer.name}" + (f", {payment.reference}" if payment.reference else "")
    post_journal_entry(
        entry=NewEntry(
            id=payment.id,
            date=payment.payment_date,
            description=description,
            source=payment.public_id,
            lines=[
                NewLine(cash, debit=payment.amount, description=description),
                receivable_line(
                    payment.amount, payment.currency, is_debit=False, description=description, acting=acting
                ),
            ],
        ),
        acting=acting,
    )
    payment.journal_entry_id = payment.id
