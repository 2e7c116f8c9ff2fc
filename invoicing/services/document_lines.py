"""The lines of a document: written with its taxes, and turned into the journal lines that they post."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from bigledger import money
from bigledger.access.principal import Principal
from bigledger.tenants.context import current_tenant
from invoicing.models import Invoice, InvoiceLine, Product, TaxKind, TaxRate
from invoicing.models.documents import DocumentLine, DocumentTax
from invoicing.services.pricing import Priced
from invoicing.totals import ZERO
from ledger.models import Account, AccountPurpose
from ledger.services.accounts import ensure_purpose_account


class TaxPart(NamedTuple):
    """A tax of a document, and the account that it goes to instead of Sales Tax Payable."""

    name: str
    amount: Decimal
    account_id: uuid.UUID | None


def write_lines(line: type[DocumentLine], tax: type[DocumentTax], priced: Priced, **document: Any) -> None:
    """Writes the lines and taxes of a document (`invoice=…`)."""
    line._default_manager.bulk_create(
        line(position=position, **columns, **document) for position, columns in enumerate(priced.columns, start=1)
    )
    tax._default_manager.bulk_create(
        tax(
            position=position,
            name=total.tax.name,
            rate=total.tax.rate,
            kind=total.tax.treatment.kind,
            reason=total.tax.treatment.reason,
            authority=total.tax.treatment.authority,
            account_id=total.tax.treatment.account_id,
            taxable_amount=total.taxable_amount,
            amount=total.amount,
            **document,
        )
        for position, total in enumerate(priced.totals.taxes, start=1)
    )


def given_lines(invoice: Invoice) -> list[dict[str, Any]]:
    """The lines of a draft as a request would give them: `DocumentLineInput`."""
    return [
        {
            "product_id": Product.public_id_of(line.product_id),
            "description": line.description,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "revenue_account_id": Account.public_id_of(line.revenue_account_id),
            "is_charge": line.is_charge,
            "discount_percentage": line.discount_percentage,
            "discount_amount": None if line.discount_percentage else line.discount_amount,
            **_given_tax(line),
        }
        for line in InvoiceLine.objects.filter(invoice=invoice).order_by("position")
    ]


def _given_tax(line: DocumentLine) -> dict[str, Any]:
    """Nothing for a line without any tax, which is not the same as one at 0 %."""
    if line.tax_rate_named_id:
        return {"tax_rate_id": TaxRate.public_id_of(line.tax_rate_named_id)}
    return {} if line.tax_kind == TaxKind.OUT_OF_SCOPE else {"tax_rate": line.tax_rate}


def revenue_and_tax(
    lines: Sequence[DocumentLine], taxes: Iterable[TaxPart], currency: str, *, acting: Principal
) -> list[tuple[str, Decimal, str]]:
    """The revenue and the taxes of a document in any currency, each by its account in base, as (account, amount,
    description)."""
    base = current_tenant().base_currency
    net: dict[uuid.UUID, Decimal] = {}
    for line in lines:
        account_id = (
            line.revenue_account_id or ensure_purpose_account(AccountPurpose.SALES_REVENUE, base, acting=acting).id
        )
        net[account_id] = net.get(account_id, ZERO) + line.total - line.tax_amount
    found = [(Account.public_id_of(account_id), amount, "Revenue") for account_id, amount in net.items()]
    found += tax_by_account(taxes, acting=acting)
    return [
        (account, money.to_currency(amount, currency), description) for account, amount, description in found if amount
    ]


def tax_by_account(taxes: Iterable[TaxPart], *, acting: Principal) -> list[tuple[str, Decimal, str]]:
    """Taxes by the account that each is posted to, as (account, amount, description)."""
    base = current_tenant().base_currency
    found: dict[uuid.UUID, tuple[Decimal, str]] = {}
    for name, amount, account_id in taxes:
        if amount:
            text = name if account_id else "Sales tax"
            account_id = account_id or ensure_purpose_account(AccountPurpose.SALES_TAX_PAYABLE, base, acting=acting).id
            before, first = found.get(account_id, (ZERO, text))
            found[account_id] = before + amount, first if first == text else "Sales tax"
    return [(Account.public_id_of(account_id), amount, text) for account_id, (amount, text) in found.items()]


def tax_parts(priced: Priced) -> list[TaxPart]:
    return [TaxPart(each.tax.name, each.amount, each.tax.treatment.account_id) for each in priced.totals.taxes]


def kept_tax_parts(rows: Iterable[DocumentTax]) -> list[TaxPart]:
    return [TaxPart(row.name, row.amount, row.account_id) for row in rows]
