"""Payments, applications and refunds as they go out."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

from bigledger import money
from bigledger.access.models import User
from bigledger.mail.bodies import MailDeliveryBody
from bigledger.mail.selectors import deliveries
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from invoicing.bodies import CardBody, PaymentApplicationBody, PaymentBody, RefundBody
from invoicing.models import CreditNote, Invoice, Payment, PaymentApplication, Refund
from invoicing.selectors.catalogue import plain
from ledger.models import Account, JournalEntry

# As in `invoicing/mails.py`, which stands above.
RECEIPT_MAIL_NAME = "payment_receipt"


def payment_bodies(payments: Sequence[Payment]) -> list[PaymentBody]:
    """Four queries for any number of payments (the rows, their applications, refunds and receipts)."""
    applications, refunds = uses_of_sources("payment_id", {payment.id: payment.currency for payment in payments})
    mailed = deliveries(RECEIPT_MAIL_NAME, [payment.id for payment in payments]) if payments else {}
    return [
        _payment_body(payment, applications[payment.id], refunds[payment.id], mailed.get(payment.id))
        for payment in payments
    ]


def uses_of_sources(
    column: str, currencies: Mapping[uuid.UUID, str]
) -> tuple[dict[uuid.UUID, list[PaymentApplicationBody]], dict[uuid.UUID, list[RefundBody]]]:
    """The applications and refunds of payments or credit notes, by their ids, in two queries."""
    applications: dict[uuid.UUID, list[PaymentApplicationBody]] = defaultdict(list)
    for row in PaymentApplication.objects.filter(**{f"{column}__in": currencies}).order_by("id"):
        source: uuid.UUID = getattr(row, column)
        applications[source].append(application_body(row, currencies[source]))
    refunds: dict[uuid.UUID, list[RefundBody]] = defaultdict(list)
    for refund in Refund.objects.filter(**{f"{column}__in": currencies}).order_by("id"):
        source = getattr(refund, column)
        refunds[source].append(refund_body(refund, currencies[source]))
    return applications, refunds


def payment_body(payment: Payment) -> PaymentBody:
    return payment_bodies([payment])[0]


def application_body(row: PaymentApplication, currency: str) -> PaymentApplicationBody:
    return PaymentApplicationBody(
        id=row.public_id,
        payment_id=Payment.public_id_of(row.payment_id),
        credit_note_id=CreditNote.public_id_of(row.credit_note_id),
        invoice_id=Invoice.public_id_of(row.invoice_id),
        amount=money.to_currency(row.amount, currency),
        realised_gain=money.to_currency(row.realised_gain, current_tenant().base_currency),
        applied_date=row.applied_on,
        released_date=row.released_on,
        created_at=row.created_at,
    )


def refund_body(refund: Refund, currency: str) -> RefundBody:
    return RefundBody(
        id=refund.public_id,
        payment_id=Payment.public_id_of(refund.payment_id),
        credit_note_id=CreditNote.public_id_of(refund.credit_note_id),
        amount=money.to_currency(refund.amount, currency),
        reason=refund.reason,
        date=refund.refund_date,
        journal_entry_id=JournalEntry.public_id_of(refund.journal_entry_id),
        created_at=refund.created_at,
    )


def _payment_body(
    payment: Payment,
    applications: list[PaymentApplicationBody],
    refunds: list[RefundBody],
    delivery: MailDeliveryBody | None,
) -> PaymentBody:
    amounts = {
        "amount": payment.amount,
        "amount_applied": payment.amount_applied,
        "amount_unapplied": payment.amount_left,
        "amount_refunded": payment.amount_refunded,
    }
    return PaymentBody(
        id=payment.public_id,
        number=payment.number,
        customer_id=Customer.public_id_of(payment.customer_id),
        currency=payment.currency,
        exchange_rate=None if payment.exchange_rate is None else plain(payment.exchange_rate),
        base_amount=money.to_currency(payment.base_amount, current_tenant().base_currency),
        method=payment.method,
        status=payment.status,
        date=payment.payment_date,
        reference=payment.reference,
        card=CardBody(payment.card_brand, payment.card_last4) if payment.card_last4 else None,
        failure_code=payment.failure_code or None,
        failure_message=payment.failure_message or None,
        deposit_account_id=Account.public_id_of(payment.deposit_account_id),
        voided_date=payment.voided_on,
        void_reason=payment.void_reason or None,
        journal_entry_id=JournalEntry.public_id_of(payment.journal_entry_id),
        created_by=User.public_id_of(payment.created_by_id),
        metadata=payment.metadata,
        created_at=payment.created_at,
        updated_at=payment.updated_at,
        delivery=delivery,
        applications=applications,
        refunds=refunds,
        **{name: money.to_currency(amount, payment.currency) for name, amount in amounts.items()},
    )
