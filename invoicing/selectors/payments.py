"""Payments, applications and refunds as they go out."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence

from bigledger import money
from bigledger.access.models import User
from customers.models import Customer
from invoicing.bodies import CardBody, PaymentApplicationBody, PaymentBody, RefundBody
from invoicing.models import CreditNote, Invoice, Payment, PaymentApplication, PaymentStatus, Refund
from ledger.models import JournalEntry


def payment_bodies(payments: Sequence[Payment]) -> list[PaymentBody]:
    """Three queries for any number of payments (the rows, their applications, their refunds)."""
    found = {payment.id: payment.currency for payment in payments}
    applications: dict[uuid.UUID, list[PaymentApplicationBody]] = defaultdict(list)
    for row in PaymentApplication.objects.filter(payment_id__in=found).order_by("id"):
        if row.payment_id:
            applications[row.payment_id].append(application_body(row, found[row.payment_id]))
    refunds: dict[uuid.UUID, list[RefundBody]] = defaultdict(list)
    for refund in Refund.objects.filter(payment_id__in=found).order_by("id"):
        refunds[refund.payment_id].append(refund_body(refund, found[refund.payment_id]))
    return [_payment_body(payment, applications[payment.id], refunds[payment.id]) for payment in payments]


def payment_body(payment: Payment) -> PaymentBody:
    return payment_bodies([payment])[0]


def application_body(row: PaymentApplication, currency: str) -> PaymentApplicationBody:
    return PaymentApplicationBody(
        id=row.public_id,
        payment_id=Payment.public_id_of(row.payment_id),
        credit_note_id=CreditNote.public_id_of(row.credit_note_id),
        invoice_id=Invoice.public_id_of(row.invoice_id),
        amount=money.to_currency(row.amount, currency),
        applied_date=row.applied_on,
        released_date=row.released_on,
        created_at=row.created_at,
    )


def refund_body(refund: Refund, currency: str) -> RefundBody:
    return RefundBody(
        id=refund.public_id,
        payment_id=Payment.public_id_of(refund.payment_id),
        amount=money.to_currency(refund.amount, currency),
        reason=refund.reason,
        date=refund.refund_date,
        journal_entry_id=JournalEntry.public_id_of(refund.journal_entry_id),
        created_at=refund.created_at,
    )


def _payment_body(
    payment: Payment, applications: list[PaymentApplicationBody], refunds: list[RefundBody]
) -> PaymentBody:
    unapplied = payment.amount - payment.amount_applied - payment.amount_refunded
    if payment.status == PaymentStatus.FAILED:
        unapplied = unapplied * 0
    amounts = {
        "amount": payment.amount,
        "amount_applied": payment.amount_applied,
        "amount_unapplied": unapplied,
        "amount_refunded": payment.amount_refunded,
    }
    return PaymentBody(
        id=payment.public_id,
        customer_id=Customer.public_id_of(payment.customer_id),
        currency=payment.currency,
        method=payment.method,
        status=payment.status,
        date=payment.payment_date,
        reference=payment.reference,
        card=CardBody(payment.card_brand, payment.card_last4) if payment.card_last4 else None,
        failure_code=payment.failure_code or None,
        failure_message=payment.failure_message or None,
        journal_entry_id=JournalEntry.public_id_of(payment.journal_entry_id),
        created_by=User.public_id_of(payment.created_by_id),
        created_at=payment.created_at,
        updated_at=payment.updated_at,
        applications=applications,
        refunds=refunds,
        **{name: money.to_currency(amount, payment.currency) for name, amount in amounts.items()},
    )
