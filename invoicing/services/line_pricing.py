"""A line of a request with what it leaves out: its product's price, tax and account."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bigledger import money
from bigledger.errors import Detail, ResourceNotFound
from bigledger.tenants.context import current_tenant
from invoicing.models import Product, TaxKind, TaxRate
from invoicing.selectors.catalogue import plain, taxes_of
from invoicing.services.lookup import all_named
from invoicing.tax_treatment import ORDINARY, ZERO_RATE
from invoicing.taxing import Tax
from invoicing.totals import MAX_RATE, ZERO, Line, effective_rate, percent_of, subtotal_of
from ledger.models import Account, AccountType


class References:
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


def priced_line(
    given: Mapping[str, Any], path: str, currency: str, rows: References, faults: list[Detail]
) -> tuple[Line, dict[str, Any]]:
    """The line for the arithmetic and the columns that it is kept in; its faults are added to `faults`."""
    product: Product | None = rows.products.get(given.get("product_id") or "")
    description = given.get("description") or (product.description or product.name if product else "")
    if not description:
        faults.append(
            Detail("A line without a product needs a description.", field=f"{path}.description", code="required")
        )
    if product and not product.is_active:
        faults.append(Detail(f"{product.name} is inactive.", field=f"{path}.product_id", code="inactive"))
    unit_price = given.get("unit_price")
    if unit_price is None and product and product.currency == currency:
        unit_price = product.unit_price
    if unit_price is None:
        faults.append(Detail(f"A line needs a price in {currency}.", field=f"{path}.unit_price", code="required"))
        unit_price = ZERO
    account = _account(given, path, currency, product, rows, faults)
    rate_id, taxes = _taxes(given, path, product, rows, faults)
    for tax in taxes:
        posted_to = rows.tax_accounts.get(tax.treatment.account_id)
        if posted_to and posted_to.currency not in (currency, current_tenant().base_currency):
            message = f"{tax.name} goes to {posted_to.code}, which is not in {currency}; give the line another tax."
            faults.append(Detail(message, field=f"{path}.tax_rate_id", code="wrong_currency"))
    rate = effective_rate(taxes)
    if rate > MAX_RATE:
        faults.append(
            Detail(f"The tax is more than {MAX_RATE * 100} %.", field=f"{path}.tax_rate_id", code="too_large")
        )
    subtotal = subtotal_of(given["quantity"], unit_price, currency)
    if abs(subtotal) >= money.MAX_AMOUNT:
        message = f"The amount has more than {money.MAX_INTEGER_DIGITS} digits."
        faults.append(Detail(message, field=f"{path}.unit_price", code="too_large"))
    percentage, amount = discount_of(given, f"{path}.", currency, subtotal, faults)
    line = Line(given["quantity"], unit_price, percentage, taxes, amount, given.get("is_charge", False))
    return line, {
        "product_id": product.id if product else None,
        "description": description,
        "quantity": line.quantity,
        "unit_price": unit_price,
        "discount_percentage": line.discount_percentage,
        "is_charge": line.is_charge,
        "tax_rate": rate,
        "tax_rate_named_id": rate_id,
        "tax_kind": taxes[0].treatment.kind if taxes else TaxKind.OUT_OF_SCOPE,
        "revenue_account_id": account.id if account else None,
    }


def discount_of(
    given: Mapping[str, Any], path: str, currency: str, base: Decimal, faults: list[Detail]
) -> tuple[Decimal, Decimal | None]:
    """The percentage, or 0 and the amount. Both may be given if they say the same, as an object that was read does."""
    percentage, amount = given.get("discount_percentage") or ZERO, given.get("discount_amount")
    if not amount:
        return percentage, None
    field = f"{path}discount_amount"
    if money.has_excess_digits(amount, currency) and amount != money.to_currency(amount, currency):
        faults.append(Detail(money.excess_digits_message(currency), field=field, code="too_many_digits"))
    elif percentage and amount != percent_of(base, percentage, currency):
        message = "Give either discount_percentage or discount_amount."
        faults.append(Detail(message, field=field, code="incompatible"))
    elif not percentage and not 0 <= amount <= base:
        message = f"Must be from 0 to what it is taken of, {money.to_currency(max(base, ZERO), currency)} {currency}."
        faults.append(Detail(message, field=field, code="out_of_range"))
    return percentage, None if percentage else amount


def _account(
    given: Mapping[str, Any], path: str, currency: str, product: Product | None, rows: References, faults: list[Detail]
) -> Account | None:
    """The line's own revenue account, else its product's; None is the one for all sales."""
    account: Account | None = rows.accounts.get(given.get("revenue_account_id") or "")
    field = f"{path}.revenue_account_id"
    if account and account.type != AccountType.REVENUE:
        faults.append(Detail(f"{account.code} is not a revenue account.", field=field, code="wrong_kind"))
    if account and account.currency not in (currency, current_tenant().base_currency):
        faults.append(Detail(f"{account.code} is not in {currency}.", field=field, code="wrong_currency"))
    if account is None and product and product.revenue_account:
        account = product.revenue_account
        if account.currency not in (currency, current_tenant().base_currency):
            message = f"{product.sku} is booked to {account.code}, which is not in {currency}; name another."
            faults.append(Detail(message, field=f"{path}.product_id", code="wrong_currency"))
    if account and not account.is_active:
        faults.append(Detail(f"Account {account.code} is inactive.", field=field, code="inactive"))
    return account


def _taxes(
    given: Mapping[str, Any], path: str, product: Product | None, rows: References, faults: list[Detail]
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
