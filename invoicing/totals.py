"""The totals of a document: pure functions from lines to totals, the same for every kind of document.

A line: subtotal = quantity times price, less the discount, plus tax; each amount rounded half up to the
currency's digits where it arises. Taxes are rounded per line, or per document: then the running sum of each
tax is rounded and a line gets the step it makes, so that the lines still add up to the total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from bigledger import money

ZERO = Decimal(0)
# Quantities of 15 digits times prices of 19 times rates of 9: exact before it is rounded.
_PRECISION = 60


@dataclass(frozen=True, slots=True)
class Tax:
    """One component of a tax; `rate` 0.08 is 8 %. A compound one is taken on the earlier ones as well."""

    name: str
    rate: Decimal
    is_compound: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """`discount_percentage` is 0 to 100."""

    quantity: Decimal
    unit_price: Decimal
    discount_percentage: Decimal = ZERO
    taxes: tuple[Tax, ...] = ()


@dataclass(frozen=True, slots=True)
class LineTotals:
    subtotal: Decimal
    discount_amount: Decimal
    tax_amount: Decimal
    total: Decimal

    @property
    def net(self) -> Decimal:
        """The revenue: after the discount, before tax."""
        return self.subtotal - self.discount_amount


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """The tax of the document by one component, with the taxable amount (if compound, including earlier taxes)."""

    tax: Tax
    taxable_amount: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    lines: list[LineTotals]
    taxes: list[TaxTotal]
    subtotal: Decimal
    discount_total: Decimal
    tax_total: Decimal
    total: Decimal


MAX_RATE = Decimal(10)  # of all components together: 1000 %


def effective_rate(taxes: Sequence[Tax]) -> Decimal:
    """All components as one rate: 5 % and a compound 10 % are 0.155."""
    with localcontext(prec=_PRECISION):
        rate = ZERO
        for tax in taxes:
            rate += tax.rate * (1 + rate) if tax.is_compound else tax.rate
        return rate


def compute(lines: Sequence[Line], *, currency: str, per_document: bool = False) -> Totals:
    """The totals of a document in `currency`; `per_document` rounds each tax once for the whole."""
    with localcontext(prec=_PRECISION):
        taxes = _Taxes(currency, per_document=per_document)
        computed = []
        for line in lines:
            subtotal = money.to_currency(line.quantity * line.unit_price, currency)
            discount = money.to_currency(subtotal * line.discount_percentage / 100, currency)
            tax = taxes.take(subtotal - discount, line.taxes)
            computed.append(LineTotals(subtotal, discount, tax, subtotal - discount + tax))
        zero = money.to_currency(ZERO, currency)
        return Totals(
            lines=computed,
            taxes=taxes.totals(),
            subtotal=sum((line.subtotal for line in computed), zero),
            discount_total=sum((line.discount_amount for line in computed), zero),
            tax_total=sum((line.tax_amount for line in computed), zero),
            total=sum((line.total for line in computed), zero),
        )


class _Taxes:
    """The running sums of each tax over the lines of a document."""

    def __init__(self, currency: str, *, per_document: bool) -> None:
        self._currency = currency
        self._per_document = per_document
        self._exact: dict[Tax, Decimal] = {}
        self._rounded: dict[Tax, Decimal] = {}
        self._taxable: dict[Tax, Decimal] = {}

    def take(self, net: Decimal, taxes: Sequence[Tax]) -> Decimal:
        """The tax of one line."""
        zero = money.to_currency(ZERO, self._currency)
        below, line_tax = ZERO, zero
        for tax in taxes:
            taxable = net + below if tax.is_compound else net
            amount = taxable * tax.rate
            if not self._per_document:
                amount = money.to_currency(amount, self._currency)
            below += amount
            before = self._rounded.get(tax, zero)
            self._exact[tax] = self._exact.get(tax, ZERO) + amount
            self._taxable[tax] = self._taxable.get(tax, ZERO) + taxable
            self._rounded[tax] = money.to_currency(self._exact[tax], self._currency)
            line_tax += self._rounded[tax] - before
        return line_tax

    def totals(self) -> list[TaxTotal]:
        return [
            TaxTotal(tax, money.to_currency(self._taxable[tax], self._currency), rounded)
            for tax, rounded in self._rounded.items()
        ]
