"""The rows below the lines of a document, on paper and on the hosted page."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from invoicing.bodies import CreditNoteBody, DocumentLineBody, InvoiceBody
from invoicing.selectors.formatting import format_number

Row = tuple[str, Decimal]


def rows_to_total(body: InvoiceBody | CreditNoteBody) -> list[Row]:
    """What leads from the lines to the total: they add up to it."""
    rows = [("Subtotal", body.subtotal)]
    of_lines = body.discount_total - body.discount_amount
    if of_lines:
        rows.append(("Discount on lines" if body.discount_amount else "Discount", -of_lines))
    if body.discount_amount:
        percentage = f", {format_number(body.discount_percentage)} %" if body.discount_percentage else ""
        rows.append((f"Discount on the whole{percentage}", -body.discount_amount))
    if not body.price_includes_tax:
        rows += [(tax.name, tax.amount) for tax in body.taxes]
    return rows


def rows_in_total(body: InvoiceBody | CreditNoteBody) -> list[Row]:
    """The taxes that are a part of the total."""
    return [(f"Including {tax.name}", tax.amount) for tax in body.taxes] if body.price_includes_tax else []


def discount_words(line: DocumentLineBody) -> str:
    """What the discount of a line is called; empty if it has none."""
    if line.discount_percentage:
        return f"{format_number(line.discount_percentage)} % discount"
    return "Discount" if line.discount_amount else ""


def item_head(body: InvoiceBody | CreditNoteBody) -> Sequence[str]:
    """The heads of the columns of lines."""
    amount = "Amount with tax" if body.price_includes_tax else "Amount"
    return ("Description", "Quantity", "Unit price", "Tax", amount)
