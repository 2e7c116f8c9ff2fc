"""Credit notes that take back lines of an invoice: each takes the line's own amounts and tax, to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.sales import Shop

D = Decimal


def pins(price: str, count: int = 1, **more: Any) -> dict[str, Any]:
    return {"description": "Pins", "quantity": count, "unit_price": D(price), **more}


def credit(shop: Shop, line: Any, quantity: Any = None) -> Any:
    part = {} if quantity is None else {"quantity": quantity}
    return shop.post("/v1/credit-notes", lines=[{"invoice_line_id": line["id"], **part}])


@pytest.mark.parametrize("setting", ["document", "line"])
def test_ten_credits_of_ten_lines_bring_an_invoice_to_zero(shop: Shop, setting: str) -> None:
    """Ten lines of 0.33 with 19 %: 3.30 and, rounded once, 0.63 tax; line by line 0.06 each, so 0.60."""
    shop.done(shop.caller.patch("/v1/sales-settings", {"tax_rounding": setting}))
    invoice = shop.sent(lines=[pins("0.33", tax_rate=D("0.19"))] * 10)
    assert invoice["total"] == (D("3.93") if setting == "document" else D("3.90"))

    notes = [credit(shop, line) for line in invoice["lines"]]

    assert [note["total"] for note in notes] == [line["total"] for line in invoice["lines"]]
    assert [note["invoice_id"] for note in notes] == [invoice["id"]] * 10
    after = shop.again(invoice)
    assert (after["amount_due"], after["amount_credited"], after["status"]) == (D("0.00"), invoice["total"], "paid")
    assert (shop.balance(), shop.books()) == (D("0.00"), {})


def test_a_line_is_credited_piece_by_piece(shop: Shop) -> None:
    """Three pins at 0.50 less 10 %, with 19 %: 1.50 - 0.15 = 1.35, tax 0.2565, so 0.26. After one, two and three of
    them 0.50, 1.00 and 1.50 less 0.05, 0.10 and 0.15 are back, and of the tax 0.0867, 0.1733 and 0.26: so 0.09, then
    0.08, then 0.09."""
    line = shop.sent(lines=[pins("0.50", 3, discount_percentage=10, tax_rate=D("0.19"))])["lines"][0]
    assert (line["subtotal"], line["discount_amount"], line["tax_amount"]) == (D("1.50"), D("0.15"), D("0.26"))

    notes = [credit(shop, line, 1) for _ in range(3)]

    assert [(note["subtotal"], note["discount_total"], note["tax_total"]) for note in notes] == [
        (D("0.50"), D("0.05"), D("0.09")), (D("0.50"), D("0.05"), D("0.08")), (D("0.50"), D("0.05"), D("0.09")),
    ]  # fmt: skip
    assert [note["lines"][0]["invoice_line_id"] for note in notes] == [line["id"]] * 3
    assert (shop.balance(), shop.books()) == (D("0.00"), {})


def test_more_than_the_quantity_of_a_line_is_refused(shop: Shop) -> None:
    """Of ten pieces three are credited. Eight more are refused, seven are not; a voided credit frees its quantity."""
    line = shop.sent(lines=[pins("5.00", 10), pins("100.00")])["lines"][0]
    note = credit(shop, line, 3)
    before = contents(shop.caller)

    refused = shop.caller.post("/v1/credit-notes", {"lines": [{"invoice_line_id": line["id"], "quantity": 8}]})

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "credit_exceeds_line")
    assert refused.error["details"][0]["message"].startswith("Only 7 of line 1 of INV-")
    assert contents(shop.caller) == before
    shop.post(f"/v1/credit-notes/{note['id']}/void", reason="Not returned")
    assert credit(shop, line)["total"] == D("50.00")


def test_a_line_named_twice_counts_twice(shop: Shop) -> None:
    line = shop.sent(lines=[pins("5.00", 10), pins("100.00")])["lines"][0]
    named = {"invoice_line_id": line["id"], "quantity": 6}

    assert shop.caller.post("/v1/credit-notes", {"lines": [named, named]}).status == 422
    assert shop.post("/v1/credit-notes", lines=[named, {"invoice_line_id": line["id"]}])["total"] == D("50.00")


def test_lines_of_the_invoice_stand_beside_lines_of_their_own(shop: Shop) -> None:
    """A pallet at 200.00 with 10 % comes back, and 15.00 for the trouble: 220.00 + 15.00."""
    invoice = shop.sent(lines=[pins("200.00", tax_rate=D("0.10")), pins("50.00", tax_rate=D("0.10"))])
    note = shop.post("/v1/credit-notes", invoice_id=invoice["id"], reason="Damaged", lines=[
        pins("15.00"), {"invoice_line_id": invoice["lines"][0]["id"]},
    ])  # fmt: skip

    assert [line["total"] for line in note["lines"]] == [D("15.00"), D("220.00")]
    assert [line["invoice_line_id"] for line in note["lines"]] == [None, invoice["lines"][0]["id"]]
    assert [(tax["rate"], tax["taxable_amount"], tax["amount"]) for tax in note["taxes"]] == [
        (D("0.1"), D("200.00"), D("20.00"))
    ]
    assert shop.again(invoice)["amount_due"] == D("40.00")


def test_a_changed_tax_rate_does_not_change_what_is_credited(shop: Shop) -> None:
    """Two components: 5 % and 7 % of 100.00. The rate is changed to 20 %; 5.00 and 7.00 go back."""
    parts = [{"name": "GST", "rate": D("0.05")}, {"name": "PST", "rate": D("0.07")}]
    rate = shop.post("/v1/tax-rates", code="BC", name="British Columbia", components=parts)
    line = shop.sent(lines=[pins("100.00", tax_rate_id=rate["id"])])["lines"][0]
    shop.done(shop.caller.patch("/v1/tax-rates/tax_BC", {"rate": D("0.20")}))

    note = credit(shop, line)

    assert [(tax["name"], tax["amount"]) for tax in note["taxes"]] == [("GST", D("5.00")), ("PST", D("7.00"))]
    assert note["total"] == D("112.00")


def test_faults_of_credit_lines_are_named(shop: Shop) -> None:
    first, other = shop.sent("10.00"), shop.sent("20.00")
    line = first["lines"][0]["id"]
    bodies: list[tuple[dict[str, Any], int, list[str]]] = [
        ({"lines": [{"invoice_line_id": "invl_01k00000000000000000000000"}]}, 404, ["lines[0].invoice_line_id"]),
        ({"invoice_id": other["id"], "lines": [{"invoice_line_id": line}]}, 404, ["lines[0].invoice_line_id"]),
        ({"lines": [{"invoice_line_id": line, "unit_price": 5}]}, 400, ["lines[0].unit_price"]),
        ({"lines": [{"invoice_line_id": line}, {"invoice_line_id": other["lines"][0]["id"]}]}, 400, ["lines"]),
        ({"customer_id": "cust_123456", "lines": [{"description": "Work"}]}, 400, ["lines[0].quantity"]),
        ({"lines": [{"invoice_line_id": line, "quantity": 0}]}, 400, ["lines[0].quantity"]),
    ]
    before = contents(shop.caller)

    answers = [shop.caller.post("/v1/credit-notes", body) for body, _, _ in bodies]

    assert [(answer.status, answer.fields) for answer in answers] == [(status, fields) for _, status, fields in bodies]
    assert contents(shop.caller) == before
