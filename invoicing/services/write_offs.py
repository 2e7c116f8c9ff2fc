"""Writing off what will not be paid of an invoice, taking that back, and recovering it."""

from __future__ import annotations

import datetime
from decimal import Decimal

from django.db import transaction

from bigledger import ids, money
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from customers.services.balance import change_balance, lock_customer
from invoicing.apps import SCOPE
from invoicing.bodies import InvoiceBody
from invoicing.events import INVOICE_PAID, INVOICE_RECOVERED, INVOICE_WRITE_OFF_UNDONE, INVOICE_WRITTEN_OFF
from invoicing.models import (
    BadDebtMethod,
    CreditNote,
    Invoice,
    InvoiceStatus,
    Payment,
    WriteOff,
    WriteOffKind,
    WriteOffTax,
    WriteOffUndo,
)
from invoicing.rules import DIFFERENCE_NOT_SMALL, OVER_WRITE_OFF, WRITE_OFF_UNDONE
from invoicing.selectors.catalogue import sales_settings, small_difference_limit
from invoicing.selectors.documents import invoice_body
from invoicing.services.applying import bad_debts, check_amount, locked_open_invoice, set_amount_due
from invoicing.services.booking import Booking
from invoicing.services.document_lines import tax_by_account
from invoicing.services.overdue import record_overdue
from invoicing.services.tax_relief import parts_of, relieved_taxes, returned_taxes, save_taxes
from invoicing.services.timelines import due_changes, first_day
from invoicing.services.worth import part_of_invoice, part_of_write_off, worth
from invoicing.totals import ZERO
from ledger.models import AccountPurpose
from ledger.services.dating import correction_date

KINDS = {
    WriteOffKind.BAD_DEBT: (AccountPurpose.BAD_DEBT, "Bad debt"),
    WriteOffKind.SMALL_DIFFERENCE: (AccountPurpose.SMALL_DIFFERENCES, "Small difference"),
}


@transaction.atomic
def write_off_invoice(
    *,
    invoice: Invoice,
    kind: str,
    reason: str,
    amount: Decimal | None = None,
    date: datetime.date | None = None,
    tax_relief: bool = False,
    acting: Principal,
) -> InvoiceBody:
    """Books `amount` of what is due, or all of it, as a loss: Dr bad debt or small differences, Cr receivable.

    With `tax_relief` the tax in a bad debt is not owed any more (Dr the account of the tax). By the allowance method a
    bad debt is taken from the allowance. A small difference closes the invoice as paid; a bad debt as written
    off. Dated as `correction_date` says. Raises
    ValidationFailed and BusinessRuleViolation (`invoice_not_issued`, `invoice_closed`, `over_write_off`,
    `date_before_source`; `difference_not_small` over the tenant's limit).
    """
    customer = lock_customer(invoice.customer_id)
    invoice = locked_open_invoice(invoice, customer.id, invoice.currency)
    amount = _amount_to_write_off(invoice, amount)
    if kind == WriteOffKind.SMALL_DIFFERENCE:
        if tax_relief:
            raise ValidationFailed.at("tax_relief", "Only a bad debt gives tax back.", "incompatible")
        _check_small(invoice, amount)
    what = f"what is due on {invoice.number}"
    first = first_day(invoice.booked_on, (due_changes(invoice), lambda day: [(day, -amount)]))
    day = correction_date(date, first=first, what=what, scope=SCOPE)
    row = WriteOff(
        invoice=invoice,
        kind=kind,
        amount=amount,
        written_off_on=day,
        reason=reason,
        created_by_id=acting.user_id,
        created_at=current_tenant().now(),
    )
    row.is_against_allowance = kind == WriteOffKind.BAD_DEBT and _is_by_allowance()
    taxes = relieved_taxes(invoice, amount) if tax_relief else []
    booking = _booking(row, customer, reason, acting=acting)
    row.base_amount = part_of_invoice(invoice, amount)
    row.tax_amount = _book(row, amount, row.base_amount, taxes, day, booking)
    row.journal_entry_id = booking.post()
    row.save(force_insert=True)
    save_taxes(taxes, row)
    change_balance(customer=customer, increase=-amount, currency=invoice.currency, acting=acting)
    invoice.amount_written_off += amount
    body = _saved(invoice)
    record(INVOICE_WRITTEN_OFF, invoice.id, body, acting=acting)
    if invoice.status == InvoiceStatus.PAID:
        record(INVOICE_PAID, invoice.id, body, acting=acting)
    return body


@transaction.atomic
def undo_write_off(
    *, write_off: WriteOff, reason: str = "", date: datetime.date | None = None, acting: Principal
) -> InvoiceBody:
    """Takes back what is left of a write-off: Dr receivable, Cr what it was booked to. It is due again.

    Raises BusinessRuleViolation (`write_off_undone`, `date_before_source`).
    """
    customer = lock_customer(write_off.invoice.customer_id)
    invoice = Invoice.objects.select_for_update().get(pk=write_off.invoice_id)
    row = WriteOff.objects.select_for_update().get(pk=write_off.pk)
    amount = row.amount - row.amount_undone
    if not amount:
        raise BusinessRuleViolation.of(WRITE_OFF_UNDONE)
    day = correction_date(date, first=row.written_off_on, what=f"the write-off of {invoice.number}", scope=SCOPE)
    booking = _booking(row, customer, f"undone: {reason}" if reason else "undone", acting=acting)
    _undo(row, invoice, amount, day, booking, reason=reason, acting=acting)
    booking.post()
    change_balance(customer=customer, increase=amount, currency=invoice.currency, acting=acting)
    body = _saved(invoice)
    record(INVOICE_WRITE_OFF_UNDONE, invoice.id, body, acting=acting)
    record_overdue([invoice], [body], acting=acting)
    return body


