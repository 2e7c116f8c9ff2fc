"""The taxes of a line as its row keeps them, so that what is credited of it takes its own taxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from invoicing.models.documents import DocumentLine, DocumentTax
from invoicing.rounding import spread
from invoicing.selectors.catalogue import tax_of
from invoicing.tax_treatment import ORDINARY, Treatment
from invoicing.taxing import Tax, TaxTotal


def stored_taxes(taxes: Sequence[TaxTotal]) -> list[dict[str, Any]]:
    """JSON; amounts and rates are text."""
    return [
        {
            "name": each.tax.name,
            "rate": str(each.tax.rate),
            "is_compound": each.tax.is_compound,
            "treatment": _stored(each.tax.treatment),
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
                Tax(each["name"], Decimal(each["rate"]), each["is_compound"], _treatment(each, of_document)),
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
    return [TaxTotal(tax_of(row), net, amount) for row, amount in zip(rows, amounts, strict=True)]


def _stored(treatment: Treatment) -> dict[str, Any]:
    account = treatment.account_id
    return {
        "kind": str(treatment.kind),
        "reason": treatment.reason,
        "authority": treatment.authority,
        "account_id": str(account) if account else None,
    }


def _treatment(stored: Mapping[str, Any], of_document: Sequence[DocumentTax]) -> Treatment:
    """As it is stored; for what was stored without it, as the document has the tax of this name."""
    found = stored.get("treatment")
    if found is None:
        return next((tax_of(row).treatment for row in of_document if row.name == stored["name"]), ORDINARY)
    account = found["account_id"]
    return Treatment(**found | {"account_id": UUID(account) if account else None})
