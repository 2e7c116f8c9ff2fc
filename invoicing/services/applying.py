"""Applying payments and credit notes to invoices, and releasing them again."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import NamedTuple

from bigledger import ids, money
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from invoicing.apps import SCOPE
from invoicing.bodies import InvoiceBody, PaymentApplicationBody
from invoicing.events import CREDIT_NOTE_APPLIED, INVOICE_PAID, INVOICE_UPDATED, PAYMENT_APPLIED
from invoicing.models import CreditNote, Invoice, InvoiceStatus, Payment, PaymentApplication, WriteOff, WriteOffKind
from invoicing.models.invoices import OPEN_STATUSES
from invoicing.rules import INVOICE_NOT_ISSUED, NOT_APPLIED, NOTHING_DUE, OTHER_CUSTOMER, OVER_APPLICATION, OVER_DUE
from invoicing.selectors.documents import invoice_body
from invoicing.selectors.payments import application_body
from invoicing.services.booking import Booking
from invoicing.services.overdue import record_overdue, standing_of
from invoicing.services.timelines import Changes, due_changes, first_day, left_changes
from invoicing.services.worth import part_of_invoice, part_of_source, share
from ledger.services.dating import correction_date


def locked_open_invoice(
    invoice: Invoice, customer_id: uuid.UUID, currency: str, *, also: tuple[InvoiceStatus, ...] = ()
) -> Invoice:
    """The invoice, locked, if it can be paid in the currency; `also` are statuses that are taken beside the open ones.
    Raises ValidationFailed and BusinessRuleViolation (`other_customer`, `invoice_not_issued`, `invoice_closed`)."""
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if invoice.customer_id != customer_id:
        raise BusinessRuleViolation.of(OTHER_CUSTOMER, "invoice_id", number=invoice.words)
    if invoice.status == InvoiceStatus.DRAFT:
        raise BusinessRuleViolation.of(INVOICE_NOT_ISSUED, "invoice_id", number=invoice.words, status=invoice.status)
    if invoice.status not in (*OPEN_STATUSES, *also):
        raise BusinessRuleViolation.of(NOTHING_DUE, "invoice_id", number=invoice.words, status=invoice.status)
    if invoice.currency != currency:
        message = f"{invoice.words} is in {invoice.currency}, not in {currency}."
        raise ValidationFailed.at("invoice_id", message, "wrong_currency")
    return invoice


def amount_to_apply(amount: Decimal | None, available: Decimal, due: Decimal, invoice: Invoice) -> Decimal:
    """`amount`, or the lesser of what is available and what is due. Raises ValidationFailed and BusinessRuleViolation
    (`over_application`)."""
    currency = invoice.currency
    if amount is not None:
        check_amount(amount, currency)
    wanted = min(available, due) if amount is None else amount
    if available <= 0 or wanted > available:
        left = money.to_currency(available, currency)
        raise BusinessRuleViolation.of(OVER_APPLICATION, "amount", left=left, currency=currency)
    if wanted > due:
        shown = money.to_currency(due, currency)
        raise BusinessRuleViolation.of(OVER_DUE, "amount", due=shown, currency=currency, number=invoice.words)
    return wanted


def check_amount(amount: Decimal, currency: str) -> None:
    if amount <= 0:
        raise ValidationFailed.at("amount", "Must be more than zero.", "out_of_range")
    if money.has_excess_digits(amount, currency):
        raise ValidationFailed.at("amount", money.excess_digits_message(currency), "too_many_digits")


def application_date(
    given: datetime.date | None,
    source: Payment | CreditNote,
    invoice: Invoice,
    amount: Decimal,
    *,
    recovered: Decimal = Decimal(0),
    not_before: datetime.date | None = None,
) -> datetime.date:
    """The day from which `amount` of the source counts towards the invoice, by default the later of their dates.

    Where something else stood in between until later (another payment, since released), it is the day after which both
    are free. `recovered` of the amount becomes due with the application itself, which is `not_before` a day.
    """
    source_date = source.payment_date if isinstance(source, Payment) else source.credit_date
    start = max(source_date, invoice.booked_on, not_before or source_date)
    first = first_day(
        start,
        (left_changes(source), lambda day: [(day, -amount)]),
        (due_changes(invoice), lambda day: [(day, recovered - amount)]),
    )
    return correction_date(
        given, first=first, what=f"what is due on {invoice.number}", waits_for_today=False, scope=SCOPE
    )


class Booked(NamedTuple):
    """What is applied from which day, and what that takes in base off the receivable and off the source."""

    amount: Decimal
    day: datetime.date
    base: Decimal
    source_base: Decimal


def book_application(
    booking: Booking, source: Payment | CreditNote, invoice: Invoice, amount: Decimal, day: datetime.date
) -> Booked:
    """Credit that stood on Customer Deposits moves to the receivable, each of a locked source and invoice at its own
    rate; what differs in base is gained or lost."""
    booked = Booked(amount, day, part_of_invoice(invoice, amount), part_of_source(source, amount))
    booking.debit(day, booking.credit_of(source), amount, base=booked.source_base, rate=source.exchange_rate)
    booking.credit(day, booking.receivable, amount, base=booked.base, rate=invoice.exchange_rate)
    booking.gain(day, booked.source_base - booked.base)
    return booked


def apply_to_invoice(
    *, source: Payment | CreditNote, invoice: Invoice, booked: Booked, acting: Principal
) -> PaymentApplicationBody:
    """Applies what is booked of a locked source to a locked invoice."""
    amount = booked.amount
    now = current_tenant().now()
    is_payment = isinstance(source, Payment)
    row = PaymentApplication(
        payment=source if isinstance(source, Payment) else None,
        credit_note=source if isinstance(source, CreditNote) else None,
        invoice=invoice,
        amount=amount,
        base_amount=booked.base,
        source_base_amount=booked.source_base,
        applied_on=booked.day,
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


def applications_of(source: Payment | CreditNote, invoice: Invoice | None = None) -> list[PaymentApplication]:
    """What counts now, the latest first; of one invoice, or of all. Raises BusinessRuleViolation (`not_applied`) when
    nothing is applied to the invoice."""
    rows = source.applications.filter(released_on=None).order_by("-id")
    if invoice is None:
        return list(rows)
    found = list(rows.filter(invoice=invoice))
    if not found:
        raise BusinessRuleViolation.of(NOT_APPLIED, "invoice_id", number=invoice.words)
    return found


def to_release(rows: list[PaymentApplication], amount: Decimal) -> list[tuple[PaymentApplication, Decimal]]:
    """Which of the applications give `amount` free, and how much of each."""
    parts = []
    for row in rows:
        taken = min(amount, row.amount)
        if taken:
            parts.append((row, taken))
        amount -= taken
    return parts


def return_date(
    given: datetime.date | None,
    source: Payment | CreditNote,
    amount: Decimal,
    parts: list[tuple[PaymentApplication, Decimal]],
    *,
    not_before: datetime.date | None = None,
    or_later: bool = False,
) -> datetime.date:
    """The day on which `amount` of a source goes back: not before the source, nor before the day on which the amount is
    there, because it was never applied, is not any more, or is among the `parts` that are released with it. `or_later`
    takes the first such day from `given` on."""

    def effect(day: datetime.date) -> Changes:
        return [(day, -amount), *((max(day, row.applied_on), part) for row, part in parts)]

    if isinstance(source, Payment):
        start, what = source.payment_date, f"the payment of {source.payment_date}"
    else:
        start, what = source.credit_date, f"{source.number} of {source.credit_date}"
    start = max(start, not_before or start)
    first = first_day(start, (left_changes(source), effect))
    return correction_date(max(given, first) if given and or_later else given, first=first, what=what, scope=SCOPE)


def release(
    *,
    source: Payment | CreditNote,
    parts: list[tuple[PaymentApplication, Decimal]],
    on: datetime.date,
    booking: Booking,
    acting: Principal,
) -> None:
    """Releases parts of applications of a locked source, as of `on`, or of the day from which they count.

    An application that is released in part is replaced by one for the rest. The caller saves the source.
    """
    now = current_tenant().now()
    for row, taken in parts:
        invoice = Invoice.objects.select_for_update().get(pk=row.invoice_id)
        before = invoice_body(invoice)
        day = max(on, row.applied_on)
        row.released_on = day
        row.save(update_fields=["released_on"])
        base, source_base = share(taken, row.amount, row.base_amount), share(taken, row.amount, row.source_base_amount)
        if row.amount > taken:
            PaymentApplication.objects.create(
                id=ids.new_id(),
                payment=row.payment,
                credit_note=row.credit_note,
                invoice=invoice,
                amount=row.amount - taken,
                base_amount=row.base_amount - base,
                source_base_amount=row.source_base_amount - source_base,
                applied_on=day,
                created_at=now,
            )
        booking.debit(day, booking.receivable, taken, base=base, rate=invoice.exchange_rate)
        booking.credit(day, booking.credit_of(source), taken, base=source_base, rate=source.exchange_rate)
        booking.gain(day, base - source_base)
        source.amount_applied -= taken
        if isinstance(source, Payment):
            invoice.amount_paid -= taken
        else:
            invoice.amount_credited -= taken
        update_amount_due(invoice, before, acting=acting)


def unapply(
    source: Payment | CreditNote,
    invoice: Invoice,
    date: datetime.date | None,
    booking: Booking,
    *,
    acting: Principal,
) -> None:
    """Takes a locked source off an invoice, not before the day from which it counts, and saves the source."""
    rows = applications_of(source, invoice)
    first = max(row.applied_on for row in rows)
    day = correction_date(date, first=first, what=f"what is applied to {invoice.number}", scope=SCOPE)
    parts = [(row, row.amount) for row in rows]
    release(source=source, parts=parts, on=day, booking=booking, acting=acting)
    source.updated_at = current_tenant().now()
    source.save(update_fields=["amount_applied", "updated_at"])


def update_amount_due(invoice: Invoice, before: InvoiceBody, *, acting: Principal) -> None:
    """Recomputes the amount due and the status of a locked invoice from its amounts, and records the event."""
    set_amount_due(invoice)
    body = shown_change(invoice, before, invoice_body)
    if body is None:
        return
    invoice.save()
    event = INVOICE_PAID if invoice.status == InvoiceStatus.PAID else INVOICE_UPDATED
    record(event, invoice.id, body, acting=acting, previous=before)
    record_overdue([invoice], [body], acting=acting)


def set_amount_due(invoice: Invoice) -> None:
    """Sets the amount due and the status; one that nothing is due on is written off when any of it was a bad debt."""
    invoice.amount_due = invoice.total - invoice.amount_paid - invoice.amount_credited - invoice.amount_written_off
    if invoice.amount_due == 0:
        is_lost = bool(invoice.amount_written_off) and bad_debts(invoice)
        invoice.status = InvoiceStatus.WRITTEN_OFF if is_lost else InvoiceStatus.PAID
        invoice.paid_at = None if is_lost else current_tenant().now()
    else:
        invoice.status = standing_of(invoice)
        invoice.paid_at = None


def bad_debts(invoice: Invoice) -> list[WriteOff]:
    """The write-offs of an invoice as bad debts that were not undone in full, the latest first."""
    rows = WriteOff.objects.filter(invoice=invoice, kind=WriteOffKind.BAD_DEBT).order_by("-id")
    return [row for row in rows if row.amount > row.amount_undone]
