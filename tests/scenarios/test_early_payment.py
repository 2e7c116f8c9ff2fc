"""`2_10_net_30`: 2 % may be deducted within 10 days, else all is due within 30. The discount is booked at payment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.sales import Shop

D = Decimal
TERMS = {"payment_terms": "2_10_net_30", "invoice_date": "2024-03-01"}


def sold(shop: Shop, *prices: tuple[str, str], **more: Any) -> Any:
    """An invoice of 1 March 2024 with lines of these prices and tax rates."""
    lines = [
        {"description": "Goods", "quantity": 1, "unit_price": D(price), "tax_rate": D(rate)} for price, rate in prices
    ]
    return shop.sent(lines=lines, **TERMS, **more)


def test_the_invoice_says_what_may_be_deducted_and_until_when(shop: Shop) -> None:
    invoice = sold(shop, ("1000.00", "0"))

    assert invoice["due_date"] == "2024-03-31"
    assert invoice["early_payment"] == {
        "percentage": 2, "date": "2024-03-11", "discount_amount": D("20.00"), "amount": D("980.00"),
    }  # fmt: skip
    assert shop.sent("5.00")["early_payment"] is None


def test_who_pays_within_ten_days_pays_less(shop: Shop) -> None:
    """The textbook: a sale of 1,000.00 on 1 March, 980.00 received on the 11th, 20.00 to Sales Discounts."""
    invoice = sold(shop, ("1000.00", "0"))
    payment = shop.pay("980.00", invoice_id=invoice["id"], date="2024-03-11")

    assert shop.books() == {"Cash": D("980.00"), "Sales Revenue": D("-1000.00"), "Sales Discounts": D("20.00")}
    after = shop.again(invoice)
    assert (after["status"], after["amount_paid"], after["amount_credited"]) == ("paid", D("980.00"), D("20.00"))
    assert (after["early_payment"], shop.balance()) == (None, D("0.00"))
    (note,) = shop.read("/v1/credit-notes")["data"]
    assert (note["total"], note["credit_date"], note["early_payment_id"]) == (D("20.00"), "2024-03-11", payment["id"])
    assert (note["invoice_id"], note["status"], note["reason"]) == (
        invoice["id"], "applied", "2 % for payment within 10 days",
    )  # fmt: skip
    assert shop.events()[-3:] == ["credit_note.created", "credit_note.applied", "invoice.paid"]


def test_the_discount_has_its_part_of_each_tax(shop: Shop) -> None:
    """100.00 with 20 % and 100.00 with 10 %: 230.00, of which 2 % is 4.60. 120.00 of 230.00 of that are 2.40, with 0.40
    tax, and 110.00 are 2.20, with 0.20."""
    invoice = sold(shop, ("100.00", "0.2"), ("100.00", "0.1"))
    shop.pay("225.40", invoice_id=invoice["id"], date="2024-03-05")

    assert shop.books() == {
        "Cash": D("225.40"), "Sales Revenue": D("-200.00"), "Sales Discounts": D("4.00"),
        "Sales Tax Payable": D("-29.40"),
    }  # fmt: skip
    report = shop.read("/v1/reports/sales_tax?from=2024-03-01&to=2024-03-31")["totals"]
    assert (report["tax_collected"], report["tax_credited"], report["tax_due"]) == (D("30.00"), D("0.60"), D("29.40"))


@pytest.mark.parametrize(
    ("amount", "date", "due"),
    [
        ("980.00", "2024-03-12", "20.00"),  # a day late
        ("979.99", "2024-03-05", "20.01"),  # a cent too little
        ("500.00", "2024-03-05", "500.00"),  # a part
        ("1000.00", "2024-03-05", "0.00"),  # all of it: nobody has to deduct
    ],
)
def test_there_is_no_discount(shop: Shop, amount: str, date: str, due: str) -> None:
    invoice = sold(shop, ("1000.00", "0"))
    shop.pay(amount, invoice_id=invoice["id"], date=date)

    assert shop.again(invoice)["amount_due"] == D(due)
    assert "Sales Discounts" not in shop.books()
    assert shop.read("/v1/credit-notes")["data"] == []


def test_it_is_given_when_the_last_part_comes_in_time(shop: Shop) -> None:
    """500.00 on the 5th and 485.00 on the 9th: 15.00 less than is due, and up to 20.00 may be deducted."""
    invoice = sold(shop, ("1000.00", "0"))
    shop.pay("500.00", invoice_id=invoice["id"], date="2024-03-05")
    shop.pay("485.00", invoice_id=invoice["id"], date="2024-03-09")

    assert shop.books() == {"Cash": D("985.00"), "Sales Revenue": D("-1000.00"), "Sales Discounts": D("15.00")}


def test_what_was_returned_is_not_discounted(shop: Shop) -> None:
    """Of 1,000.00 goods for 400.00 come back. 2 % of 600.00 are 12.00."""
    invoice = sold(shop, ("600.00", "0"), ("400.00", "0"))
    line = invoice["lines"][1]["id"]
    shop.post("/v1/credit-notes", lines=[{"invoice_line_id": line}], date="2024-03-04")
    assert shop.again(invoice)["early_payment"]["amount"] == D("588.00")
    shop.pay("588.00", invoice_id=invoice["id"], date="2024-03-08")

    assert shop.again(invoice)["status"] == "paid"
    assert shop.books()["Sales Discounts"] == D("12.00")


def test_all_that_was_sold_comes_back_after_the_discount(shop: Shop) -> None:
    """1,000.00 with 20 %: 1,200.00, of which 24.00 (20.00 and 4.00 tax) were deducted. The credit note is over the
    1,176.00 that were paid: the line of 1,200.00, less 24.00. Nothing is left on any account but what the customer has
    to come."""
    invoice = sold(shop, ("1000.00", "0.2"))
    shop.pay("1176.00", invoice_id=invoice["id"], date="2024-03-11")
    line = {"invoice_line_id": invoice["lines"][0]["id"]}
    note = shop.post("/v1/credit-notes", lines=[line], date="2024-03-20")

    assert (note["subtotal"], note["tax_total"], note["total"]) == (D("980.00"), D("196.00"), D("1176.00"))
    assert [(row["description"], row["tax_amount"], row["total"]) for row in note["lines"]] == [
        ("Goods", D("200.00"), D("1200.00")), ("Less discount for early payment", D("-4.00"), D("-24.00")),
    ]  # fmt: skip
    assert shop.books() == {"Cash": D("1176.00"), "Customer Deposits": D("-1176.00")}
    report = shop.read("/v1/reports/sales_tax?from=2024-03-01&to=2024-03-31")
    assert (report["totals"]["tax_due"], report["reconciliation"]["difference"]) == (D("0.00"), D("0.00"))
    assert (shop.balance(), note["status"]) == (D("-1176.00"), "open")

    shop.post(f"/v1/credit-notes/{note['id']}/void", reason="Kept after all")
    assert shop.books() == {
        "Cash": D("1176.00"), "Sales Revenue": D("-1000.00"), "Sales Discounts": D("20.00"),
        "Sales Tax Payable": D("-196.00"),
    }  # fmt: skip


@pytest.mark.parametrize("includes_tax", [True, False])
def test_what_comes_back_in_parts_takes_the_discount_back_in_parts(shop: Shop, includes_tax: bool) -> None:
    """Three at 33.33 with 20 % and one at 10.00 without: 2 % of 129.99, 2.60 (of 109.99 with prices that include tax,
    2.20). Credited piece by piece, the discount goes back to the cent, of each tax, and so does everything else."""
    lines = [{"description": "Goods", "quantity": 3, "unit_price": D("33.33"), "tax_rate": D("0.2")},
             {"description": "Book", "quantity": 1, "unit_price": D("10.00"), "tax_rate": D("0")}]  # fmt: skip
    invoice = shop.sent(lines=lines, price_includes_tax=includes_tax, **TERMS)
    paid = invoice["early_payment"]["amount"]
    assert (invoice["total"], paid) == ((D("109.99"), D("107.79")) if includes_tax else (D("129.99"), D("127.39")))
    shop.pay(str(paid), invoice_id=invoice["id"], date="2024-03-11")
    goods, book = (line["id"] for line in invoice["lines"])
    for credited in ({"invoice_line_id": goods, "quantity": 1}, {"invoice_line_id": book}, {"invoice_line_id": goods}):
        shop.post("/v1/credit-notes", lines=[credited], date="2024-03-20")

    assert shop.books() == {"Cash": paid, "Customer Deposits": -paid}
    assert shop.balance() == -paid


def test_a_discount_is_of_what_was_not_credited_before(shop: Shop) -> None:
    """100.00 with 20 % and 100.00 without, of which the second came back: 2 % of 120.00 is 2.40, with 0.40 tax. When
    the first comes back too, 117.60 are the customer's."""
    invoice = sold(shop, ("100.00", "0.2"), ("100.00", "0"))
    shop.post("/v1/credit-notes", lines=[{"invoice_line_id": invoice["lines"][1]["id"]}], date="2024-03-02")
    shop.pay("117.60", invoice_id=invoice["id"], date="2024-03-05")

    assert shop.books() == {
        "Cash": D("117.60"), "Sales Revenue": D("-100.00"), "Sales Discounts": D("2.00"),
        "Sales Tax Payable": D("-19.60"),
    }  # fmt: skip
    note = shop.post("/v1/credit-notes", lines=[{"invoice_line_id": invoice["lines"][0]["id"]}], date="2024-03-20")
    assert note["total"] == D("117.60")
    assert shop.books() == {"Cash": D("117.60"), "Customer Deposits": D("-117.60")}


