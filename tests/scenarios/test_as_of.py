"""The past as it was: what was open on a day follows from the days of the facts, whenever they were entered."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.sales import Shop

D = Decimal
At = Callable[[str], None]
AGES = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90", "unapplied_credit", "total")


def aged(shop: Shop, day: str) -> dict[str, Decimal]:
    """The ages that are not zero."""
    totals: dict[str, Any] = shop.read(f"/v1/reports/aged_receivables?as_of={day}")["totals"]
    return {name: totals[name] for name in AGES if totals[name]}


def on_account(shop: Shop, day: str, name: str = "Accounts Receivable") -> Decimal:
    rows = shop.read(f"/v1/reports/trial_balance?as_of={day}")["rows"]
    return sum((r["debit"] - r["credit"] for r in rows if r["account"]["name"] == name), D(0))


def test_a_bank_line_that_is_entered_later_counts_from_its_own_day(shop: Shop, at: At) -> None:
    """1,000.00 due on 31 May is paid on 28 June; the line is entered on 6 July. On 30 June nothing is overdue."""
    at("2024-07-06T12:00:00+00:00")
    invoice = shop.sent("1000.00", invoice_date="2024-05-01", due_date="2024-05-31")
    shop.pay("1000.00", invoice_id=invoice["id"], date="2024-06-28")

    assert aged(shop, "2024-06-27") == {"days_1_30": D("1000.00"), "total": D("1000.00")}
    assert aged(shop, "2024-06-30") == {}
    assert on_account(shop, "2024-06-30") == D("0.00")


def test_a_payment_of_before_the_invoice_counts_from_the_invoice(shop: Shop, at: At) -> None:
    """400.00 comes on 9 January; the invoice is dated 20 January and both are joined on 3 February."""
    at("2024-02-03T12:00:00+00:00")
    payment = shop.pay("400.00", date="2024-01-09")
    invoice = shop.sent("400.00", invoice_date="2024-01-20")
    applied = shop.post(f"/v1/payments/{payment['id']}/apply", invoice_id=invoice["id"])

    assert applied["applied_date"] == "2024-01-20"
    assert aged(shop, "2024-01-19") == {"unapplied_credit": D("400.00")}
    assert on_account(shop, "2024-01-19", "Customer Deposits") == D("-400.00")
    assert aged(shop, "2024-01-20") == {}
    assert on_account(shop, "2024-01-20", "Customer Deposits") == D("0.00")


def test_a_given_date_is_the_day_from_which_it_counts(shop: Shop, at: At) -> None:
    at("2024-03-31T12:00:00+00:00")
    invoice = shop.sent("50.00", invoice_date="2024-03-01", due_date="2024-03-31")
    payment = shop.pay("50.00", date="2024-03-05")
    apply = f"/v1/payments/{payment['id']}/apply"
    early = shop.caller.post(apply, {"invoice_id": invoice["id"], "date": "2024-03-04"})
    assert (early.status, early.error["details"][0]["rule"], early.fields) == (422, "date_before_source", ["date"])

    shop.post(apply, invoice_id=invoice["id"], date="2024-03-20")
    assert aged(shop, "2024-03-19") == {
        "current": D("50.00"), "unapplied_credit": D("50.00"), "total": D("50.00"),
    }  # fmt: skip
    assert aged(shop, "2024-03-20") == {}


def test_a_check_dated_next_month_is_not_there_yet(shop: Shop, at: At) -> None:
    """On 25 November 100.00 is due; a check of 15 December is set against it. Until then it is owed, everywhere."""
    at("2024-11-25T12:00:00+00:00")
    invoice = shop.sent("100.00", invoice_date="2024-11-01", due_date="2024-12-01")
    shop.pay("100.00", invoice_id=invoice["id"], method="check", date="2024-12-15")

    for day, due in (("2024-11-25", "100.00"), ("2024-12-14", "100.00"), ("2024-12-15", "0.00")):
        statement = shop.read(f"/v1/customers/cust_123456/statement?to={day}")["totals"]["closing_balance"]
        found = (aged(shop, day).get("total", D("0.00")), on_account(shop, day), statement)
        assert (day, found) == (day, (D(due), D(due), D(due)))


def test_an_invoice_dated_next_month_that_is_paid_today(shop: Shop, at: At) -> None:
    """It is paid from its own day; until then the money is a deposit."""
    at("2024-03-10T12:00:00+00:00")
    invoice = shop.sent("70.00", invoice_date="2024-04-01")
    shop.pay("70.00", invoice_id=invoice["id"])

    assert aged(shop, "2024-03-31") == {"unapplied_credit": D("70.00")}
    assert on_account(shop, "2024-03-31", "Customer Deposits") == D("-70.00")
    assert (aged(shop, "2024-04-01"), on_account(shop, "2024-04-01")) == ({}, D("0.00"))


def test_a_due_date_that_was_moved_does_not_restate_the_past(shop: Shop, at: At) -> None:
    """100.00 due on 10 January; on 15 February it is put off to 31 March, on 20 February to 30 April."""
    at("2024-01-02T12:00:00+00:00")
    invoice = shop.sent("100.00", invoice_date="2024-01-02", due_date="2024-01-10")
    for day, due in (("2024-02-15", "2024-03-31"), ("2024-02-20", "2024-04-30")):
        at(f"{day}T12:00:00+00:00")
        shop.done(shop.caller.patch(f"/v1/invoices/{invoice['id']}", {"due_date": due}))

    assert aged(shop, "2024-01-31") == {"days_1_30": D("100.00"), "total": D("100.00")}
    assert aged(shop, "2024-02-14") == {"days_31_60": D("100.00"), "total": D("100.00")}
    assert aged(shop, "2024-02-15") == {"current": D("100.00"), "total": D("100.00")}
    items = {d: shop.read(f"/v1/reports/open_receivables?as_of={d}")["rows"][0]["due_date"] for d in
             ("2024-02-14", "2024-02-19", "2024-02-20")}  # fmt: skip
    assert items == {"2024-02-14": "2024-01-10", "2024-02-19": "2024-03-31", "2024-02-20": "2024-04-30"}


def test_lines_url_shows_what_was_open_then(shop: Shop, at: At) -> None:
    """On 31 May 60.00 of 100.00 were due, and nothing else; today there are other invoices and a draft."""
    at("2024-05-10T12:00:00+00:00")
    old = shop.sent("100.00", invoice_date="2024-05-01", due_date="2024-05-31")
    shop.pay("40.00", invoice_id=old["id"])
    at("2024-07-01T12:00:00+00:00")
    shop.pay("60.00", invoice_id=old["id"])
    shop.sent("500.00")
    shop.invoice("900.00")

    (row,) = shop.read("/v1/reports/aged_receivables?as_of=2024-05-31")["rows"]
    behind = shop.read(row["lines_url"])
    assert [(item["number"], item["amount_due"]) for item in behind["rows"]] == [(old["number"], D("60.00"))]
    assert behind["totals"]["amount_due"] == row["amounts"]["total"] == D("60.00")


@pytest.mark.parametrize(
    ("setting", "deposits", "total"), [("customer_deposits", "-30.00", "100.00"), ("receivable", "0.00", "70.00")]
)
def test_unapplied_credit_stands_where_the_tenant_wants_it(shop: Shop, setting: str, deposits: str, total: str) -> None:
    """100.00 is owed, 30.00 came without an invoice: a liability, or a negative receivable. What was posted before the
    setting changes stays where it is, and both are right when they are applied."""
    shop.done(shop.caller.patch("/v1/sales-settings", {"unapplied_as": setting}))
    invoice, payment = shop.sent("100.00"), shop.pay("30.00")
    books = shop.books()
    assert (books.get("Customer Deposits", D("0.00")), books["Accounts Receivable"]) == (D(deposits), D(total))
    totals = shop.read("/v1/reports/aged_receivables")["totals"]
    assert (totals["unapplied_credit"], totals["total"]) == (D("30.00"), D(total))

    other = {"customer_deposits": "receivable", "receivable": "customer_deposits"}[setting]
    shop.done(shop.caller.patch("/v1/sales-settings", {"unapplied_as": other}))
    shop.post(f"/v1/payments/{payment['id']}/apply", invoice_id=invoice["id"])
    assert shop.books() == {"Cash": D("30.00"), "Accounts Receivable": D("70.00"), "Sales Revenue": D("-100.00")}


def test_printing_plus_through_invoices_and_payments(shop: Shop, at: At) -> None:
    """OpenStax, chapters 3 to 5: 4,000 paid in advance on 9 January, services of 5,500 on the 10th (paid on the 23rd),
    of 2,800 on the 17th (paid at once) and of 1,200 on the 27th. At the end of January the book prints receivables of
    1,200 and unearned revenue of 4,000, before it is adjusted."""
    at("2019-02-05T12:00:00+00:00")
    shop.pay("4000.00", date="2019-01-09")
    first = shop.sent("5500.00", invoice_date="2019-01-10")
    cash = shop.sent("2800.00", invoice_date="2019-01-17")
    shop.pay("2800.00", invoice_id=cash["id"], date="2019-01-17")
    shop.pay("5500.00", invoice_id=first["id"], date="2019-01-23")
    shop.sent("1200.00", invoice_date="2019-01-27")

    sheet = shop.read("/v1/reports/balance_sheet?as_of=2019-01-31")["rows"]
    found = {row["label"]: row["amount"] for row in sheet}
    assert (found["Accounts Receivable"], found["Customer Deposits"]) == (D("1200.00"), D("4000.00"))
    earned = shop.read("/v1/reports/income_statement?from=2019-01-01&to=2019-01-31")["totals"]["revenue"]
    assert earned == D("9500.00")
