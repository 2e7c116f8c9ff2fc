"""Invoices, credit notes and recurring invoices, as the API shows them."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Struct

from bigledger.api.bodies import Body
from bigledger.closed_lists import one_of
from bigledger.mail.bodies import MailDeliveryBody
from invoicing.bodies.payments import PaymentApplicationBody, RefundBody
from invoicing.models import TaxKind, WriteOffKind

KindOfTax = Annotated[str, one_of("TaxKind", TaxKind.values)]
KindOfWriteOff = Annotated[str, one_of("WriteOffKind", WriteOffKind.values)]


class DocumentLineBody(Struct):
    """`subtotal` is quantity times price; `total` is that less `discount_amount` and `document_discount`, the line's
    share of the discount on the whole, plus the tax, unless prices include it. A charge has no such share."""

    id: str
    product_id: str | None
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percentage: Decimal
    is_charge: bool
    tax_rate: Decimal
    tax_rate_id: str | None
    tax_kind: KindOfTax
    revenue_account_id: str | None
    subtotal: Decimal
    discount_amount: Decimal
    document_discount: Decimal
    tax_amount: Decimal
    total: Decimal


class CreditNoteLineBody(DocumentLineBody, kw_only=True):
    """`invoice_line_id` is the line of the invoice that it takes back, null for a line of its own."""

    invoice_line_id: str | None


class DocumentTaxBody(Struct):
    """`reason` is the wording that the document carries, `authority` who the tax is owed to."""

    name: str
    rate: Decimal
    kind: KindOfTax
    reason: str
    authority: str
    taxable_amount: Decimal
    amount: Decimal


class WriteOffBody(Struct):
    """What was given up of an invoice. `amount_undone` of it was taken back or recovered, and is due again.
    `tax_amount` of `amount` was tax, which is not owed any more; the rest went to bad debts, or to the allowance."""

    id: str
    kind: KindOfWriteOff
    amount: Decimal
    amount_undone: Decimal
    tax_amount: Decimal
    is_against_allowance: bool
    date: datetime.date
    reason: str
    journal_entry_id: str | None
    created_at: datetime.datetime


class EarlyPaymentBody(Struct):
    """Who pays by `date` may deduct `discount_amount`, `percentage` of the total; `amount` is what is left to pay."""

    percentage: Decimal
    date: datetime.date
    discount_amount: Decimal
    amount: Decimal


class InvoiceBody(Body):
    """`number` is null until the invoice is issued, unless the tenant numbers drafts. `discount_percentage` and
    `discount_amount` are on the whole invoice; `discount_total` is with those of its lines. Where `price_includes_tax`,
    the subtotal and discounts include the tax, and `total` is one less the other.
    `base_total` is the total in base at `exchange_rate`, base units for one unit, from the issue on.
    `delivery` is the latest mail of the invoice, null if it was never mailed, and `sent_to` are its recipients."""

    volatile = ("sent_to", "delivery")

    id: str
    number: str | None
    customer_id: str
    status: str
    payment_status: str
    invoice_date: datetime.date
    due_date: datetime.date
    payment_terms: str
    early_payment: EarlyPaymentBody | None
    currency: str
    notes: str
    price_includes_tax: bool
    discount_percentage: Decimal
    discount_amount: Decimal
    subtotal: Decimal
    discount_total: Decimal
    tax_total: Decimal
    total: Decimal
    exchange_rate: Decimal | None
    base_total: Decimal | None
    amount_paid: Decimal
    amount_credited: Decimal
    amount_written_off: Decimal
    amount_due: Decimal
    taken_over_on: datetime.date | None
    sent_at: datetime.datetime | None
    sent_to: list[str]
    delivery: MailDeliveryBody | None
    viewed_at: datetime.datetime | None
    paid_at: datetime.datetime | None
    voided_at: datetime.datetime | None
    voided_date: datetime.date | None
    void_reason: str | None
    journal_entry_id: str | None
    recurring_invoice_id: str | None
    hosted_url: str | None
    created_by: str
    metadata: dict[str, str]
    created_at: datetime.datetime
    updated_at: datetime.datetime
    lines: list[DocumentLineBody]
    taxes: list[DocumentTaxBody]
    write_offs: list[WriteOffBody]


class OpeningBalancesBody(Body):
    """`created` counts by resource; the entry is that of the trial balance."""

    date: datetime.date
    journal_entry_id: str
    created: dict[str, int]


class CreditNoteBody(Body):
    """`amount_remaining` is the customer's credit until it is applied or refunded. `status` is open, applied (when
    nothing remains), refunded (when it was paid out in full) or void. `delivery` and `sent_to` are as in an invoice.
    `early_payment_id` is the payment that a discount for early payment was given to."""

    volatile = ("sent_to", "delivery")

    id: str
    number: str
    customer_id: str
    invoice_id: str | None
    early_payment_id: str | None
    status: str
    credit_date: datetime.date
    reason: str
    currency: str
    price_includes_tax: bool
    discount_percentage: Decimal
    discount_amount: Decimal
    subtotal: Decimal
    discount_total: Decimal
    tax_total: Decimal
    total: Decimal
    exchange_rate: Decimal | None
    base_total: Decimal | None
    amount_applied: Decimal
    amount_refunded: Decimal
    amount_remaining: Decimal
    voided_date: datetime.date | None
    void_reason: str | None
    sent_to: list[str]
    delivery: MailDeliveryBody | None
    journal_entry_id: str
    created_by: str
    metadata: dict[str, str]
    created_at: datetime.datetime
    updated_at: datetime.datetime
    lines: list[CreditNoteLineBody]
    taxes: list[DocumentTaxBody]
    applications: list[PaymentApplicationBody]
    refunds: list[RefundBody]


class RecurringLineBody(Struct):
    product_id: str | None
    description: str
    quantity: Decimal
    unit_price: Decimal | None
    discount_percentage: Decimal
    discount_amount: Decimal | None
    is_charge: bool
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
    on_closed_period: str
    currency: str
    payment_terms: str
    notes: str
    price_includes_tax: bool
    discount_percentage: Decimal
    discount_amount: Decimal | None
    pause_reason: str | None
    created_by: str
    metadata: dict[str, str]
    created_at: datetime.datetime
    updated_at: datetime.datetime
    lines: list[RecurringLineBody]
