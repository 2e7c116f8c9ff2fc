"""What a credit over lines of an invoice takes back of the discount that was given for its early payment.

Who paid 980.00 for 1,000.00 and sends all of it back has 980.00 to come: the credit note has the lines at 1,000.00 and
a line over -20.00, with its part of each tax, on the account that the discount was booked to. A part takes its part,
from the first credit on, so that all parts come to the discount to the cent. What was credited before the discount was
given was not discounted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal, localcontext
from typing import Any

from django.db.models import Sum

from bigledger import money
from invoicing.models import CreditNote, CreditNoteLine, CreditNoteTax, Invoice, InvoiceLine, InvoiceTax
from invoicing.rounding import PRECISION
from invoicing.services.pricing import amounts_of
from invoicing.services.stored_taxes import taxes_of_line
from invoicing.taxing import Tax, TaxTotal
from invoicing.totals import ZERO, LineTotals

Taxes = tuple[Tax, ...]
Pair = tuple[dict[str, Any], LineTotals]
_COPIED = ("tax_rate", "tax_rate_named_id", "tax_kind", "revenue_account_id")


def discounts_of(invoice: Invoice) -> list[CreditNote]:
    """The discount that was given, if it stands: there is one."""
    return list(CreditNote.objects.filter(invoice=invoice, early_payment__isnull=False, voided_on=None))


def lines_by_taxes(invoice: Invoice) -> dict[Taxes, list[InvoiceLine]]:
    of_document = list(InvoiceTax.objects.filter(invoice=invoice).order_by("position"))
    groups: dict[Taxes, list[InvoiceLine]] = {}
    for row in InvoiceLine.objects.filter(invoice=invoice).order_by("position"):
        taxes = tuple(each.tax for each in taxes_of_line(row, of_document, invoice.currency))
        groups.setdefault(taxes, []).append(row)
    return groups


def gross_credited(lines: Iterable[InvoiceLine], **notes: Any) -> Decimal:
    """What the credit notes that stand have over these lines, tax included."""
    rows = CreditNoteLine.objects.filter(invoice_line__in=list(lines), credit_note__voided_on=None, **notes)
    return rows.aggregate(sum=Sum("total"))["sum"] or ZERO


def taken_back(invoice: Invoice, pairs: Sequence[Pair]) -> list[Pair]:
    """The lines that a credit note over `pairs`, some of them lines of the locked invoice, has besides."""
    found: list[Pair] = []
    for note in discounts_of(invoice):
        groups = lines_by_taxes(invoice)
        of_document = list(CreditNoteTax.objects.filter(credit_note=note).order_by("position"))
        for row in note.lines.order_by("position"):
            taxes = taxes_of_line(row, of_document, note.currency)
            lines = groups.get(tuple(each.tax for each in taxes), [])
            if pair := _part(invoice, note, row, taxes, lines, pairs):
                found.append(pair)
    return found


def _part(
    invoice: Invoice,
    note: CreditNote,
    discount: CreditNoteLine,
    taxes: Sequence[TaxTotal],
    lines: Sequence[InvoiceLine],
    pairs: Sequence[Pair],
) -> Pair | None:
    """The part of a line of the discount that goes with what is credited of the lines that it was given on."""
    ids = {line.id for line in lines}
    now = sum((totals.total for columns, totals in pairs if columns.get("invoice_line_id") in ids), ZERO)
    base = sum((line.total for line in lines), ZERO) - gross_credited(lines, credit_note_id__lt=note.id)
    if not now or not base:
        return None
    until = gross_credited(lines, credit_note_id__gt=note.id) + now
    before = _taken(invoice, note, discount, taxes)

    def step(whole: Decimal, done: Decimal) -> Decimal:
        with localcontext(prec=PRECISION):
            return money.to_currency(whole * until / base, note.currency) - done

    parts = [
        TaxTotal(each.tax, -step(each.taxable_amount, taxable), -step(each.amount, amount))
        for each, (taxable, amount) in zip(taxes, before[1], strict=True)
    ]
    total = -step(discount.total, before[0])
    if not total:
        return None
    tax = sum((each.amount for each in parts), money.to_currency(ZERO, note.currency))
    subtotal = total if invoice.price_includes_tax else total - tax
    totals = LineTotals(subtotal, money.to_currency(ZERO, note.currency), tax, total, taxes=tuple(parts))
    columns = {name: getattr(discount, name) for name in _COPIED} | {
        "description": f"Less {discount.description[0].lower()}{discount.description[1:]}",
        "quantity": Decimal(1),
        "unit_price": subtotal,
        **amounts_of(totals),
    }
    return columns, totals


def _taken(
    invoice: Invoice, note: CreditNote, discount: CreditNoteLine, taxes: Sequence[TaxTotal]
) -> tuple[Decimal, list[tuple[Decimal, Decimal]]]:
    """What later credit notes took back of a line of the discount, in all and of each tax (taxable amount, amount)."""
    total, of_taxes = ZERO, [(ZERO, ZERO) for _ in taxes]
    rows = CreditNoteLine.objects.filter(
        credit_note__invoice=invoice, credit_note__voided_on=None, credit_note_id__gt=note.id, invoice_line=None,
        revenue_account_id=discount.revenue_account_id,
    )  # fmt: skip
    for row in rows:
        back = taxes_of_line(row, [], note.currency)
        if row.total * discount.total < 0 and [each.tax for each in back] == [each.tax for each in taxes]:
            total -= row.total
            of_taxes = [
                (done[0] - each.taxable_amount, done[1] - each.amount)
                for done, each in zip(of_taxes, back, strict=True)
            ]
    return total, of_taxes
