"""Invoices and credit notes as they go out."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Model
from msgspec import structs

from bigledger import money
from bigledger.access.models import User
from bigledger.mail.bodies import MailDeliveryBody
from bigledger.mail.selectors import deliveries
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from invoicing.bodies import (
    CreditNoteBody,
    CreditNoteLineBody,
    DocumentLineBody,
    DocumentTaxBody,
    EarlyPaymentBody,
    InvoiceBody,
    PaymentApplicationBody,
    RefundBody,
    WriteOffBody,
)
from invoicing.models import (
    CreditNote,
    CreditNoteLine,
    CreditNoteTax,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    InvoiceTax,
    Payment,
    Product,
    RecurringInvoice,
    TaxRate,
    WriteOff,
)
from invoicing.models.documents import DocumentLine, DocumentTax
from invoicing.selectors.catalogue import plain
from invoicing.selectors.payments import uses_of_sources
from invoicing.selectors.terms import early_terms
from ledger.models import Account, JournalEntry


def invoice_bodies(invoices: Sequence[Invoice]) -> list[InvoiceBody]:
    """Five queries for any number of invoices (the rows, lines, taxes; of those issued the mails and write-offs)."""
    found = [invoice.id for invoice in invoices]
    lines = grouped(InvoiceLine.objects.filter(invoice_id__in=found).order_by("invoice_id", "position"), "invoice_id")
    taxes = grouped(InvoiceTax.objects.filter(invoice_id__in=found).order_by("invoice_id", "position"), "invoice_id")
    issued = [invoice.id for invoice in invoices if invoice.sent_at]
    mailed = deliveries(INVOICE_MAIL_NAME, issued) if issued else {}
    rows = WriteOff.objects.filter(invoice_id__in=issued).order_by("id") if issued else ()
    lost = grouped(rows, "invoice_id")
    return [
        _invoice_body(invoice, lines[invoice.id], taxes[invoice.id], mailed.get(invoice.id), lost[invoice.id])
        for invoice in invoices
    ]


def invoice_body(invoice: Invoice) -> InvoiceBody:
    return invoice_bodies([invoice])[0]


def hosted_url(invoice: Invoice) -> str:
    return f"{settings.PUBLIC_URL}/i/{invoice.hosted_token}"


def credit_note_bodies(notes: Sequence[CreditNote]) -> list[CreditNoteBody]:
    found = [note.id for note in notes]
    lines = grouped(CreditNoteLine.objects.filter(credit_note_id__in=found).order_by("position"), "credit_note_id")
    taxes = grouped(CreditNoteTax.objects.filter(credit_note_id__in=found).order_by("position"), "credit_note_id")
    applications, refunds = uses_of_sources("credit_note_id", {note.id: note.currency for note in notes})
    mailed = deliveries(CREDIT_NOTE_MAIL_NAME, found) if found else {}
    return [
        _credit_note_body(
            note, lines[note.id], taxes[note.id], applications[note.id], refunds[note.id], mailed.get(note.id)
        )
        for note in notes
    ]


def credit_note_body(note: CreditNote) -> CreditNoteBody:
    return credit_note_bodies([note])[0]


def line_counts(line: type[Model], key: str, documents: Sequence[Any]) -> list[int]:
    """How many lines each of the documents has."""
    rows = line._default_manager.filter(**{f"{key}__in": [document.id for document in documents]})
    found = dict(rows.values_list(key).annotate(Count("id")).order_by())
    return [found.get(document.id, 0) for document in documents]


def grouped(rows: Iterable[Any], key: str) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found


def recipients_of(delivery: MailDeliveryBody | None) -> list[str]:
    return [*delivery.to, *delivery.cc] if delivery else []


def _amounts(document: Any, *names: str) -> dict[str, Any]:
    return {name: money.to_currency(getattr(document, name), document.currency) for name in names}


def _worth(document: Invoice | CreditNote) -> dict[str, Any]:
    """In base: null until it is issued, and for what was issued in a foreign currency before there were rates."""
    rate, base = document.exchange_rate, current_tenant().base_currency
    is_issued = rate is not None and document.journal_entry_id is not None
    return {
        "exchange_rate": None if rate is None else plain(rate),
        "base_total": money.to_currency(document.base_total, base) if is_issued else None,
    }


# As in `invoicing/mails.py`, which stands above.
INVOICE_MAIL_NAME = "invoice"
CREDIT_NOTE_MAIL_NAME = "credit_note"
_TOTALS = ("discount_amount", "subtotal", "discount_total", "tax_total", "total")


def _invoice_body(
    invoice: Invoice,
    lines: list[InvoiceLine],
    taxes: list[InvoiceTax],
    delivery: MailDeliveryBody | None,
    write_offs: list[WriteOff],
) -> InvoiceBody:
    is_issued = invoice.status not in (InvoiceStatus.DRAFT, InvoiceStatus.DELETED)
    return InvoiceBody(
        id=invoice.public_id,
        number=invoice.number,
        customer_id=Customer.public_id_of(invoice.customer_id),
        status=invoice.status,
        payment_status=invoice.payment_status,
        invoice_date=invoice.invoice_date,
        due_date=invoice.due_date,
        payment_terms=invoice.payment_terms,
        early_payment=_early_payment_body(invoice),
        currency=invoice.currency,
        notes=invoice.notes,
        price_includes_tax=invoice.price_includes_tax,
        discount_percentage=plain(invoice.discount_percentage),
        **_worth(invoice),
        **_amounts(invoice, *_TOTALS, "amount_paid", "amount_credited", "amount_written_off", "amount_due"),
        taken_over_on=invoice.taken_over_on,
        sent_at=invoice.sent_at,
        sent_to=recipients_of(delivery),
        delivery=delivery,
        viewed_at=invoice.viewed_at,
        paid_at=invoice.paid_at,
        voided_at=invoice.voided_at,
        voided_date=invoice.voided_on,
        void_reason=invoice.void_reason or None,
        journal_entry_id=JournalEntry.public_id_of(invoice.journal_entry_id),
        recurring_invoice_id=RecurringInvoice.public_id_of(invoice.recurring_invoice_id),
        hosted_url=hosted_url(invoice) if is_issued else None,
        created_by=User.public_id_of(invoice.created_by_id),
        metadata=invoice.metadata,
        created_at=invoice.created_at,
        updated_at=invoice.updated_at,
        lines=[_line_body(line, invoice.currency) for line in lines],
        taxes=[_tax_body(tax, invoice.currency) for tax in taxes],
        write_offs=[_write_off_body(row, invoice.currency) for row in write_offs],
    )


def _early_payment_body(invoice: Invoice) -> EarlyPaymentBody | None:
    terms = early_terms(invoice)
    if terms is None:
        return None
    amount = money.to_currency(max(invoice.amount_due - terms.discount, Decimal(0)), invoice.currency)
    return EarlyPaymentBody(plain(terms.percentage), terms.until, terms.discount, amount)


def _write_off_body(row: WriteOff, currency: str) -> WriteOffBody:
    return WriteOffBody(
        id=row.public_id,
        kind=row.kind,
        amount=money.to_currency(row.amount, currency),
        amount_undone=money.to_currency(row.amount_undone, currency),
        tax_amount=money.to_currency(row.tax_amount, currency),
        is_against_allowance=row.is_against_allowance,
        date=row.written_off_on,
        reason=row.reason,
        journal_entry_id=JournalEntry.public_id_of(row.journal_entry_id),
        created_at=row.created_at,
    )


def _credit_note_status(note: CreditNote) -> str:
    if note.voided_on:
        return "void"
    if note.amount_left:
        return "open"
    return "applied" if note.amount_applied else "refunded"


def _credit_note_body(
    note: CreditNote,
    lines: list[CreditNoteLine],
    taxes: list[CreditNoteTax],
    applications: list[PaymentApplicationBody],
    refunds: list[RefundBody],
    delivery: MailDeliveryBody | None,
) -> CreditNoteBody:
    return CreditNoteBody(
        id=note.public_id,
        number=note.number,
        customer_id=Customer.public_id_of(note.customer_id),
        invoice_id=Invoice.public_id_of(note.invoice_id),
        early_payment_id=Payment.public_id_of(note.early_payment_id),
        status=_credit_note_status(note),
        credit_date=note.credit_date,
        reason=note.reason,
        currency=note.currency,
        price_includes_tax=note.price_includes_tax,
        discount_percentage=plain(note.discount_percentage),
        **_worth(note),
        **_amounts(note, *_TOTALS, "amount_applied", "amount_refunded"),
        amount_remaining=money.to_currency(note.amount_left, note.currency),
        voided_date=note.voided_on,
        void_reason=note.void_reason or None,
        sent_to=recipients_of(delivery),
        delivery=delivery,
        journal_entry_id=JournalEntry.public_id_of(note.journal_entry_id),
        created_by=User.public_id_of(note.created_by_id),
        metadata=note.metadata,
        created_at=note.created_at,
        updated_at=note.updated_at,
        lines=[
            CreditNoteLineBody(
                **structs.asdict(_line_body(line, note.currency)),
                invoice_line_id=InvoiceLine.public_id_of(line.invoice_line_id),
            )
            for line in lines
        ],
        taxes=[_tax_body(tax, note.currency) for tax in taxes],
        applications=applications,
        refunds=refunds,
    )


def _line_body(line: DocumentLine, currency: str) -> DocumentLineBody:
    amounts = ("subtotal", "discount_amount", "document_discount", "tax_amount", "total")
    return DocumentLineBody(
        id=line.public_id,
        product_id=Product.public_id_of(line.product_id),
        description=line.description,
        quantity=plain(line.quantity),
        unit_price=money.to_price(line.unit_price, currency),
        is_charge=line.is_charge,
        discount_percentage=plain(line.discount_percentage),
        tax_rate=plain(line.tax_rate),
        tax_rate_id=TaxRate.public_id_of(line.tax_rate_named_id),
        tax_kind=line.tax_kind,
        revenue_account_id=Account.public_id_of(line.revenue_account_id),
        **{name: money.to_currency(getattr(line, name), currency) for name in amounts},
    )


def _tax_body(tax: DocumentTax, currency: str) -> DocumentTaxBody:
    return DocumentTaxBody(
        tax.name,
        plain(tax.rate),
        tax.kind,
        tax.reason,
        tax.authority,
        money.to_currency(tax.taxable_amount, currency),
        money.to_currency(tax.amount, currency),
    )
