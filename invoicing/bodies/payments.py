"""Payments, applications and refunds, as the API shows them."""

from __future__ import annotations

import datetime
from decimal import Decimal

from msgspec import Struct

from bigledger.api.bodies import Body
from bigledger.mail.bodies import MailDeliveryBody


class PaymentApplicationBody(Body):
    """From a payment or a credit note to an invoice. It counts from `applied_date`, and from `released_date` on
    no longer. `realised_gain` is what it gained in base because the rates of both differ; negative, what it lost."""

    id: str
    payment_id: str | None
    credit_note_id: str | None
    invoice_id: str
    amount: Decimal
    realised_gain: Decimal
    applied_date: datetime.date
    released_date: datetime.date | None
    created_at: datetime.datetime


class RefundBody(Struct):
    id: str
    payment_id: str | None
    credit_note_id: str | None
    amount: Decimal
    reason: str
    date: datetime.date
    journal_entry_id: str
    created_at: datetime.datetime


class CardBody(Struct):
    brand: str
    last4: str


class PaymentBody(Body):
    """`amount_unapplied` is the customer's credit. `number` is null for a declined card. `delivery` is the latest
    mail of its receipt, null if there was none."""

    volatile = ("delivery",)

    id: str
    number: str | None
    customer_id: str
    amount: Decimal
    currency: str
    exchange_rate: Decimal | None
    base_amount: Decimal
    method: str
    status: str
    date: datetime.date
    reference: str
    card: CardBody | None
    failure_code: str | None
    failure_message: str | None
    amount_applied: Decimal
    amount_unapplied: Decimal
    amount_refunded: Decimal
    deposit_account_id: str | None
    voided_date: datetime.date | None
    void_reason: str | None
    journal_entry_id: str | None
    created_by: str
    metadata: dict[str, str]
    created_at: datetime.datetime
    updated_at: datetime.datetime
    delivery: MailDeliveryBody | None
    applications: list[PaymentApplicationBody]
    refunds: list[RefundBody]
