"""The taxes of a document, line by line and in all.

Rounded per document, as EN 16931 (BR-CO-17) has it, a tax is its rate times the net of its lines, rounded once; the
lines get what they would have by themselves, and the difference goes to those that were rounded down most
(`spread`), so that they add up to it. Rounded per line, a tax is the sum of its rounded lines.

A compound tax is taken on the net and the taxes before it, as they were rounded. It is a tax of its own for each number
of taxes before it, so that what it is taken on is always known.

Where prices include tax, a tax is the part of the amount that it would have put on top; the net is what is left. There
are amounts to which no net and rounded tax add up (0.03 at 20 %), so the tax may be up to (1 + rate) half units from
rate times net.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bigledger import money
from invoicing.rounding import spread
from invoicing.tax_treatment import ORDINARY, Treatment

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tax:
    """One component of a tax; `rate` 0.08 is 8 %. A compound one is taken on the earlier ones as well."""

    name: str
    rate: Decimal
    is_compound: bool = False
    treatment: Treatment = ORDINARY


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """The tax of the document by one component, with the taxable amount (if compound, including earlier taxes)."""

    tax: Tax
    taxable_amount: Decimal
    amount: Decimal


@dataclass(slots=True)
class _Part:
    """The tax of a line by one component. `depth` is how many taxes it is taken on."""

    line: int
    position: int
    tax: Tax
    depth: int
    base: Decimal = ZERO
    amount: Decimal = ZERO


def tax_lines(
    lines: Sequence[tuple[Decimal, Sequence[Tax]]], currency: str, *, per_document: bool, is_included: bool
) -> tuple[list[tuple[TaxTotal, ...]], list[TaxTotal]]:
    """The taxes of each line, given with its amount (that includes tax or not), and those of the document."""
    parts = [
        [_Part(line, n, tax, n if tax.is_compound else 0) for n, tax in enumerate(taxes)]
        for line, (_, taxes) in enumerate(lines)
    ]
    groups: dict[tuple[int, Tax], list[_Part]] = {}
    for of_line in parts:
        for part in of_line:
            groups.setdefault((part.depth, part.tax), []).append(part)
    amounts = [amount for amount, _ in lines]
    if is_included:
        _take_out(groups, parts, amounts, currency, per_document=per_document)
    else:
        _put_on(groups, parts, amounts, currency, per_document=per_document)
    zero = money.to_currency(ZERO, currency)
    line_taxes = [tuple(TaxTotal(part.tax, part.base, part.amount) for part in of_line) for of_line in parts]
    totals = [
        TaxTotal(tax, sum((part.base for part in group), zero), sum((part.amount for part in group), zero))
        for (_, tax), group in groups.items()
    ]
    return line_taxes, totals


def _put_on(
    groups: dict[tuple[int, Tax], list[_Part]],
    parts: list[list[_Part]],
    nets: Sequence[Decimal],
    currency: str,
    *,
    per_document: bool,
) -> None:
    """Taxes on top of net amounts, those that others are taken on first."""
    for (_, tax), group in sorted(groups.items(), key=lambda item: item[0][0]):
        _set_bases(group, parts, nets)
        exact = [part.base * tax.rate for part in group]
        total = money.to_currency(sum(exact, ZERO), currency) if per_document else None
        _set_amounts(group, exact, total, currency)


def _take_out(
    groups: dict[tuple[int, Tax], list[_Part]],
    parts: list[list[_Part]],
    gross: Sequence[Decimal],
    currency: str,
    *,
    per_document: bool,
) -> None:
    """Taxes out of amounts that include them. Exact as fractions, so that halves are seen as such."""
    factors = [_factors([part.tax for part in of_line]) for of_line in parts]
    for group in groups.values():
        exact = [Fraction(gross[part.line]) * factors[part.line][part.position] for part in group]
        total = money.to_currency(_decimal(sum(exact, Fraction())), currency) if per_document else None
        _set_amounts(group, [_decimal(amount) for amount in exact], total, currency)
    taxes = [sum((part.amount for part in of_line), ZERO) for of_line in parts]
    nets = [amount - tax for amount, tax in zip(gross, taxes, strict=True)]
    for group in groups.values():
        _set_bases(group, parts, nets)


def _set_bases(group: list[_Part], parts: list[list[_Part]], nets: Sequence[Decimal]) -> None:
    for part in group:
        before = parts[part.line][: part.depth]
        part.base = nets[part.line] + sum((each.amount for each in before), ZERO)


def _set_amounts(group: list[_Part], exact: Sequence[Decimal], total: Decimal | None, currency: str) -> None:
    """Rounded each by itself, or so that they come to `total`."""
    if total is None:
        rounded = [money.to_currency(amount, currency) for amount in exact]
    else:
        rounded = spread(exact, total, currency)
    for part, amount in zip(group, rounded, strict=True):
        part.amount = amount


def _factors(taxes: Sequence[Tax]) -> list[Fraction]:
    """What part of an amount that includes them each of the taxes is: of 120.00 with 20 %, a sixth."""
    found: list[Fraction] = []
    sum_ = Fraction()
    for tax in taxes:
        found.append(Fraction(tax.rate) * (1 + sum_ if tax.is_compound else 1))
        sum_ += found[-1]
    return [factor / (1 + sum_) for factor in found]


def _decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / Decimal(exact.denominator)
