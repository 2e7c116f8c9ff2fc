"""From the lines of a request to priced lines and totals."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bigledger import money
from bigledger.errors import Detail, ResourceNotFound, ValidationFailed
from bigledger.tenants.context import current_tenant
from invoicing.bodies import DocumentTaxBody, TaxCalculationBody, TaxCalculationLineBody
from invoicing.models import Product, TaxKind, TaxRate, TaxRounding
from invoicing.models.documents import MAX_LINES
from invoicing.selectors.catalogue import plain, sales_settings, taxes_of
from invoicing.services.lookup import all_named
from invoicing.services.stored_taxes import stored_taxes
from invoicing.tax_treatment import ORDINARY, ZERO_RATE
from invoicing.taxing import Tax, TaxTotal
from invoicing.totals import MAX_RATE, ZERO, Line, Totals, compute, effective_rate
from ledger.models import Account, AccountType


@dataclass(frozen=True, slots=True)
class Priced:
    """`columns` are those of a `DocumentLine`, one set per line, `totals` the amounts of the whole."""

    columns: list[dict[str, Any]]
    totals: Totals

    @property
    def document_columns(self) -> dict[str, Decimal]:
        names = ("subtotal", "discount_total", "tax_total", "total")
        return {name: getattr(self.totals, name) for name in names}


class _References:
    """What the lines refer to, read in one query per kind."""

    def __init__(self, lines: Sequence[Mapping[str, Any]], positions: Sequence[int]) -> None:
        missing: list[Detail] = []

        def wanted(name: str) -> list[tuple[str, str | None]]:
            return [(f"lines[{n}].{name}", line.get(name)) for n, line in zip(positions, lines, strict=True)]

        self.products = all_named(
            Product.objects.select_related("revenue_account", "tax_rate"), wanted("product_id"), missing
        )
        self.rates = all_named(TaxRate.objects.all(), wanted("tax_rate_id"), missing)
        self.accounts = all_named(Account.objects.all(), wanted("revenue_account_id"), missing)
        if missing:
            raise ResourceNotFound("A resource that the request names does not exist", missing)
        rate_ids: list[uuid.UUID] = [rate.id for rate in self.rates.values()]
        rate_ids += [product.tax_rate_id for product in self.products.values() if product.tax_rate_id]
        self.taxes = taxes_of(rate_ids)
        posted_to = {tax.treatment.account_id for taxes in self.taxes.values() for tax in taxes} - {None}
        self.tax_accounts = Account.objects.in_bulk(posted_to) if posted_to else {}


def price(lines: Sequence[Mapping[str, Any]], currency: str, positions: Sequence[int] | None = None) -> Priced:
    """Prices the lines of `DocumentLineInput`. What a line leaves out comes from its product. `positions` are where the
    lines stand in the request, if not one after the other.

    Raises ValidationFailed and ResourceNotFound with every fault at once.
    """
    if not 1 <= len(lines) <= MAX_LINES:
        raise ValidationFailed.at(
            "lines", f"A document has from 1 to {MAX_LINES} lines.", "too_many" if lines else "too_few"
        )
    positions = positions or range(len(lines))
    rows = _References(lines, positions)
    faults: list[Detail] = []
    priced = [_line(line, f"lines[{n}]", currency, rows, faults) for n, line in zip(positions, lines, strict=True)]
    if faults:
        raise ValidationFailed(details=faults)
    per_document = sales_settings().tax_rounding == TaxRounding.DOCUMENT
    totals = compute([line for line, _ in priced], currency=currency, per_document=per_document)
    if totals.subtotal >= money.MAX_AMOUNT or totals.total >= money.MAX_AMOUNT:
        raise ValidationFailed.at("lines", f"The total has more than {money.MAX_INTEGER_DIGITS} digits.", "too_large")
    columns = [
        {
            **line_columns,
            "subtotal": amounts.subtotal,
            "discount_amount": amounts.discount_amount,
            "tax_amount": amounts.tax_amount,
            "total": amounts.total,
            "taxes": stored_taxes(amounts.taxes),
        }
        for (_, line_columns), amounts in zip(priced, totals.lines, strict=True)
    ]
    return Priced(columns, totals)


def references_of(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, uuid.UUID | None]]:
    """The keys of what each line itself names, without what its product adds. Raises ResourceNotFound."""
    rows = _References(lines, range(len(lines)))

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


def _line(
    given: Mapping[str, Any], path: str, currency: str, rows: _References, faults: list[Detail]
) -> tuple[Line, dict[str, Any]]:
    product: Product | None = rows.products.get(given.get("product_id") or "")
    description = given.get("description") or (product.description or product.name if product else "")
    if not description:
        faults.append(
            Detail("A line without a product needs a description.", field=f"{path}.description", code="required")
        )
    unit_price = given.get("unit_price")
    if unit_price is None and product and product.currency == currency:
        unit_price = money.to_currency(product.unit_price, currency)
    if unit_price is None:
        faults.append(Detail(f"A line needs a price in {currency}.", field=f"{path}.unit_price", code="required"))
        unit_price = ZERO
    elif money.has_excess_digits(unit_price, currency):
        faults.append(Detail(money.excess_digits_message(currency), field=f"{path}.unit_price", code="too_many_digits"))
    rate_id, taxes = _taxes(given, path, product, rows, faults)
    for tax in taxes:
        posted_to = rows.tax_accounts.get(tax.treatment.account_id)
        if posted_to and posted_to.currency != currency:
            message = f"{tax.name} goes to {posted_to.code}, which is not in {currency}; give the line another tax."
            faults.append(Detail(message, field=f"{path}.tax_rate_id", code="wrong_currency"))
    account = rows.accounts.get(given.get("revenue_account_id") or "")
    if account and account.type != AccountType.REVENUE:
        faults.append(
            Detail(f"{account.code} is not a revenue account.", field=f"{path}.revenue_account_id", code="wrong_kind")
        )
    if account and account.currency != currency:
        faults.append(
            Detail(f"{account.code} is not in {currency}.", field=f"{path}.revenue_account_id", code="wrong_currency")
        )
    if account is None and product and product.revenue_account:
        account = product.revenue_account
        if account.currency != currency:
            message = f"{product.sku} is booked to {account.code}, which is not in {currency}; name another."
            faults.append(Detail(message, field=f"{path}.product_id", code="wrong_currency"))
    if account and not account.is_active:
        faults.append(
            Detail(f"Account {account.code} is inactive.", field=f"{path}.revenue_account_id", code="inactive")
        )
    if product and not product.is_active:
        faults.append(Detail(f"{product.name} is inactive.", field=f"{path}.product_id", code="inactive"))
    rate = effective_rate(taxes)
    if rate > MAX_RATE:
        faults.append(
            Detail(f"The tax is more than {MAX_RATE * 100} %.", field=f"{path}.tax_rate_id", code="too_large")
        )
    line = Line(given["quantity"], unit_price, given.get("discount_percentage", ZERO), taxes)
    return line, {
        "product_id": product.id if product else None,
        "description": description,
        "quantity": line.quantity,
        "unit_price": unit_price,
        "discount_percentage": line.discount_percentage,
        "tax_rate": rate,
        "tax_rate_named_id": rate_id,
        "tax_kind": taxes[0].treatment.kind if taxes else TaxKind.OUT_OF_SCOPE,
        "revenue_account_id": account.id if account else None,
    }


def _taxes(
    given: Mapping[str, Any], path: str, product: Product | None, rows: _References, faults: list[Detail]
) -> tuple[uuid.UUID | None, tuple[Tax, ...]]:
    """The line's own rate, else its named tax, else its product's."""
    rate, reference = given.get("tax_rate"), given.get("tax_rate_id")
    if rate is not None and reference:
        faults.append(Detail("Give either tax_rate or tax_rate_id.", field=f"{path}.tax_rate", code="incompatible"))
    if rate is not None:
        return None, (Tax(f"Tax {plain(rate * 100)} %", plain(rate), treatment=ORDINARY if rate else ZERO_RATE),)
    if reference:
        named: TaxRate = rows.rates[reference]
        if not named.is_active:
            faults.append(Detail(f"{named.name} is inactive.", field=f"{path}.tax_rate_id", code="inactive"))
        return named.id, rows.taxes[named.id]
    if product and product.tax_rate:
        if not product.tax_rate.is_active:
            message = f"{product.tax_rate.name}, the tax of {product.name}, is inactive; give the line another."
            faults.append(Detail(message, field=f"{path}.tax_rate_id", code="inactive"))
        return product.tax_rate.id, rows.taxes[product.tax_rate.id]
    return None, ()


def calculate_taxes(*, lines: Sequence[Mapping[str, Any]], currency: str | None = None) -> TaxCalculationBody:
    """The totals that an invoice with these lines would have; nothing is stored."""
    currency = currency or current_tenant().base_currency
    totals = price(lines, currency).totals
    return TaxCalculationBody(
        currency=currency,
        lines=[
            TaxCalculationLineBody(line.subtotal, line.discount_amount, line.tax_amount, line.total)
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
