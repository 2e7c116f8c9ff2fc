"""Random invoices in both settings of the rounding: what was given adds up, to the cent, on paper and in the books.

`RANDOM_INVOICES` is how many go through the arithmetic, `RANDOM_SENT` how many are created, sent and read back; half of
them with each setting.
"""

from __future__ import annotations

import os
import random
from decimal import Decimal
from typing import Any

import pytest

from bigledger import money
from invoicing.taxing import Tax
from invoicing.totals import Discount, Line, Totals, compute, discountable, subtotal_of
from tests.sales import Shop

D = Decimal
COMPUTED = int(os.environ.get("RANDOM_INVOICES", "2000"))
SENT = int(os.environ.get("RANDOM_SENT", "40"))
CURRENCIES = ("USD", "EUR", "JPY", "BHD")
TAXES = (
    (),
    (Tax("VAT 20 %", D("0.2")),),
    (Tax("VAT 19 %", D("0.19")),),
    (Tax("VAT 7 %", D("0.07")),),
    (Tax("VAT 5.5 %", D("0.055")),),
    (Tax("GST", D("0.05")), Tax("PST", D("0.07"))),
    (Tax("GST", D("0.05")), Tax("QST", D("0.09975"), is_compound=True)),
)


def some_price(dice: random.Random, places: int) -> Decimal:
    return D(dice.randrange(1, 10 ** dice.randint(2, 7))).scaleb(-places)


def some_line(dice: random.Random, currency: str) -> Line:
    quantity = D(dice.randrange(1, 10 ** dice.randint(1, 4))).scaleb(-dice.choice((0, 0, 0, 1, 3)))
    places = money.decimal_places(currency) + dice.choice((0, 0, 0, 0, 4, 7))
    price = some_price(dice, places) * dice.choice((1,) * 9 + (-1,))
    taxes = dice.choice(TAXES)
    subtotal = subtotal_of(quantity, price, currency)
    if dice.random() < 0.2 and subtotal > 0:
        part = money.to_currency(subtotal * dice.randint(0, 100) / 100, currency)
        return Line(quantity, price, taxes=taxes, discount_amount=part)
    percentage = D(dice.choice((0, 0, 0, 10, D("2.5"), D("33.3333"), 100)))
    return Line(quantity, price, percentage, taxes, is_charge=dice.random() < 0.1)


def some_discount(dice: random.Random, lines: list[Line], currency: str) -> Discount:
    kind, base = dice.choice(("none", "percentage", "amount")), discountable(lines, currency)
    if kind == "amount" and base > 0:
        return Discount(amount=money.to_currency(base * dice.randint(0, 100) / 100, currency))
    return Discount(D(dice.choice((3, D("12.5"), 100)))) if kind == "percentage" else Discount()


def assert_exact(
    lines: list[Line], totals: Totals, currency: str, *, per_document: bool, includes_tax: bool = False
) -> None:
    """Lines, taxes and total agree, and every tax is its rate times what it is taken on."""
    half = money.unit(currency) / 2
    assert sum((line.total for line in totals.lines), D(0)) == totals.total
    assert sum((line.tax_amount for line in totals.lines), D(0)) == totals.tax_total
    assert sum((tax.amount for tax in totals.taxes), D(0)) == totals.tax_total
    on_top = D(0) if includes_tax else totals.tax_total
    assert totals.subtotal - totals.discount_total + on_top == totals.total
    has_one_each = all(len(line.taxes) <= 1 for line in lines)
    for tax in totals.taxes:
        count = D(1) if per_document else D(sum(tax.tax in line.taxes for line in lines))
        if includes_tax:
            count *= 1 + tax.tax.rate
        if has_one_each or not includes_tax:
            assert abs(tax.amount - tax.taxable_amount * tax.tax.rate) <= half * count, (lines, tax)
        if not tax.tax.is_compound:
            net = sum((got.net for given, got in zip(lines, totals.lines, strict=True) if tax.tax in given.taxes), D(0))
            assert net == tax.taxable_amount


@pytest.mark.parametrize("per_document", [True, False])
def test_the_arithmetic_of_random_invoices_is_exact(per_document: bool) -> None:
    dice = random.Random(20241130 + per_document)
    for _ in range(COMPUTED // 2):
        currency = dice.choice(CURRENCIES)
        lines = [some_line(dice, currency) for _ in range(dice.randint(1, 12))]
        discount, includes_tax = some_discount(dice, lines, currency), dice.random() < 0.3
        totals = compute(
            lines, currency=currency, per_document=per_document, price_includes_tax=includes_tax, discount=discount
        )
        assert_exact(lines, totals, currency, per_document=per_document, includes_tax=includes_tax)


def given_line(line: Line, rates: dict[tuple[Tax, ...], str]) -> dict[str, Any]:
    return {
        "description": "Goods",
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "is_charge": line.is_charge,
        "discount_percentage": line.discount_percentage,
        "discount_amount": line.discount_amount,
        **({"tax_rate_id": rates[line.taxes]} if line.taxes else {}),
    }


def tax_rates(shop: Shop) -> dict[tuple[Tax, ...], str]:
    return {
        taxes: shop.post(
            "/v1/tax-rates",
            code=f"T{n}",
            name=f"Tax {n}",
            components=[{"name": tax.name, "rate": tax.rate, "is_compound": tax.is_compound} for tax in taxes],
        )["id"]
        for n, taxes in enumerate(TAXES)
        if taxes
    }


@pytest.mark.parametrize("setting", ["document", "line"])
def test_random_invoices_are_read_back_and_posted_as_computed(shop: Shop, setting: str) -> None:
    dice = random.Random(20241201)
    shop.done(shop.caller.patch("/v1/sales-settings", {"tax_rounding": setting}))
    rates = tax_rates(shop)
    for _ in range(SENT // 2):
        lines = [some_line(dice, "USD") for _ in range(dice.randint(1, 10))]
        discount, includes_tax = some_discount(dice, lines, "USD"), dice.random() < 0.3
        expected = compute(
            lines,
            currency="USD",
            per_document=setting == "document",
            price_includes_tax=includes_tax,
            discount=discount,
        )
        if expected.total < 0:
            continue
        assert_exact(lines, expected, "USD", per_document=setting == "document", includes_tax=includes_tax)
        draft = shop.invoice(
            lines=[given_line(line, rates) for line in lines],
            price_includes_tax=includes_tax,
            discount_percentage=discount.percentage,
            discount_amount=discount.amount,
        )
        found = shop.again(shop.send(draft, deliver=False))
        for name in ("subtotal", "discount_total", "tax_total", "total"):
            assert found[name] == getattr(expected, name), (name, lines)
        assert [line["total"] for line in found["lines"]] == [line.total for line in expected.lines]
        assert [tax["amount"] for tax in found["taxes"]] == [tax.amount for tax in expected.taxes]
        if found["journal_entry_id"] is None:
            assert found["total"] == found["tax_total"] == 0
            continue
        entry = shop.read(f"/v1/journal-entries/{found['journal_entry_id']}")
        posted = {line["account"]["name"]: line["debit"] - line["credit"] for line in entry["lines"]}
        wanted = {
            "Accounts Receivable": found["total"],
            "Sales Revenue": found["tax_total"] - found["total"],
            "Sales Tax Payable": -found["tax_total"],
        }
        assert posted == {name: amount for name, amount in wanted.items() if amount}
