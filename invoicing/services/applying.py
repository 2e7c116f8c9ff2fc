"""Applying payments and credit notes to invoices, and releasing them again."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

from bigledger import ids, money
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from invoicing.bodies import InvoiceBody, PaymentApplicationBody
from invoicing.events import CREDIT_NOTE_APPLIED, INVOICE_PAID, INVOICE_UPDATED, PAYMENT_APPLIED
from invoicing.models import CreditNote, Invoice, InvoiceStatus, Payment, PaymentApplication
from invoicing.models.invoices import OPEN_STATUSES
from invoicing.rules import INVOICE_NOT_ISSUED, NOTHING_DUE, OTHER_CUSTOMER, OVER_APPLICATION, OVER_DUE
from invoicing.selectors.documents import invoice_body
from invoicing.selectors.payments import application_body
from invoicing.services.overdue import record_overdue, standing_of


def locked_open_invoice(invoice: Invoice, customer_id: uuid.UUID) -> Invoice:
    """The invoice, locked, if it can be paid. Raises BusinessRuleViolation (`other_customer`,
    `invoice_not_issued`, `invoice_closed`)."""
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if invoice.customer_id != customer_id:
        raise BusinessRuleViolation.of(OTHER_CUSTOMER, "invoice_id", number=invoice.words)
    if invoice.status == InvoiceStatus.DRAFT:
        raise BusinessRuleViolation.of(INVOICE_NOT_ISSUED, "invoice_id", number=invoice.words, status=invoice.status)
    if invoice.status not in OPEN_STATUSES:
        raise BusinessRuleViolation.of(NOTHING_DUE, "invoice_id", number=invoice.words, status=invoice.status)
    return invoice


def amount_to_apply(amount: Decimal | None, available: Decimal, invoice: Invoice) -> Decimal:
    """`amount`, or the lesser of what is available and what is due. Raises ValidationFailed and BusinessRuleViolation
    (`over_application`)."""
    currency = invoice.currency
    if amount is not None:
        check_amount(amount, currency)
    wanted = min(available, invoice.amount_due) if amount is None else amount
    if available <= 0 or wanted > available:
        left = money.to_currency(available, currency)
        raise BusinessRuleViolation.of(OVER_APPLICATION, "amount", left=left, currency=currency)
    if wanted > invoice.amount_due:
        due = money.to_currency(invoice.amount_due, currency)
        raise BusinessRuleViolation.of(OVER_DUE, "amount", due=due, currency=currency, number=invoice.words)
    return wanted


def check_amount(amount: Decimal, currency: str) -> None:
    if amount <= 0:
        raise ValidationFailed.at("amount", "Must be more than zero.", "out_of_range")
    if money.has_excess_digits(amount, currency):
        raise ValidationFailed.at("amount", money.excess_digits_message(currency), "too_many_digits")


def apply_to_invoice(
    *, source: Payment | CreditNote, invoice: Invoice, amount: Decimal, acting: Principal
) -> PaymentApplicationBody:
    """Applies `amount` of a locked source to a locked invoice. Nothing is posted: receivables stay the same."""
    now = current_tenant().now()
    is_payment = isinstance(source, Payment)
    row = PaymentApplication(
        payment=source if isinstance(source, Payment) else None,
        credit_note=source if isinstance(source, CreditNote) else None,
        invoice=invoice,
        amount=amount,
        applied_on=current_tenant().today(),
        created_at=now,
    )
    row.save(force_insert=True)
    source.amount_applied += amount
    source.updated_at = now
    source.save(update_fields=["amount_applied", "updated_at"])
    before = invoice_body(invoice)
    if is_payment:
        invoice.amount_paid += amount
    else:
        invoice.amount_credited += amount
    body = application_body(row, invoice.currency)
    record(PAYMENT_APPLIED if is_payment else CREDIT_NOTE_APPLIED, row.id, body, acting=acting)
    update_amount_due(invoice, before, acting=acting)
    return body


def release(*, payment: Payment, amount: Decimal, on: datetime.date, acting: Principal) -> None:
    """Releases `amount` of a locked payment from its invoices, the latest application first.

    An application that is released in part is replaced by one for the rest.
    """
    now = current_tenant().now()
    rows = payment.applications.filter(released_on=None).order_by("-id")
    for row in rows:
        if not amount:
            break
        invoice = Invoice.objects.select_for_update().get(pk=row.invoice_id)
        before = invoice_body(invoice)
        taken = min(amount, row.amount)
        row.released_on = on
        row.save(update_fields=["released_on"])
        if row.amount > taken:
            PaymentApplication.objects.create(
                id=ids.new_id(),
                payment=payment,
                invoice=invoice,
                amount=row.amount - taken,
                applied_on=on,
                created_at=now,
            )
        amount -= taken
        payment.amount_applied -= taken
        invoice.amount_paid -= taken
        update_amount_due(invoice, before, acting=acting)


def update_amount_due(invoice: Invoice, before: InvoiceBody, *, acting: Principal) -> None:
    """Recomputes the amount due and the status of a locked invoice from its amounts, and records the event."""
    now = current_tenant().now()
    invoice.amount_due = invoice.total - invoice.amount_paid - invoice.amount_credited - invoice.amount_written_off
    if invoice.amount_due == 0:
        invoice.status = InvoiceStatus.PAID
        invoice.paid_at = now
    else:
        invoice.status = standing_of(invoice)
        invoice.paid_at = None
    body = shown_change(invoice, before, invoice_body)
    if body is None:
        return
    invoice.save()
    event = INVOICE_PAID if invoice.amount_due == 0 else INVOICE_UPDATED
    record(event, invoice.id, body, acting=acting, previous=before)
    record_overdue([invoice], [body], acting=acting)
