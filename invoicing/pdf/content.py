"""What documents say: the whole content of each, as text. The same content always gives the same document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from bigledger.tenants.context import current_tenant
from customers.models import Customer
from invoicing.bodies import CreditNoteBody, DocumentLineBody, InvoiceBody, PaymentBody
from invoicing.models import CreditNote, Invoice, Payment
from invoicing.pdf.parties import buyer_of, seller_of
from invoicing.selectors.documents import hosted_url
from invoicing.selectors.formatting import format_amount, format_day, format_number, format_price, format_terms
from invoicing.selectors.sums import discount_words, item_head, rows_in_total, rows_to_total

Content = dict[str, Any]
DUE_DATE = "Due date"
_STAMPS = {"void": ("VOID", "harm"), "paid": ("PAID", "good"), "draft": ("DRAFT", "plain")}
_METHODS = {"bank_transfer": "Bank transfer", "cash": "Cash", "check": "Check", "card": "Card"}


def invoice_content(invoice: Invoice, body: InvoiceBody) -> Content:
    """An invoice as it is issued, and a draft with its mark."""
    return _document(
        heading="Invoice",
        wording=_wording(body),
        number=body.number,
        customer=invoice.customer,
        facts=[
            ("Invoice number", body.number or ""),
            ("Invoice date", format_day(body.invoice_date)),
            (DUE_DATE, format_day(body.due_date)),
            ("Payment terms", format_terms(body.payment_terms)),
            *_early(body),
        ],
        head=list(item_head(body)),
        rows=[_item(line, body.currency) for line in body.lines],
        sums=_sums(body),
        currency=body.currency,
        notes=body.notes,
        stamp=_STAMPS["draft"] if body.status == "draft" else None,
        link=hosted_url(invoice) if body.hosted_url else None,
        is_payable=True,
    )


def _early(body: InvoiceBody) -> list[tuple[str, str]]:
    if body.early_payment is None:
        return []
    day = format_day(body.early_payment.date)
    return [(f"If paid by {day}", f"{body.currency} {format_amount(body.early_payment.amount, body.currency)}")]


def current_content(issued: Content, body: InvoiceBody) -> Content:
    """An issued invoice with what became of it: due date, notes, payments, credit, write-offs, a stamp, the link."""
    settled = [("Paid", body.amount_paid), ("Credited", body.amount_credited), ("Waived", body.amount_written_off)]
    sums = [*issued["sums"], *(_sum(name, -amount, body.currency) for name, amount in settled if amount)]
    if len(sums) > len(issued["sums"]):
        sums.append(_sum("Amount due", body.amount_due, body.currency, is_total=True))
    facts = [[name, format_day(body.due_date) if name == DUE_DATE else value] for name, value in issued["facts"]]
    is_open = body.amount_due and body.status != "void"
    seller = issued["seller"] if is_open else issued["seller"] | {"bank_account": ""}
    return issued | {
        "seller": seller,
        "facts": facts,
        "sums": sums,
        "notes": body.notes,
        "stamp": _STAMPS.get(body.status),
        "link": body.hosted_url,
    }


def credit_note_content(note: CreditNote, body: CreditNoteBody) -> Content:
    credited = [("Credits invoice", note.invoice.number or "")] if note.invoice else []
    return _document(
        heading="Credit note",
        wording=_wording(body),
        buyer_label="Credit to",
        number=body.number,
        customer=note.customer,
        facts=[("Credit note number", body.number), ("Date", format_day(body.credit_date)), *credited],
        head=list(item_head(body)),
        rows=[_item(line, body.currency) for line in body.lines],
        sums=_sums(body, total="Total credit"),
        currency=body.currency,
        notes=body.reason,
    )


def receipt_content(payment: Payment, body: PaymentBody, invoices: Sequence[tuple[Invoice, Decimal]]) -> Content:
    """What was received, and the invoices that it paid, each with the amount."""
    card = f", {body.card.brand.capitalize()} ending in {body.card.last4}" if body.card else ""
    applied = sum((amount for _, amount in invoices), Decimal(0))
    rest = [_sum("Not yet applied", body.amount - applied, body.currency)] if applied != body.amount else []
    reference = [("Reference", body.reference)] if body.reference else []
    return _document(
        heading="Receipt",
        buyer_label="Received from",
        number=body.number,
        customer=payment.customer,
        facts=[
            ("Receipt number", body.number or ""),
            ("Paid on", format_day(body.date)),
            ("Method", _METHODS[body.method] + card),
            *reference,
        ],
        head=["Invoice", "Invoice date", "Invoice total", "Amount paid"],
        rows=[
            _row(invoice.number or "", [
                format_day(invoice.invoice_date),
                format_amount(invoice.total, body.currency),
                format_amount(amount, body.currency),
            ])
            for invoice, amount in invoices
        ],
        sums=[*rest, _sum("Amount received", body.amount, body.currency, is_total=True)],
        currency=body.currency,
        notes="",
    )  # fmt: skip


def _document(
    *,
    heading: str,
    number: str | None,
    customer: Customer,
    facts: Iterable[tuple[str, str]],
    is_payable: bool = False,
    **more: Any,
) -> Content:
    seller = seller_of(current_tenant())
    if not is_payable:
        seller["bank_account"] = ""  # nobody is to pay
    buyer = buyer_of(customer)
    told = [*facts, ("Customer number", customer.number)]
    return {
        "heading": heading,
        "number": number,
        "seller": seller,
        "buyer": buyer,
        "buyer_label": "Bill to",
        "facts": [[name, value] for name, value in told if value],
        "stamp": None,
        "link": None,
        "wording": [],
        **more,
    }


def _item(line: DocumentLineBody, currency: str) -> dict[str, Any]:
    """A line before its discount, so that the column adds up to the subtotal; the discount is said below it."""
    words = discount_words(line)
    note = f"{words}: {format_amount(-line.discount_amount, currency)}" if words else None
    figures = [
        format_number(line.quantity),
        format_price(line.unit_price, currency),
        f"{format_number(line.tax_rate * 100)} %",
        format_amount(line.subtotal, currency),
    ]
    return _row(line.description, figures, note)


def _row(description: str, figures: Sequence[str], note: str | None = None) -> dict[str, Any]:
    return {"description": description, "note": note, "figures": list(figures)}


def _sum(name: str, amount: Decimal, currency: str, *, is_total: bool = False) -> dict[str, Any]:
    return {"name": name, "amount": format_amount(amount, currency), "strong": is_total, "line": is_total}


def _wording(body: InvoiceBody | CreditNoteBody) -> list[str]:
    """Why something is not taxed, as the law wants it said; once each."""
    return list(dict.fromkeys(tax.reason for tax in body.taxes if tax.reason))


def _sums(body: InvoiceBody | CreditNoteBody, total: str = "Total") -> list[dict[str, Any]]:
    return [
        *(_sum(name, amount, body.currency) for name, amount in rows_to_total(body)),
        _sum(total, body.total, body.currency, is_total=True),
        *(_sum(name, amount, body.currency) for name, amount in rows_in_total(body)),
    ]
