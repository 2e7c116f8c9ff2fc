"""The totals of a document: pure functions from lines to totals, the same for every kind of document.

A line: subtotal = quantity times price, less its discount, less its share of the document's discount; the tax comes on
top or, where prices include tax, is a part of that. Each amount is rounded half up to the currency's digits where it
arises. How taxes are rounded: `invoicing/taxing.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from bigledger import money
from invoicing.rounding import PRECISION, spread
from invoicing.taxing import Tax, TaxTotal, tax_lines

ZERO = Decimal(0)
MAX_RATE = Decimal(10)  # of all components together: 1000 %


@dataclass(frozen=True, slots=True)
class Line:
    """`discount_percentage` is 0 to 100; `discount_amount` takes its place. A charge (freight) has no share in the
    discount of the document."""

    quantity: Decimal
    unit_price: Decimal
    discount_percentage: Decimal = ZERO
    taxes: tuple[Tax, ...] = ()
    discount_amount: Decimal | None = None
    is_charge: bool = False


@dataclass(frozen=True, slots=True)
class LineTotals:
    """`document_discount` is the line's share of the discount on the document, `taxes` what `tax_amount` is of."""

    subtotal: Decimal
    discount_amount: Decimal
    tax_amount: Decimal
    total: Decimal
    document_discount: Decimal = ZERO
    taxes: tuple[TaxTotal, ...] = ()

    @property
    def net(self) -> Decimal:
        """The revenue: after discounts, without tax."""
        return self.total - self.tax_amount


@dataclass(frozen=True, slots=True)
class Discount:
    """On the whole document: a percentage, 0 to 100, or an amount."""

    percentage: Decimal = ZERO
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """`discount_total` is that of the lines and of the document together."""

    lines: list[LineTotals]
    taxes: list[TaxTotal]
    subtotal: Decimal
    discount_total: Decimal
    tax_total: Decimal
    total: Decimal


def effective_rate(taxes: Sequence[Tax]) -> Decimal:
    """All components as one rate: 5 % and a compound 10 % are 0.155."""
    with localcontext(prec=PRECISION):
        rate = ZERO
        for tax in taxes:
            rate += tax.rate * (1 + rate) if tax.is_compound else tax.rate
        return rate


def compute(
    lines: Sequence[Line],
    *,
    currency: str,
    per_document: bool = True,
    price_includes_tax: bool = False,
    discount: Discount | None = None,
) -> Totals:
    """The totals of a document in `currency`. `per_document` rounds each tax once for the whole, else it is rounded in
    each line."""
    with localcontext(prec=PRECISION):
        subtotals = [subtotal_of(line.quantity, line.unit_price, currency) for line in lines]
        discounts = [_discount(line, subtotal, currency) for line, subtotal in zip(lines, subtotals, strict=True)]
        left = [subtotal - less for subtotal, less in zip(subtotals, discounts, strict=True)]
        shares = _shares(lines, left, discount or Discount(), currency)
        amounts = [amount - share for amount, share in zip(left, shares, strict=True)]
        line_taxes, taxes = tax_lines(
            [(amount, line.taxes) for amount, line in zip(amounts, lines, strict=True)],
            currency,
            per_document=per_document,
            is_included=price_includes_tax,
        )
        zero = money.to_currency(ZERO, currency)
        computed = []
        for subtotal, less, share, amount, of_line in zip(
            subtotals, discounts, shares, amounts, line_taxes, strict=True
        ):
            tax = sum((each.amount for each in of_line), zero)
            total = amount if price_includes_tax else amount + tax
            computed.append(LineTotals(subtotal, less, tax, total, share, of_line))
        return Totals(
            lines=computed,
            taxes=taxes,
            subtotal=sum(subtotals, zero),
            discount_total=sum(discounts, zero) + sum(shares, zero),
            tax_total=sum((line.tax_amount for line in computed), zero),
            total=sum((line.total for line in computed), zero),
        )


def discountable(lines: Sequence[Line], currency: str) -> Decimal:
    """What a discount on the whole document is taken of: the lines after their own discounts, without charges."""
    with localcontext(prec=PRECISION):
        sum_ = money.to_currency(ZERO, currency)
        for line in lines:
            if not line.is_charge:
                subtotal = subtotal_of(line.quantity, line.unit_price, currency)
                sum_ += subtotal - _discount(line, subtotal, currency)
        return sum_


def subtotal_of(quantity: Decimal, unit_price: Decimal, currency: str) -> Decimal:
    with localcontext(prec=PRECISION):
        return money.to_currency(quantity * unit_price, currency)


def percent_of(amount: Decimal, percentage: Decimal, currency: str) -> Decimal:
    """`percentage` is 0 to 100."""
    with localcontext(prec=PRECISION):
        return money.to_currency(amount * percentage / 100, currency)


def _discount(line: Line, subtotal: Decimal, currency: str) -> Decimal:
    if line.discount_amount is not None:
        return money.to_currency(line.discount_amount, currency)
    return percent_of(subtotal, line.discount_percentage, currency)


def _shares(lines: Sequence[Line], left: Sequence[Decimal], discount: Discount, currency: str) -> list[Decimal]:
    """The discount of the document, rounded once, in proportion to what its lines come to."""
    bases = [ZERO if line.is_charge else amount for line, amount in zip(lines, left, strict=True)]
    base = sum(bases, ZERO)
    if discount.amount is None:
        total = percent_of(base, discount.percentage, currency)
    else:
        total = money.to_currency(discount.amount, currency)
    if base <= 0 or not total:
        return [money.to_currency(ZERO, currency)] * len(lines)
    return spread([total * amount / base for amount in bases], total, currency)
