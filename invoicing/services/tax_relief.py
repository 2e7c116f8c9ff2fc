"""The tax of a bad debt: what was paid to the authority and never received comes back, tax by tax.

Of what is lost, tax is the part that it is of the invoice, after what was credited of it: of 750.00 lost on 1,200.00 of
which 200.00 are tax at 20 %, 125.00. Each tax is counted from the first write-off on and rounded once, so that parts
come to the whole, whatever they are; so is what is taken back of a write-off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal, localcontext

from django.db.models import Sum

from bigledger import money
from invoicing.models import CreditNoteTax, Invoice, InvoiceTax, WriteOff, WriteOffTax, WriteOffUndo
from invoicing.models.documents import DocumentTax
from invoicing.rounding import PRECISION
from invoicing.selectors.catalogue import tax_of
from invoicing.services.document_lines import TaxPart
from invoicing.taxing import Tax
from invoicing.totals import ZERO


def relieved_taxes(invoice: Invoice, amount: Decimal) -> list[WriteOffTax]:
    """The taxes in `amount` of what is due on a locked invoice, yet to be saved."""
    notes = invoice.credit_notes.filter(voided_on=None)
    total = invoice.total - (notes.aggregate(sum=Sum("total"))["sum"] or ZERO)
    earlier = WriteOffTax.objects.filter(write_off__invoice=invoice)
    rows = list(WriteOff.objects.filter(invoice=invoice, tax_amount__gt=0))
    lost = sum((row.amount - row.amount_undone for row in rows), ZERO) + amount
    credited = _sums(CreditNoteTax.objects.filter(credit_note__in=notes))
    before = _sums(earlier.filter(undo=None))
    back = _sums(earlier.exclude(undo=None))
    found: list[WriteOffTax] = []
    for row in InvoiceTax.objects.filter(invoice=invoice).order_by("position"):
        tax = tax_of(row)
        if row.amount:
            done = before[tax] - back[tax]
            left = row.amount - credited[tax]
            part = min(max(_part(left, lost, total, invoice.currency) - done, ZERO), max(left - done, ZERO))
            found.append(_row(row, part, len(found) + 1, invoice.currency))
    return [each for each in found if each.amount]


def returned_taxes(write_off: WriteOff, amount: Decimal) -> list[WriteOffTax]:
    """The taxes that are owed again when `amount` more of a write-off is taken back, yet to be saved."""
    currency = write_off.currency
    rows = WriteOffTax.objects.filter(write_off=write_off)
    back = _sums(rows.exclude(undo=None))
    found = []
    for row in rows.filter(undo=None).order_by("position"):
        part = _part(row.amount, write_off.amount_undone + amount, write_off.amount, currency) - back[tax_of(row)]
        found.append(_row(row, part, row.position, currency))
    return [each for each in found if each.amount]


def save_taxes(taxes: Sequence[WriteOffTax], write_off: WriteOff, undo: WriteOffUndo | None = None) -> None:
    for tax in taxes:
        tax.write_off, tax.undo = write_off, undo
    WriteOffTax.objects.bulk_create(taxes)


def parts_of(taxes: Iterable[WriteOffTax]) -> list[TaxPart]:
    return [TaxPart(tax.name, tax.amount, tax.account_id) for tax in taxes]


def _part(whole: Decimal, of: Decimal, total: Decimal, currency: str) -> Decimal:
    with localcontext(prec=PRECISION):
        return money.to_currency(whole * min(of, total) / total, currency)


def _sums(rows: Iterable[DocumentTax]) -> dict[Tax, Decimal]:
    found: dict[Tax, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        found[tax_of(row)] += row.amount
    return found


def _row(row: DocumentTax, amount: Decimal, position: int, currency: str) -> WriteOffTax:
    """`amount` of a tax, and the net that it is of."""
    with localcontext(prec=PRECISION):
        taxable = money.to_currency(row.taxable_amount * amount / row.amount, currency)
    names = ("name", "rate", "kind", "reason", "authority", "account_id")
    return WriteOffTax(
        position=position, taxable_amount=taxable, amount=amount, **{name: getattr(row, name) for name in names}
    )