def recoverable(invoice: Invoice) -> Decimal:
    """What a payment can recover of an invoice: its bad debts."""
    return sum((row.amount - row.amount_undone for row in bad_debts(invoice)), ZERO)


def first_recovery(invoice: Invoice, amount: Decimal) -> datetime.date | None:
    """The first day on which `amount` of the bad debts can be recovered."""
    return max((row.written_off_on for row, _ in _parts(invoice, amount)), default=None)


def recover(
    *, payment: Payment, invoice: Invoice, customer: Customer, amount: Decimal, date: datetime.date, booking: Booking,
    acting: Principal,
) -> None:  # fmt: skip
    """Makes `amount` of the bad debts of a locked invoice due again, because a payment is received for it. The caller
    applies the payment and posts the booking."""
    for row, part in _parts(invoice, amount):
        _undo(row, invoice, part, date, booking, payment=payment, acting=acting)
    change_balance(customer=customer, increase=amount, currency=invoice.currency, acting=acting)
    body = _saved(invoice)
    record(INVOICE_RECOVERED, invoice.id, body, acting=acting)


def _parts(invoice: Invoice, amount: Decimal) -> list[tuple[WriteOff, Decimal]]:
    parts = []
    for row in bad_debts(invoice):
        part = min(amount, row.amount - row.amount_undone)
        if part:
            parts.append((row, part))
        amount -= part
    return parts


def _undo(
    row: WriteOff,
    invoice: Invoice,
    amount: Decimal,
    day: datetime.date,
    booking: Booking,
    *,
    reason: str = "",
    payment: Payment | None = None,
    acting: Principal,
) -> None:
    taxes = returned_taxes(row, amount)
    base = part_of_write_off(row, amount)
    tax_amount = -_book(row, -amount, -base, taxes, day, booking)
    undo = WriteOffUndo.objects.create(
        write_off=row,
        payment=payment,
        amount=amount,
        base_amount=base,
        tax_amount=tax_amount,
        undone_on=day,
        reason=reason,
        created_by_id=acting.user_id,
        created_at=current_tenant().now(),
    )
    save_taxes(taxes, row, undo)
    row.amount_undone += amount
    row.save(update_fields=["amount_undone"])
    invoice.amount_written_off -= amount


def _book(
    row: WriteOff, amount: Decimal, base: Decimal, taxes: list[WriteOffTax], day: datetime.date, booking: Booking
) -> Decimal:
    """The loss and its tax against the receivable, or back when `amount` and `base` are negative. The tax, with the
    same sign; it is worth its amount at the rate of the invoice, and the loss what is left in base."""
    rate = row.invoice.exchange_rate or Decimal(1)
    sign = 1 if amount > 0 else -1
    tax_amount = tax_base = ZERO
    for account, tax, text in tax_by_account(parts_of(taxes), acting=booking.acting):
        booking.debit(day, account, sign * tax, text, base=sign * worth(tax, rate), rate=rate)
        tax_amount += sign * tax
        tax_base += sign * worth(tax, rate)
    purpose, _ = KINDS[WriteOffKind(row.kind)]
    loss = booking.purpose(AccountPurpose.BAD_DEBT_ALLOWANCE if row.is_against_allowance else purpose)
    booking.debit(day, loss, amount - tax_amount, base=base - tax_base, rate=rate)
    booking.credit(day, booking.receivable, amount, base=base, rate=rate)
    return tax_amount


def _is_by_allowance() -> bool:
    return sales_settings().bad_debt_method == BadDebtMethod.ALLOWANCE


def _booking(row: WriteOff, customer: Customer, reason: str, *, acting: Principal) -> Booking:
    invoice, (_, title) = row.invoice, KINDS[WriteOffKind(row.kind)]
    return Booking(
        invoice.currency,
        source=invoice.public_id,
        description=f"{title}, invoice {invoice.number} {customer.name}: {reason}",
        is_correction=True,
        entry_id=ids.new_id(),
        rate=invoice.exchange_rate,
        acting=acting,
    )


def _saved(invoice: Invoice) -> InvoiceBody:
    set_amount_due(invoice)
    invoice.updated_at = current_tenant().now()
    invoice.save()
    return invoice_body(invoice)


def _amount_to_write_off(invoice: Invoice, amount: Decimal | None) -> Decimal:
    """At most what is due and not credited: what a credit note of the invoice still holds is not lost."""
    notes = CreditNote.objects.filter(invoice=invoice, voided_on=None)
    left = money.to_currency(
        max(invoice.amount_due - sum((note.amount_left for note in notes), ZERO), ZERO), invoice.currency
    )
    if amount is not None:
        check_amount(amount, invoice.currency)
    if not left or (amount is not None and amount > left):
        raise BusinessRuleViolation.of(
            OVER_WRITE_OFF, "amount", left=left, currency=invoice.currency, number=invoice.number
        )
    return left if amount is None else money.to_currency(amount, invoice.currency)


def _check_small(invoice: Invoice, amount: Decimal) -> None:
    """What was written off of the invoice as a small difference before counts too."""
    rows = WriteOff.objects.filter(invoice=invoice, kind=WriteOffKind.SMALL_DIFFERENCE)
    before = sum((row.amount - row.amount_undone for row in rows), ZERO)
    currency = invoice.currency
    limit = small_difference_limit(sales_settings(), currency)
    if before + amount > limit:
        shown = money.to_currency(before + amount, currency)
        raise BusinessRuleViolation.of(DIFFERENCE_NOT_SMALL, amount=shown, currency=currency, limit=limit)
