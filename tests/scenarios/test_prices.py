"""How things are priced: small prices, prices with tax, discounts, charges, lines that take something off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.sales import Shop

D = Decimal


def item(price: str, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    return {"description": "Goods", "quantity": quantity, "unit_price": D(price), **more}


def sums(document: Any) -> tuple[Decimal, ...]:
    return tuple(document[name] for name in ("subtotal", "discount_total", "tax_total", "total"))


def test_a_price_may_have_ten_digits_after_the_point(shop: Shop) -> None:
    """1,234,567 calls at 0.0000125 are 15.4320875, so 15.43."""
    invoice = shop.sent(lines=[item("0.0000125", 1_234_567), item("0.0000000001", 10), item("2.5", 2)])

    assert [line["unit_price"] for line in invoice["lines"]] == [D("0.0000125"), D("0.0000000001"), D("2.50")]
    assert [str(line["unit_price"]) for line in invoice["lines"]] == ["0.0000125", "1E-10", "2.50"]
    assert [line["total"] for line in invoice["lines"]] == [D("15.43"), D("0.00"), D("5.00")]
    assert shop.books() == {"Accounts Receivable": D("20.43"), "Sales Revenue": D("-20.43")}


def test_a_product_has_such_a_price_too(shop: Shop) -> None:
    made = shop.post("/v1/products", sku="CALL", name="Call", unit_price=D("0.00125"))
    invoice = shop.invoice(lines=[{"product_id": "prod_CALL", "quantity": 1000}])

    assert (made["unit_price"], invoice["total"]) == (D("0.00125"), D("1.25"))


def test_prices_that_include_tax_are_what_is_paid(shop: Shop) -> None:
    """Three at 9.99 with 20 % in it: 29.97, of which 29.97 / 6 = 4.995, so 5.00, is tax and 24.97 revenue. The books
    with 7 % in 10.70 have 0.70 tax. Each line has what its own sixth is, rounded down and then up by the cent."""
    lines = [item("9.99", tax_rate=D("0.20"))] * 3 + [item("10.70", tax_rate=D("0.07"))]
    invoice = shop.sent(lines=lines, price_includes_tax=True)

    assert sums(invoice) == (D("40.67"), D("0.00"), D("5.70"), D("40.67"))
    assert [(tax["taxable_amount"], tax["amount"]) for tax in invoice["taxes"]] == [
        (D("24.97"), D("5.00")), (D("10.00"), D("0.70")),
    ]  # fmt: skip
    assert [line["tax_amount"] for line in invoice["lines"]] == [D("1.66"), D("1.67"), D("1.67"), D("0.70")]
    assert [line["total"] for line in invoice["lines"]] == [D("9.99")] * 3 + [D("10.70")]
    assert shop.books() == {
        "Accounts Receivable": D("40.67"), "Sales Revenue": D("-34.97"), "Sales Tax Payable": D("-5.70"),
    }  # fmt: skip


def test_a_discount_is_an_amount_or_a_percentage(shop: Shop) -> None:
    """200.00 less 15.00, and 100.00 less 2.5 %: 185.00 + 97.50, with 10 %."""
    lines = [item("200.00", discount_amount=15, tax_rate=D("0.1")),
             item("100.00", discount_percentage=D("2.5"), tax_rate=D("0.1"))]  # fmt: skip
    invoice = shop.sent(lines=lines)

    assert sums(invoice) == (D("300.00"), D("17.50"), D("28.25"), D("310.75"))
    assert [line["discount_amount"] for line in invoice["lines"]] == [D("15.00"), D("2.50")]


def test_a_discount_on_the_whole_lowers_every_line_but_charges(shop: Shop) -> None:
    """10.00, 10.00 and 10.00 at 19 %, 19 % and 7 %, less 10.00 on the whole: 3.34, 3.33 and 3.33. 19 % of 13.33 is
    2.5327, so 2.53; 7 % of 6.67 is 0.4669, so 0.47. Freight of 5.00 with 19 % is not discounted: 19 % of 18.33 is
    3.4827, so 3.48."""
    goods = [item("10.00", tax_rate=D("0.19")), item("10.00", tax_rate=D("0.19")), item("10.00", tax_rate=D("0.07"))]
    freight = {"description": "Freight", "quantity": 1, "unit_price": 5, "tax_rate": D("0.19"), "is_charge": True}
    invoice = shop.sent(lines=[*goods, freight], discount_amount=10)

    assert [line["document_discount"] for line in invoice["lines"]] == [D("3.34"), D("3.33"), D("3.33"), D("0.00")]
    assert sums(invoice) == (D("35.00"), D("10.00"), D("3.95"), D("28.95"))
    assert [(tax["taxable_amount"], tax["amount"]) for tax in invoice["taxes"]] == [
        (D("18.33"), D("3.48")), (D("6.67"), D("0.47")),
    ]  # fmt: skip
    assert shop.books() == {
        "Accounts Receivable": D("28.95"), "Sales Revenue": D("-25.00"), "Sales Tax Payable": D("-3.95"),
    }  # fmt: skip


def test_discounts_of_lines_come_before_that_on_the_whole(shop: Shop) -> None:
    """100.00 less 10 % is 90.00, and 5 % of 90.00 is 4.50: 85.50."""
    draft = shop.invoice(lines=[item("100.00", discount_percentage=10)], discount_percentage=5)

    assert sums(draft) == (D("100.00"), D("14.50"), D("0.00"), D("85.50"))
    assert (draft["discount_percentage"], draft["discount_amount"]) == (D("5"), D("4.50"))


def test_a_draft_changes_its_discount_without_its_lines(shop: Shop) -> None:
    """100.00 with 10 % tax: less 20 % it is 80.00 + 8.00; with the tax in it 80.00, of which 80 / 11 = 7.27."""
    draft = shop.invoice(lines=[item("100.00", tax_rate=D("0.1"))])
    path = f"/v1/invoices/{draft['id']}"

    assert sums(shop.done(shop.caller.patch(path, {"discount_percentage": 20})))[2:] == (D("8.00"), D("88.00"))
    included = shop.done(shop.caller.patch(path, {"price_includes_tax": True}))
    assert (sums(included)[2:], included["discount_amount"]) == ((D("7.27"), D("80.00")), D("20.00"))
    assert sums(shop.done(shop.caller.patch(path, {"discount_amount": None})))[1] == D("0.00")


def test_what_was_read_can_be_sent_back(shop: Shop) -> None:
    """Percentage and amount of a discount stand side by side in an answer; together they are no contradiction."""
    draft = shop.invoice(lines=[item("100.00", discount_percentage=10)], discount_percentage=5)
    line = {name: draft["lines"][0][name] for name in ("description", "quantity", "unit_price", "discount_percentage")}
    line["discount_amount"] = draft["lines"][0]["discount_amount"]
    body = {"lines": [line], "discount_percentage": 5, "discount_amount": draft["discount_amount"]}

    again = shop.done(shop.caller.patch(f"/v1/invoices/{draft['id']}", body))

    assert (again["total"], again["updated_at"]) == (draft["total"], draft["updated_at"])


def test_a_line_may_take_something_off(shop: Shop) -> None:
    """A machine at 1,000.00 with 20 %, less 300.00 for the old one, which was sold without tax; and two returned boxes.
    1,000.00 - 300.00 - 20.00 = 680.00; 20 % of 980.00 is 196.00."""
    lines = [item("1000.00", tax_rate=D("0.2")), item("-300.00"), item("10.00", -2, tax_rate=D("0.2"))]
    invoice = shop.sent(lines=lines)

    assert sums(invoice) == (D("680.00"), D("0.00"), D("196.00"), D("876.00"))
    assert shop.books() == {
        "Accounts Receivable": D("876.00"), "Sales Revenue": D("-680.00"), "Sales Tax Payable": D("-196.00"),
    }  # fmt: skip
    note = shop.post("/v1/credit-notes", invoice_id=invoice["id"])
    assert (note["total"], shop.balance(), shop.books()) == (D("876.00"), D("0.00"), {})


def test_lines_that_come_to_nothing_still_move_between_accounts(shop: Shop) -> None:
    """A subscription is exchanged: 50.00 more on one account of revenue, 50.00 less on another, nothing to pay."""
    shop.post("/v1/accounts", code="4100", name="Subscriptions", type="revenue", subtype="operating_revenue")
    invoice = shop.sent(lines=[item("50.00", revenue_account_id="acc_4100"), item("50.00", -1)])

    assert (invoice["total"], invoice["status"]) == (D("0.00"), "paid")
    assert shop.books() == {"Subscriptions": D("-50.00"), "Sales Revenue": D("50.00")}


@pytest.mark.parametrize("includes_tax", [True, False])
def test_credits_of_discounted_lines_bring_an_invoice_to_zero(shop: Shop, includes_tax: bool) -> None:
    lines = [item(f"{n}.33", 3, tax_rate=D("0.19"), discount_percentage=n) for n in range(5)]
    invoice = shop.sent(lines=lines, discount_amount=D("3.21"), price_includes_tax=includes_tax)

    for _ in range(3):
        for line in invoice["lines"]:
            shop.post("/v1/credit-notes", lines=[{"invoice_line_id": line["id"], "quantity": 1}])

    assert (shop.again(invoice)["amount_due"], shop.balance(), shop.books()) == (D("0.00"), D("0.00"), {})


def test_a_credit_note_of_its_own_has_prices_like_an_invoice(shop: Shop) -> None:
    """12.00 with 20 % in it, less 10 %: 10.80, of which 1.80 is tax."""
    note = shop.post("/v1/credit-notes", customer_id="cust_123456", price_includes_tax=True, discount_percentage=10,
                     lines=[item("12.00", tax_rate=D("0.2"))])  # fmt: skip

    assert sums(note) == (D("12.00"), D("1.20"), D("1.80"), D("10.80"))


def test_a_recurring_invoice_keeps_how_it_is_priced(shop: Shop) -> None:
    made = shop.post(
        "/v1/recurring-invoices",
        customer_id="cust_123456",
        frequency="monthly",
        price_includes_tax=True,
        discount_percentage=10,
        lines=[item("12.00", tax_rate=D("0.2"), discount_amount=2), item("0.00125", 800, is_charge=True)],
    )
    assert (made["price_includes_tax"], made["discount_percentage"], made["discount_amount"]) == (True, 10, None)
    assert [(line["discount_amount"], line["is_charge"]) for line in made["lines"]] == [
        (D("2.00"), False),
        (None, True),
    ]
    changed = shop.done(
        shop.caller.patch(f"/v1/recurring-invoices/{made['id']}", {"discount_amount": 1, "price_includes_tax": False})
    )
    assert (changed["discount_percentage"], changed["discount_amount"]) == (0, D("1.00"))


def test_faults_of_prices_are_named(shop: Shop) -> None:
    one = item("10.00")
    bodies: list[tuple[dict[str, Any], list[str]]] = [
        ({"lines": [item("0.00000000001")]}, ["lines[0].unit_price"]),
        ({"lines": [item("10.00", 0)]}, ["lines[0].quantity"]),
        ({"lines": [one | {"discount_amount": D("10.01")}]}, ["lines[0].discount_amount"]),
        ({"lines": [item("-10.00", discount_amount=1), one]}, ["lines[0].discount_amount"]),
        ({"lines": [one | {"discount_amount": D("0.001")}]}, ["lines[0].discount_amount"]),
        ({"lines": [one | {"discount_amount": 2, "discount_percentage": 10}]}, ["lines[0].discount_amount"]),
        ({"lines": [one, one | {"is_charge": True}], "discount_amount": 11}, ["discount_amount"]),
        ({"lines": [one], "discount_amount": 2, "discount_percentage": 10}, ["discount_amount"]),
        ({"lines": [one], "discount_percentage": 101}, ["discount_percentage"]),
        ({"lines": [one, item("-10.01")]}, ["lines"]),
        ({"lines": [item("999999999999999", 2), item("-999999999999999", 2)]}, ["lines[0].unit_price",
                                                                              "lines[1].unit_price"]),
    ]  # fmt: skip
    before = contents(shop.caller)

    answers = [shop.caller.post("/v1/invoices", {"customer_id": "cust_123456", **body}) for body, _ in bodies]

    assert [(answer.status, answer.fields) for answer in answers] == [(400, fields) for _, fields in bodies]
    assert contents(shop.caller) == before


def test_a_credit_of_lines_takes_no_other_discount(shop: Shop) -> None:
    invoice = shop.sent("10.00")
    before = contents(shop.caller)
    given = {"invoice_id": invoice["id"]}

    answers = [shop.caller.post("/v1/credit-notes", given | more) for more in (
        {"discount_percentage": 10}, {"discount_amount": 1}, {"price_includes_tax": True},
    )]  # fmt: skip

    assert [(answer.status, answer.fields) for answer in answers] == [
        (400, ["discount_percentage"]), (400, ["discount_amount"]), (400, ["price_includes_tax"]),
    ]  # fmt: skip
    assert contents(shop.caller) == before
