"""The arithmetic of documents: worked examples, and what holds for any lines."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bigledger import money
from invoicing.totals import Line, Tax, Totals, compute, effective_rate

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
    assert_adds_up(compute(document[0], currency=document[1]), document[1])


@given(documents())
def test_rounded_per_document_everything_adds_up(document: tuple[list[Line], str]) -> None:
    lines, currency = document
    assert_adds_up(compute(lines, currency=currency, per_document=True), currency)


@given(documents())
def test_rounded_per_document_a_tax_is_within_half_a_unit_of_exact(document: tuple[list[Line], str]) -> None:
    lines, currency = document
    simple = [
        Line(line.quantity, line.unit_price, line.discount_percentage, (Tax("VAT", D("0.19")),)) for line in lines
    ]
    totals = compute(simple, currency=currency, per_document=True)

    exact = (totals.subtotal - totals.discount_total) * D("0.19")
    assert abs(totals.tax_total - exact) * 2 <= money.to_currency(D(1), currency).scaleb(
        -money.decimal_places(currency)
    )


def test_the_reference_example() -> None:
    totals = compute([Line(D(10), D("150.00"), D(10), (Tax("Tax", D("0.08")),))], currency="USD")

    assert (totals.subtotal, totals.discount_total, totals.tax_total, totals.total) == (
        D("1500.00"), D("150.00"), D("108.00"), D("1458.00"),
    )  # fmt: skip


def test_three_lines_of_0_33_show_the_two_ways_to_round() -> None:
    """10 % of 0.33 is 0.033: three times 0.03 by line, 0.099 so 0.10 by document."""
    lines = [Line(D(1), D("0.33"), taxes=(Tax("VAT", D("0.1")),))] * 3

    assert compute(lines, currency="USD").tax_total == D("0.09")
    by_document = compute(lines, currency="USD", per_document=True)
    assert [line.tax_amount for line in by_document.lines] == [D("0.03"), D("0.04"), D("0.03")]
    assert by_document.tax_total == D("0.10")


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
