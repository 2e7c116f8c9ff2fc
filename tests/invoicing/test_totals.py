"""The arithmetic of documents: worked examples, and what holds for any lines."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bigledger import money
from invoicing.rounding import spread
from invoicing.taxing import Tax
from invoicing.totals import Line, Totals, compute, effective_rate

D = Decimal


def decimals(least: str, most: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(D(least), D(most), places=places, allow_nan=False)


taxes = st.lists(
    st.builds(Tax, st.sampled_from(["GST", "QST", "VAT"]), decimals("0", "1", 6), st.booleans()), max_size=3
).map(tuple)
currencies = st.sampled_from(["USD", "JPY", "BHD", "UYW"])


@st.composite
def documents(draw: st.DrawFn) -> tuple[list[Line], str]:
    currency = draw(currencies)
    price = decimals("0", "999999999", money.decimal_places(currency))
    line = st.builds(Line, decimals("0.000001", "999999", 6), price, decimals("0", "100", 4), taxes)
    return draw(st.lists(line, min_size=1, max_size=12)), currency


def assert_adds_up(totals: Totals, currency: str) -> None:
    assert totals.total == sum((line.total for line in totals.lines), D(0))
    assert totals.total == totals.subtotal - totals.discount_total + totals.tax_total
    assert totals.tax_total == sum((tax.amount for tax in totals.taxes), D(0))
    assert totals.subtotal - totals.discount_total == sum((line.net for line in totals.lines), D(0))
    for line in totals.lines:
        for amount in (line.subtotal, line.discount_amount, line.tax_amount, line.total):
            assert amount >= 0
            assert not money.has_excess_digits(amount, currency)


@given(documents())
def test_rounded_per_line_everything_adds_up(document: tuple[list[Line], str]) -> None:
    assert_adds_up(compute(document[0], currency=document[1], per_document=False), document[1])


@given(documents())
def test_rounded_per_document_everything_adds_up(document: tuple[list[Line], str]) -> None:
    lines, currency = document
    totals = compute(lines, currency=currency)
    assert_adds_up(totals, currency)
    half = money.unit(currency) / 2
    for tax in totals.taxes:
        assert abs(tax.amount - tax.taxable_amount * tax.tax.rate) <= half


def test_the_reference_example() -> None:
    totals = compute([Line(D(10), D("150.00"), D(10), (Tax("Tax", D("0.08")),))], currency="USD")

    assert (totals.subtotal, totals.discount_total, totals.tax_total, totals.total) == (
        D("1500.00"), D("150.00"), D("108.00"), D("1458.00"),
    )  # fmt: skip


def test_three_lines_of_0_33_show_the_two_ways_to_round() -> None:
    """10 % of 0.33 is 0.033: three times 0.03 by line; 10 % of 0.99 is 0.099 so 0.10 by document. All were rounded
    down as much, so the first one gets the cent."""
    lines = [Line(D(1), D("0.33"), taxes=(Tax("VAT", D("0.1")),))] * 3

    assert compute(lines, currency="USD", per_document=False).tax_total == D("0.09")
    by_document = compute(lines, currency="USD")
    assert [line.tax_amount for line in by_document.lines] == [D("0.04"), D("0.03"), D("0.03")]
    assert by_document.tax_total == D("0.10")


def test_the_cent_goes_to_the_line_that_was_rounded_down_most() -> None:
    """19 % of 0.10, 0.12 and 0.18 is 0.0190, 0.0228 and 0.0342, so 0.02, 0.02 and 0.03: together 0.07. Of 0.40 it is
    0.076, so 0.08. The third line was rounded down by 0.0042, the second by 0.0028, the first was rounded up."""
    lines = [Line(D(1), D(price), taxes=(Tax("VAT", D("0.19")),)) for price in ("0.10", "0.12", "0.18")]

    assert [line.tax_amount for line in compute(lines, currency="USD").lines] == [D("0.02"), D("0.02"), D("0.04")]


def test_a_cent_too_many_is_taken_from_the_line_that_was_rounded_up_most() -> None:
    """10 % of 0.16, 0.15 and 0.15 is 0.016, 0.015 and 0.015, so three times 0.02; of 0.46 it is 0.046, so 0.05."""
    lines = [Line(D(1), D(price), taxes=(Tax("VAT", D("0.10")),)) for price in ("0.16", "0.15", "0.15")]

    assert [line.tax_amount for line in compute(lines, currency="USD").lines] == [D("0.02"), D("0.01"), D("0.02")]


def test_each_rate_is_rounded_by_itself() -> None:
    """7 % of 0.36 is 0.0252, so 0.03; 19 % of 0.36 is 0.0684, so 0.07. Line by line it would be 0.01 + 0.01 and 0.03 +
    0.03: two cents less."""
    low, high = (Tax("VAT 7 %", D("0.07")),), (Tax("VAT 19 %", D("0.19")),)
    totals = compute([Line(D(1), D("0.18"), taxes=taxes) for taxes in (low, high, low, high)], currency="EUR")

    assert [(tax.taxable_amount, tax.amount) for tax in totals.taxes] == [
        (D("0.36"), D("0.03")),
        (D("0.36"), D("0.07")),
    ]
    assert [line.tax_amount for line in totals.lines] == [D("0.02"), D("0.04"), D("0.01"), D("0.03")]


def test_a_compound_tax_is_taken_on_the_rounded_tax_below_it() -> None:
    """Of 0.50: 5 % is 0.025, so 0.03; 10 % of 0.53 is 0.053, so 0.05. Of the exact 0.525 it would be 0.0525."""
    both = (Tax("GST", D("0.05")), Tax("QST", D("0.10"), is_compound=True))
    totals = compute([Line(D(1), D("0.25"), taxes=both)] * 2, currency="CAD")

    assert [(tax.taxable_amount, tax.amount) for tax in totals.taxes] == [
        (D("0.50"), D("0.03")),
        (D("0.53"), D("0.05")),
    ]
    assert [line.tax_amount for line in totals.lines] == [D("0.05"), D("0.03")]


def test_a_compound_tax_is_taken_on_the_taxes_before_it() -> None:
    """Of 200.00: 5 % is 10.00, then 10 % of 210.00 is 21.00."""
    both = (Tax("GST", D("0.05")), Tax("QST", D("0.10"), is_compound=True))
    totals = compute([Line(D(2), D("100.00"), taxes=both)], currency="USD")

    assert [(tax.tax.name, tax.taxable_amount, tax.amount) for tax in totals.taxes] == [
        ("GST", D("200.00"), D("10.00")),
        ("QST", D("210.00"), D("21.00")),
    ]
    assert effective_rate(both) == D("0.155")


def test_halves_are_rounded_up() -> None:
    """0.5 x 0.01 is half a cent."""
    assert compute([Line(D("0.5"), D("0.01"))], currency="USD").total == D("0.01")
    assert compute([Line(D("0.5"), D(1))], currency="JPY").total == D(1)


def test_amounts_are_spread_to_the_cent() -> None:
    """10.00 in three parts: 3.33 each, and the first one the cent."""
    third = D(10) / 3
    assert spread([third, third, third], D("10.00"), "USD") == [D("3.34"), D("3.33"), D("3.33")]
