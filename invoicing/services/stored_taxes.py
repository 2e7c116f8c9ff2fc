"""The taxes of a line as its row keeps them, so that what is credited of it takes its own taxes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from invoicing.models.documents import DocumentLine, DocumentTax
from invoicing.rounding import spread
from invoicing.taxing import Tax, TaxTotal


def stored_taxes(taxes: Sequence[TaxTotal]) -> list[dict[str, Any]]:
    """JSON; amounts and rates are text."""
    return [
        {
            "name": each.tax.name,
            "rate": str(each.tax.rate),
            "is_compound": each.tax.is_compound,
            "taxable_amount": str(each.taxable_amount),
            "amount": str(each.amount),
        }
        for each in taxes
    ]


def taxes_of_line(line: DocumentLine, of_document: Sequence[DocumentTax], currency: str) -> list[TaxTotal]:
    """The taxes of a line. A line that was written before they were kept has those of its document that make up its
    rate, or else a part of each."""
    if line.taxes is not None:
        return [
            TaxTotal(
                Tax(each["name"], Decimal(each["rate"]), each["is_compound"]),
                Decimal(each["taxable_amount"]),
                Decimal(each["amount"]),
            )
            for each in line.taxes
        ]
    if not line.tax_rate:
        return []
    rows = [tax for tax in of_document if tax.rate == line.tax_rate][:1] or list(of_document)
    rates = sum(tax.rate for tax in rows)
    amounts = spread([line.tax_amount * tax.rate / rates for tax in rows], line.tax_amount, currency)
    net = line.total - line.tax_amount
    return [TaxTotal(Tax(row.name, row.rate), net, amount) for row, amount in zip(rows, amounts, strict=True)]