def test_a_payment_that_is_applied_later_counts_from_its_date(shop: Shop) -> None:
    """The bank had it on 5 March; it is found to be for this invoice in April."""
    invoice = sold(shop, ("1000.00", "0"))
    payment = shop.pay("980.00", date="2024-03-05")
    shop.post(f"/v1/payments/{payment['id']}/apply", invoice_id=invoice["id"])

    assert shop.again(invoice)["amount_due"] == D("0.00")


@pytest.mark.parametrize("how", ["unapply", "void", "refund"])
def test_the_discount_goes_with_the_payment(shop: Shop, how: str) -> None:
    """The check bounced: all of the invoice is due again."""
    invoice = sold(shop, ("1000.00", "0.1"))
    payment = shop.pay("1078.00", invoice_id=invoice["id"], date="2024-03-11")
    body = {"unapply": {"invoice_id": invoice["id"]}, "void": {"reason": "Bounced"}, "refund": {}}[how]
    shop.post(f"/v1/payments/{payment['id']}/{how}", **body)

    assert shop.again(invoice)["amount_due"] == D("1100.00")
    assert shop.read("/v1/credit-notes")["data"][0]["status"] == "void"
    assert shop.books()["Accounts Receivable"] == D("1100.00")
    assert {"Sales Discounts", "Bad Debts"}.isdisjoint(shop.books())


