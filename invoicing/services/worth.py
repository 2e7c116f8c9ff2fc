"""What documents in a foreign currency are worth in base, and how much of it a part of one releases.

A document is worth its total at its own rate. A part takes its amount at that rate, and the part that uses up what is
left takes all that is left in base; so nothing stays of a document that is settled.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from django.db.models import F, Sum

from bigledger import money
from bigledger.errors import ValidationFailed
from bigledger.tenants.context import current_tenant
from invoicing.models import CreditNote, Invoice, Payment, PaymentApplication, Refund, WriteOff, WriteOffUndo
from invoicing.totals import ZERO
from ledger.services.exchange_rates import rate_on
from ledger.services.posting.conversion import in_base


def document_rate(given: Decimal | None, currency: str, day: datetime.date) -> Decimal:
    """Base units for one unit of the currency: `given`, or the rate that is kept for the day. Raises ValidationFailed
    for another rate than 1 of the base currency, BusinessRuleViolation (`rate_missing`)."""
    base = current_tenant().base_currency
    if given is None or currency == base:
        if given not in (None, 1):
            message = f"{currency} is the base currency; its rate is 1."
            raise ValidationFailed.at("exchange_rate", message, "incompatible")
        return rate_on(currency, day)
    return given


def worth(amount: Decimal, rate: Decimal) -> Decimal:
    """In base, to the digits of the base currency. Raises ValidationFailed over 15 digits."""
    found = in_base(amount, rate, current_tenant().base_currency)
    if found >= money.MAX_AMOUNT:
        message = f"In base it has more than {money.MAX_INTEGER_DIGITS} digits."
        raise ValidationFailed.at("exchange_rate", message, "too_large")
    return found


def part_of_invoice(invoice: Invoice, amount: Decimal) -> Decimal:
    """What `amount` of the amount due on a locked invoice is worth on the receivable."""
    if invoice.currency == current_tenant().base_currency:
        return amount
    left = invoice.base_total - _sum(PaymentApplication.objects.filter(invoice=invoice, released_on=None))
    left -= _sum(WriteOff.objects.filter(invoice=invoice))
    left += _sum(WriteOffUndo.objects.filter(write_off__invoice=invoice))
    return _part(amount, invoice.amount_due, left, invoice.exchange_rate)


def part_of_source(source: Payment | CreditNote, amount: Decimal) -> Decimal:
    """What `amount` of what is left of a locked payment or credit note is worth where that stands."""
    if source.currency == current_tenant().base_currency:
        return amount
    is_payment = isinstance(source, Payment)
    rows = {"payment" if is_payment else "credit_note": source}
    whole = source.base_amount if isinstance(source, Payment) else source.base_total
    applied = PaymentApplication.objects.filter(released_on=None, **rows)
    left = whole - _sum(applied, "source_base_amount") - _sum(Refund.objects.filter(**rows))
    return _part(amount, source.amount_left, left, source.exchange_rate)


def part_of_write_off(row: WriteOff, amount: Decimal) -> Decimal:
    """What `amount` of what is left of a write-off was booked with."""
    if row.currency == current_tenant().base_currency:
        return amount
    left = row.base_amount - _sum(WriteOffUndo.objects.filter(write_off=row))
    return _part(amount, row.amount - row.amount_undone, left, row.invoice.exchange_rate)


def share(amount: Decimal, whole: Decimal, base: Decimal) -> Decimal:
    """The part of `base` that `amount` is of `whole`."""
    return base if amount == whole else in_base(amount, base / whole, current_tenant().base_currency)


def _part(amount: Decimal, whole: Decimal, left: Decimal, rate: Decimal | None) -> Decimal:
    if amount == whole or rate is None:
        return left if amount == whole else ZERO
    return min(worth(amount, rate), left)


def _sum(rows: object, column: str = "base_amount") -> Decimal:
    found: Decimal | None = rows.aggregate(sum=Sum(F(column)))["sum"]  # type: ignore[attr-defined]
    return found or ZERO
