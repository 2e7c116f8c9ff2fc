"""Output: the bodies of sales documents, the same on REST, in GraphQL and in events."""

from __future__ import annotations

import datetime
from decimal import Decimal

from msgspec import Struct

from bigledger.api.bodies import Body
from bigledger.mail.bodies import MailDeliveryBody


class TaxComponentBody(Struct):
    name: str
    rate: Decimal
    is_compound: bool


class TaxRateBody(Body):
    """`rate` is the combined rate of all components."""

    id: str
    code: str
    name: str
    rate: Decimal
    components: list[TaxComponentBody]
    is_active: bool
    created_at: datetime.datetime
    updated_at: datetime.datetime


class ProductBody(Body):
    id: str
    sku: str
    name: str
    description: str
    unit_price: Decimal
    currency: str
    tax_rate_id: str | None
    revenue_account_id: str | None
    is_active: bool
    created_at: datetime.datetime
    updated_at: datetime.datetime


class DocumentLineBody(Struct):
    """`subtotal` is quantity times price; `total` is that less the discount plus the tax."""

    id: str
    product_id: str | None
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percentage: Decimal
    tax_rate: Decimal
    tax_rate_id: str | None
    revenue_account_id: str | None
    subtotal: Decimal
    discount_amount: Decimal
    tax_amount: Decimal
    total: Decimal


class DocumentTaxBody(Struct):
    name: str
    rate: Decimal
    taxable_amount: Decimal
    amount: Decimal


class InvoiceBody(Body):
    """`delivery` is the latest mail of the invoice; null if it was never mailed."""

    volatile = ("delivery",)

    id: str
    number: str
    customer_id: str
    status: str
    payment_status: str
    invoice_date: datetime.date
    due_date: datetime.date
    payment_terms: str
    currency: str
    notes: str
    subtotal: Decimal
    discount_total: Decimal
    tax_total: Decimal
    total: Decimal
    amount_paid: Decimal
    amount_credited: Decimal
    amount_written_off: Decimal
    amount_due: Decimal
    sent_at: datetime.datetime | None
    delivery: MailDeliveryBody | None
    viewed_at: datetime.datetime | None
    paid_at: datetime.datetime | None
    voided_at: datetime.datetime | None
    void_reason: str | None
    journal_entry_id: str | None
    recurring_invoice_id: str | None
    hosted_url: str | None
    created_by: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    lines: list[DocumentLineBody]
    taxes: list[DocumentTaxBody]


class CreditNoteBody(Body):
    """`amount_remaining` is the customer's credit until it is applied. `status` is open or applied."""

    id: str
    number: str
    customer_id: str
    invoice_id: str | None
    status: str
    credit_date: datetime.date
    reason: str
    currency: str
    subtotal: Decimal
    discount_total: Decimal
    tax_total: Decimal
    total: Decimal
    amount_applied: Decimal
    amount_remaining: Decimal
    journal_entry_id: str
    created_by: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    lines: list[DocumentLineBody]
    taxes: list[DocumentTaxBody]


class PaymentApplicationBody(Body):
    """From a payment or a credit note to an invoice. `released_date` is set if a refund released it."""

    id: str
    payment_id: str | None
    credit_note_id: str | None
    invoice_id: str
    amount: Decimal
    applied_date: datetime.date
    released_date: datetime.date | None
    created_at: datetime.datetime


class RefundBody(Struct):
    id: str
    payment_id: str
    amount: Decimal
    reason: str
    date: datetime.date
    journal_entry_id: str
    created_at: datetime.datetime


class CardBody(Struct):
    brand: str
    last4: str


class PaymentBody(Body):
    """`amount_unapplied` is the customer's credit."""

    id: str
    customer_id: str
    amount: Decimal
    currency: str
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
    journal_entry_id: str | None
    created_by: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    applications: list[PaymentApplicationBody]
    refunds: list[RefundBody]


class RecurringLineBody(Struct):
    product_id: str | None
    description: str
    quantity: Decimal
    unit_price: Decimal | None
    discount_percentage: Decimal
    tax_rate: Decimal | None
    tax_rate_id: str | None
    revenue_account_id: str | None


class RecurringInvoiceBody(Body):
    id: str
    customer_id: str
    status: str
    frequency: str
    start_date: datetime.date
    end_date: datetime.date | None
    next_date: datetime.date | None
    occurrences: int
    send_automatically: bool
    currency: str
    payment_terms: str
    notes: str
    pause_reason: str | None
    created_by: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    lines: list[RecurringLineBody]


class TaxCalculationLineBody(Struct):
    subtotal: Decimal
    discount_amount: Decimal
    tax_amount: Decimal
    total: Decimal


class TaxCalculationBody(Body):
    currency: str
    lines: list[TaxCalculationLineBody]
    taxes: list[DocumentTaxBody]
    subtotal: Decimal
    discount_total: Decimal
    tax_total: Decimal
    total: Decimal


class SalesSettingsBody(Body):
    id: str
    tax_rounding: str
    refuse_over_credit_limit: bool
    small_difference_limit: Decimal