def test_a_refund_before_the_discount_takes_that_back_when_it_was_given(shop: Shop) -> None:
    """Paid on 5 March, applied from the 9th, given back on the 7th: the discount of the 9th goes on the 9th."""
    invoice = sold(shop, ("1000.00", "0"))
    payment = shop.pay("980.00", date="2024-03-05")
    shop.post(f"/v1/payments/{payment['id']}/apply", invoice_id=invoice["id"], date="2024-03-09")
    shop.post(f"/v1/payments/{payment['id']}/refund", date="2024-03-07")

    (note,) = shop.read("/v1/credit-notes")["data"]
    assert (note["status"], note["voided_date"]) == ("void", "2024-03-09")
    assert shop.books() == {"Accounts Receivable": D("1000.00"), "Sales Revenue": D("-1000.00")}


def test_a_bounced_check_goes_back_whatever_was_done_with_the_discount(shop: Shop) -> None:
    """The discount was set against another invoice; its money cannot be paid out, so it can always go."""
    invoice, other = sold(shop, ("1000.00", "0")), shop.sent("50.00", invoice_date="2024-03-02")
    payment = shop.pay("980.00", invoice_id=invoice["id"], date="2024-03-05")
    path = f"/v1/credit-notes/{shop.read('/v1/credit-notes')['data'][0]['id']}"
    shop.post(f"{path}/unapply", invoice_id=invoice["id"])
    assert shop.caller.post(f"{path}/refund", {}).status == 422
    shop.post(f"{path}/apply", invoice_id=other["id"])
    shop.post(f"/v1/payments/{payment['id']}/void", reason="Bounced")

    assert (shop.again(invoice)["amount_due"], shop.again(other)["amount_due"]) == (D("1000.00"), D("50.00"))
    assert shop.books() == {"Accounts Receivable": D("1050.00"), "Sales Revenue": D("-1050.00")}


def test_the_account_is_a_setting(shop: Shop) -> None:
    shop.post("/v1/accounts", code="4999", name="Skonto", type="revenue", subtype="operating_revenue")
    shop.done(shop.caller.patch("/v1/sales-settings", {"sales_discounts_id": "acc_4999"}))
    shop.pay("98.00", invoice_id=sold(shop, ("100.00", "0"))["id"], date="2024-03-02")

    assert shop.books()["Skonto"] == D("2.00")


def test_a_customer_has_such_terms(shop: Shop) -> None:
    shop.done(shop.caller.patch("/v1/customers/cust_123456", {"payment_terms": "2.5_7_net_14"}))
    draft = shop.invoice("100.00", invoice_date="2024-03-01")

    assert (draft["payment_terms"], draft["due_date"]) == ("2.5_7_net_14", "2024-03-15")
    assert (draft["early_payment"]["date"], draft["early_payment"]["discount_amount"]) == ("2024-03-08", D("2.50"))


@pytest.mark.parametrize(
    "terms", ["2_10", "0_10_net_30", "2_31_net_30", "100_10_net_30", "2_0_net_30", "2.555_5_net_30"]
)
def test_terms_that_make_no_sense_are_refused(shop: Shop, terms: str) -> None:
    before = contents(shop.caller)
    refused = shop.caller.patch("/v1/customers/cust_123456", {"payment_terms": terms})

    assert (refused.status, refused.fields) == (400, ["payment_terms"])
    assert contents(shop.caller) == before
