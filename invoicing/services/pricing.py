"""From the lines of a request to priced lines and totals."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bigledger import money
from bigledger.errors import Detail, ValidationFailed
from bigledger.tenants.context import current_tenant
from invoicing.bodies import DocumentTaxBody, TaxCalculationBody, TaxCalculationLineBody
from invoicing.models import TaxRounding
from invoicing.models.documents import MAX_LINES
from invoicing.selectors.catalogue import sales_settings
from invoicing.services.line_pricing import References, discount_of, priced_line
from invoicing.services.stored_taxes import stored_taxes
from invoicing.taxing import TaxTotal
from invoicing.totals import ZERO, Discount, Totals, compute, discountable

# What a document says of its prices beside its lines.
CONDITIONS = ("price_includes_tax", "discount_percentage", "discount_amount")


@dataclass(frozen=True, slots=True)
class Priced:
    """`columns` are those of a `DocumentLine`, one set per line, `totals` the amounts of the whole, which the
    `discount_percentage` is on."""

    columns: list[dict[str, Any]]
    totals: Totals
    price_includes_tax: bool = False
    discount_percentage: Decimal = ZERO

    @property
    def document_columns(self) -> dict[str, Any]:
        names = ("subtotal", "discount_total", "tax_total", "total")
        zero = self.totals.total * 0
        return {
            "price_includes_tax": self.price_includes_tax,
            "discount_percentage": self.discount_percentage,
            "discount_amount": sum((line.document_discount for line in self.totals.lines), zero),
            **{name: getattr(self.totals, name) for name in names},
        }


def price(
    lines: Sequence[Mapping[str, Any]],
    currency: str,
    conditions: Mapping[str, Any] | None = None,
    positions: Sequence[int] | None = None,
) -> Priced:
    """Prices the lines of `DocumentLineInput`. What a line leaves out comes from its product. `conditions` are those of
    `PricesInput`; `positions` are where the lines stand in the request, if not one after the other.

    Raises ValidationFailed and ResourceNotFound with every fault at once.
    """
    if not 1 <= len(lines) <= MAX_LINES:
        raise ValidationFailed.at(
            "lines", f"A document has from 1 to {MAX_LINES} lines.", "too_many" if lines else "too_few"
        )
    conditions = conditions or {}
    positions = positions or range(len(lines))
    rows = References(lines, positions)
    faults: list[Detail] = []
    priced = [
        priced_line(line, f"lines[{n}]", currency, rows, faults) for n, line in zip(positions, lines, strict=True)
    ]
    if faults:
        raise ValidationFailed(details=faults)
    given = [line for line, _ in priced]
    percentage, amount = discount_of(conditions, "", currency, discountable(given, currency), faults)
    if faults:
        raise ValidationFailed(details=faults)
    includes_tax = conditions.get("price_includes_tax", False)
    totals = compute(
        given,
        currency=currency,
        per_document=sales_settings().tax_rounding == TaxRounding.DOCUMENT,
        price_includes_tax=includes_tax,
        discount=Discount(percentage, amount),
    )
    _check_size(totals)
    columns = [
        {**line_columns, **amounts_of(amounts)} for (_, line_columns), amounts in zip(priced, totals.lines, strict=True)
    ]
    return Priced(columns, totals, includes_tax, percentage)


def amounts_of(line: Any) -> dict[str, Any]:
    """The columns of a line that are computed, from its `LineTotals`."""
    names = ("subtotal", "discount_amount", "document_discount", "tax_amount", "total")
    return {name: getattr(line, name) for name in names} | {"taxes": stored_taxes(line.taxes)}


def _check_size(totals: Totals) -> None:
    gross = sum((abs(line.subtotal) for line in totals.lines), ZERO)
    if gross >= money.MAX_AMOUNT or abs(totals.total) + abs(totals.tax_total) >= money.MAX_AMOUNT:
        raise ValidationFailed.at("lines", f"The total has more than {money.MAX_INTEGER_DIGITS} digits.", "too_large")
    if totals.total < 0:
        raise ValidationFailed.at("lines", "The total must not be negative.", "too_small")


def references_of(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, uuid.UUID | None]]:
    """The keys of what each line itself names, without what its product adds. Raises ResourceNotFound."""
    rows = References(lines, range(len(lines)))

    def key(found: Mapping[str, Any], reference: str | None) -> uuid.UUID | None:
        return found[reference].id if reference else None

    return [
        {
            "product_id": key(rows.products, line.get("product_id")),
            "tax_rate_named_id": key(rows.rates, line.get("tax_rate_id")),
            "revenue_account_id": key(rows.accounts, line.get("revenue_account_id")),
        }
        for line in lines
    ]


def calculate_taxes(
    *, lines: Sequence[Mapping[str, Any]], currency: str | None = None, **conditions: Any
) -> TaxCalculationBody:
    """The totals that an invoice with these lines would have; nothing is stored."""
    currency = currency or current_tenant().base_currency
    totals = price(lines, currency, conditions).totals
    return TaxCalculationBody(
        currency=currency,
        lines=[
            TaxCalculationLineBody(
                line.subtotal, line.discount_amount, line.document_discount, line.tax_amount, line.total
            )
            for line in totals.lines
        ],
        taxes=[_tax_body(total) for total in totals.taxes],
        subtotal=totals.subtotal,
        discount_total=totals.discount_total,
        tax_total=totals.tax_total,
        total=totals.total,
    )


def _tax_body(total: TaxTotal) -> DocumentTaxBody:
    treatment = total.tax.treatment
    return DocumentTaxBody(
        total.tax.name,
        total.tax.rate,
        treatment.kind,
        treatment.reason,
        treatment.authority,
        total.taxable_amount,
        total.amount,
    )
