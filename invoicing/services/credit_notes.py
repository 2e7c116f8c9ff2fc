"""Credit notes: issued at once, applied to invoices."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum

from bigledger import ids, money
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from customers.services.balance import change_balance, lock_customer
from invoicing.bodies import CreditNoteBody, PaymentApplicationBody
from invoicing.events import CREDIT_NOTE_CREATED
from invoicing.models import CreditNote, CreditNoteLine, CreditNoteTax, Invoice, InvoiceLine, InvoiceTax
from invoicing.models.catalogue import NumberedDocument
from invoicing.models.invoices import ISSUED_STATUSES
from invoicing.rules import CREDIT_EXCEEDS_INVOICE, NOT_CREDITABLE, OTHER_CUSTOMER
from invoicing.selectors.documents import credit_note_body
from invoicing.services.applying import amount_to_apply, apply_to_invoice, locked_open_invoice
from invoicing.services.document_lines import receivable_line, revenue_and_tax, write_lines
from invoicing.services.invoices import document_currency
from invoicing.services.lookup import customer_named, invoice_named
from invoicing.services.pricing import Priced, price
from invoicing.services.series import take_document_number
from invoicing.totals import LineTotals, Tax, TaxTotal, Totals
from ledger.services.posting import NewEntry, NewLine, post_journal_entry


@transaction.atomic
def create_credit_note(
    *,
    customer_id: str | None = None,
    invoice_id: str | None = None,
    lines: Sequence[Mapping[str, Any]] = (),
    date: datetime.date | None = None,
    reason: str = "",
    currency: str | None = None,
    acting: Principal,
) -> CreditNoteBody:
    """Gives a customer credit: posts revenue and tax back against the receivable.

    For an invoice, without `lines`, over the whole of it, line by line as it was. Raises ValidationFailed,
    ResourceNotFound and BusinessRuleViolation (`invoice_not_issued`, `credit_exceeds_invoice`).
    """
    invoice = invoice_named(invoice_id) if invoice_id else None
    if customer_id is None and invoice is None:
        raise ValidationFailed.at("customer_id", "Give the customer or the invoice.", "required")
    customer = lock_customer(invoice.customer_id if invoice else customer_named(customer_id or "").id)
    if customer_id and customer_named(customer_id).id != customer.id:
        raise BusinessRuleViolation.of(OTHER_CUSTOMER, "invoice_id", number=invoice.words if invoice else "")
    priced = _priced(invoice, lines, document_currency(customer, currency))
    if not priced.totals.total:
        raise ValidationFailed.at("lines", "A credit note needs a total of more than zero.", "too_small")
    if invoice:
        _check_creditable(invoice, priced.totals.total)
    now = current_tenant().now()
    note = CreditNote(
        id=ids.new_id(),
        customer=customer,
        invoice=invoice,
        currency=customer.currency,
        credit_date=date or current_tenant().today(),
        reason=reason,
        created_by_id=acting.user_id,
        created_at=now,
        updated_at=now,
        **priced.document_columns,
    )
    note.number = take_document_number(NumberedDocument.CREDIT_NOTE, note.credit_date)
    _post(note, customer, priced, acting=acting)
    note.save(force_insert=True)
    write_lines(CreditNoteLine, CreditNoteTax, priced, credit_note=note)
    change_balance(customer=customer, increase=-note.total, acting=acting)
    body = credit_note_body(note)
    record(CREDIT_NOTE_CREATED, note.id, body, acting=acting)
    return body


@transaction.atomic
def apply_credit_note(
    *, credit_note: CreditNote, invoice_id: str, amount: Decimal | None = None, acting: Principal
) -> PaymentApplicationBody:
    """Sets a part of a credit note against an invoice. Raises what `apply_payment` does."""
    lock_customer(credit_note.customer_id)
    note = CreditNote.objects.select_for_update().get(pk=credit_note.pk)
    invoice = locked_open_invoice(invoice_named(invoice_id), note.customer_id)
    available = note.total - note.amount_applied
    amount = amount_to_apply(amount, available, invoice)
    return apply_to_invoice(source=note, invoice=invoice, amount=amount, acting=acting)


def _priced(invoice: Invoice | None, lines: Sequence[Mapping[str, Any]], currency: str) -> Priced:
    if invoice is None or lines:
        return price(lines, currency)
    copied = (
        "product_id", "description", "quantity", "unit_price", "discount_percentage", "tax_rate",
        "tax_rate_named_id", "revenue_account_id", "subtotal", "discount_amount", "tax_amount", "total",
    )  # fmt: skip
    rows = list(InvoiceLine.objects.filter(invoice=invoice))
    return Priced(
        [{name: getattr(row, name) for name in copied} for row in rows],
        Totals(
            lines=[LineTotals(row.subtotal, row.discount_amount, row.tax_amount, row.total) for row in rows],
            taxes=[
                TaxTotal(Tax(tax.name, tax.rate), tax.taxable_amount, tax.amount)
                for tax in InvoiceTax.objects.filter(invoice=invoice)
            ],
            subtotal=invoice.subtotal,
            discount_total=invoice.discount_total,
            tax_total=invoice.tax_total,
            total=invoice.total,
        ),
    )


def _check_creditable(invoice: Invoice, amount: Decimal) -> None:
    """Credit notes of an invoice cannot exceed its total. The customer's lock keeps the sum from changing."""
    invoice.refresh_from_db()
    if invoice.status not in ISSUED_STATUSES:
        raise BusinessRuleViolation.of(NOT_CREDITABLE, "invoice_id", number=invoice.words, status=invoice.status)
    credited = invoice.credit_notes.aggregate(sum=Sum("total"))["sum"] or Decimal(0)
    if credited + amount > invoice.total:
        left = money.to_currency(invoice.total - credited, invoice.currency)
        raise BusinessRuleViolation.of(
            CREDIT_EXCEEDS_INVOICE, "lines", left=left, currency=invoice.currency, number=invoice.words
        )


def _post(note: CreditNote, customer: Customer, priced: Priced, *, acting: Principal) -> None:
    description = f"Credit note {note.number} {customer.name}"
    lines = [CreditNoteLine(**columns) for columns in priced.columns]
    given_back = revenue_and_tax(lines, note.currency, acting=acting)
    post_journal_entry(
        entry=NewEntry(
            id=note.id,
            date=note.credit_date,
            reference=note.number,
            description=description,
            source=note.public_id,
            lines=[
                *(NewLine(account, debit=amount, description=text) for account, amount, text in given_back),
                receivable_line(note.total, note.currency, is_debit=False, description=description, acting=acting),
            ],
        ),
        acting=acting,
    )
    note.journal_entry_id = note.id
