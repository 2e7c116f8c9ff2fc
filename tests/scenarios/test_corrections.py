"""Corrections, as an accountant makes them: each on its day, never before what it corrects, and each can be undone.

Debits are positive, credits negative. `books_on` is the trial balance of a day.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.sales import Shop, assert_customer_balances_hold

D = Decimal
At = Callable[[str], None]


def books_on(shop: Shop, day: str) -> dict[str, Decimal]:
    report = shop.read(f"/v1/reports/trial_balance?as_of={day}")
    assert report["totals"]["debit"] == report["totals"]["credit"]
    return {row["account"]["name"]: row["debit"] - row["credit"] for row in report["rows"]}


def taxed(shop: Shop, net: str, rate: str, **fields: Any) -> Any:
    line = {"description": "Work", "quantity": 1, "unit_price": D(net), "tax_rate": D(rate)}
    return shop.send(shop.post("/v1/invoices", customer_id="cust_123456", lines=[line], **fields))


def refused(shop: Shop, path: str, **body: Any) -> tuple[str, str]:
    """(rule, field) of a refusal, after which everything is as it was."""
    before = contents(shop.caller)
    answer = shop.caller.post(path, body)
    assert answer.status == 422, answer.text
    assert contents(shop.caller) == before
    detail = answer.error["details"][0]
    return detail["rule"], detail.get("field")


def test_what_is_credited_cannot_be_voided_or_written_off_as_well(shop: Shop) -> None:
    """100.00 and 8.00 of tax are credited: the sale is taken back once, and nothing is left of it."""
    invoice = taxed(shop, "100.00", "0.08")
    note = shop.post("/v1/credit-notes", invoice_id=invoice["id"])
    assert (note["status"], note["amount_applied"], note["amount_remaining"]) == ("applied", D("108.00"), D("0.00"))
    assert (shop.again(invoice)["status"], shop.again(invoice)["amount_credited"]) == ("paid", D("108.00"))

    assert refused(shop, f"/v1/invoices/{invoice['id']}/void", reason="x")[0] == "invoice_has_payments"
    write_off = {"kind": "bad_debt", "reason": "x"}
    assert refused(shop, f"/v1/invoices/{invoice['id']}/write-off", **write_off)[0] == "invoice_closed"
    assert (shop.books(), shop.balance()) == ({}, D("0.00"))
    shop.post(f"/v1/credit-notes/{note['id']}/void", reason="Not returned after all")
    assert shop.post(f"/v1/invoices/{invoice['id']}/void", reason="x")["status"] == "void"
    assert (shop.books(), shop.balance()) == ({}, D("0.00"))


def test_a_credit_note_of_a_paid_invoice_is_the_customers_credit(shop: Shop) -> None:
    """108.00 is paid, then credited: the customer has 108.00, which is paid out."""
    invoice = taxed(shop, "100.00", "0.08")
    shop.pay("108.00", invoice_id=invoice["id"])
    note = shop.post("/v1/credit-notes", invoice_id=invoice["id"])
    assert (note["status"], note["amount_remaining"], shop.balance()) == ("open", D("108.00"), D("-108.00"))
    assert shop.books() == {"Cash": D("108.00"), "Customer Deposits": D("-108.00")}

    paid_out = shop.post(f"/v1/credit-notes/{note['id']}/refund", reason="Returned")
    assert (paid_out["status"], paid_out["amount_refunded"]) == ("refunded", D("108.00"))
    assert (shop.books(), shop.balance()) == ({}, D("0.00"))
    void = f"/v1/credit-notes/{note['id']}/void"
    assert refused(shop, void, reason="x")[0] == "credit_note_refunded"


def test_what_a_credit_note_still_holds_is_not_lost(shop: Shop) -> None:
    """100.00 is paid by check and credited; the check bounces. The 100.00 due are covered by the credit note."""
    invoice = shop.sent("100.00")
    payment = shop.pay("100.00", invoice_id=invoice["id"], method="check")
    note = shop.post("/v1/credit-notes", invoice_id=invoice["id"])
    shop.post(f"/v1/payments/{payment['id']}/void", reason="Bounced")
    assert (shop.again(invoice)["amount_due"], shop.balance()) == (D("100.00"), D("0.00"))

    write_off = {"kind": "bad_debt", "reason": "x"}
    assert refused(shop, f"/v1/invoices/{invoice['id']}/write-off", **write_off) == ("over_write_off", "amount")
    shop.post(f"/v1/credit-notes/{note['id']}/apply", invoice_id=invoice["id"])
    assert (shop.again(invoice)["status"], shop.books()) == ("paid", {})


def test_the_void_of_a_future_invoice_leaves_this_month_alone(shop: Shop, at: At) -> None:
    """On 10 March an invoice of 15 April over 1,000.00 and 10 % is voided: in March there is neither sale nor void."""
    at("2024-03-10T12:00:00+00:00")
    invoice = taxed(shop, "1000.00", "0.10", invoice_date="2024-04-15")
    void = f"/v1/invoices/{invoice['id']}/void"
    assert refused(shop, void, reason="x", date="2024-04-14") == ("date_before_source", "date")

    assert shop.post(void, reason="x")["voided_date"] == "2024-04-15"
    for day in ("2024-03-31", "2024-04-14", "2024-04-15", "2024-12-31"):
        assert books_on(shop, day) == {}
    assert shop.read("/v1/reports/sales_tax?from=2024-03-01&to=2024-03-31")["totals"]["tax_due"] == D("0.00")
    assert shop.read("/v1/reports/sales_tax?from=2024-04-01&to=2024-04-30")["totals"]["tax_due"] == D("0.00")


def test_bad_debts_of_december_entered_in_january_are_decembers(shop: Shop, at: At) -> None:
    at("2025-01-05T12:00:00+00:00")
    invoice = shop.sent("300.00", invoice_date="2024-06-01")
    shop.post(f"/v1/invoices/{invoice['id']}/write-off", kind="bad_debt", reason="Insolvent", date="2024-12-31")

    assert books_on(shop, "2024-12-31") == {"Bad Debts": D("300.00"), "Sales Revenue": D("-300.00")}
    assert shop.read("/v1/reports/aged_receivables?as_of=2024-12-31")["rows"] == []
    assert shop.read("/v1/reports/aged_receivables?as_of=2024-12-30")["totals"]["total"] == D("300.00")


def test_a_check_bounces(shop: Shop, at: At) -> None:
    """100.00 paid by check on 20 January, known to have bounced on 2 February: due again from that day."""
    at("2024-01-20T12:00:00+00:00")
    invoice = shop.sent("100.00", invoice_date="2024-01-02", due_date="2024-01-31")
    check = shop.pay("100.00", invoice_id=invoice["id"], method="check")
    at("2024-02-05T12:00:00+00:00")
    void = f"/v1/payments/{check['id']}/void"
    assert refused(shop, void, reason="Bounced", date="2024-01-19") == ("date_before_source", "date")

    bounced = shop.post(void, reason="Bounced", date="2024-02-02")
    assert (bounced["status"], bounced["voided_date"], bounced["amount_applied"], bounced["amount_unapplied"]) == (
        "void", "2024-02-02", D("0.00"), D("0.00"),
    )  # fmt: skip
    assert (shop.again(invoice)["status"], shop.balance()) == ("overdue", D("100.00"))
    assert books_on(shop, "2024-02-01") == {"Cash": D("100.00"), "Sales Revenue": D("-100.00")}
    assert books_on(shop, "2024-02-02") == {"Accounts Receivable": D("100.00"), "Sales Revenue": D("-100.00")}
    for action in ("void", "refund", "apply"):
        body = {"reason": "x"} if action != "apply" else {"invoice_id": invoice["id"]}
        assert refused(shop, f"/v1/payments/{check['id']}/{action}", **body)[0] == "payment_void"
    statement = shop.read("/v1/customers/cust_123456/statement")
    assert [(row["type"], row["balance"]) for row in statement["rows"]] == [
        ("invoice", D("100.00")), ("payment", D("0.00")), ("payment_void", D("100.00")),
    ]  # fmt: skip


def test_a_payment_on_the_wrong_invoice_moves_to_the_right_one(shop: Shop, at: At) -> None:
    """80.00 of 10 March is set against the first invoice, taken off it on 20 March, and set against the second. The
    first was paid from 10 to 19 March; the second is paid from 20 March, when the money was free again."""
    at("2024-03-10T12:00:00+00:00")
    first, second = (shop.sent("80.00", invoice_date="2024-03-01", due_date="2024-03-31") for _ in range(2))
    payment = shop.pay("80.00", invoice_id=first["id"])
    at("2024-03-20T12:00:00+00:00")
    unapply = f"/v1/payments/{payment['id']}/unapply"
    assert refused(shop, unapply, invoice_id=second["id"]) == ("not_applied", "invoice_id")
    assert refused(shop, unapply, invoice_id=first["id"], date="2024-03-09") == ("date_before_source", "date")

    freed = shop.post(unapply, invoice_id=first["id"])
    assert (freed["amount_unapplied"], freed["applications"][0]["released_date"]) == (D("80.00"), "2024-03-20")
    assert (shop.again(first)["status"], shop.balance()) == ("sent", D("80.00"))
    apply = f"/v1/payments/{payment['id']}/apply"
    assert refused(shop, apply, invoice_id=second["id"], date="2024-03-15") == ("date_before_source", "date")
    assert shop.post(apply, invoice_id=second["id"])["applied_date"] == "2024-03-20"

    open_on = {
        day: {row["number"] for row in shop.read(f"/v1/reports/open_receivables?as_of={day}")["rows"]}
        for day in ("2024-03-09", "2024-03-10", "2024-03-19", "2024-03-20")
    }
    assert open_on == {
        "2024-03-09": {first["number"], second["number"]},
        "2024-03-10": {second["number"]},
        "2024-03-19": {second["number"]},
        "2024-03-20": {first["number"]},
    }


def test_a_credit_note_is_taken_off_and_voided(shop: Shop, at: At) -> None:
    """50.00 of 200.00 is credited on 5 May, taken off on 8 May, and voided on 9 May: 200.00 is due as before."""
    at("2024-05-05T12:00:00+00:00")
    invoice = shop.sent("200.00", invoice_date="2024-05-01", due_date="2024-06-01")
    work = {"description": "Hour", "quantity": 1, "unit_price": D("50.00")}
    note = shop.post("/v1/credit-notes", invoice_id=invoice["id"], lines=[work])
    assert shop.again(invoice)["amount_due"] == D("150.00")
    at("2024-05-08T12:00:00+00:00")
    freed = shop.post(f"/v1/credit-notes/{note['id']}/unapply", invoice_id=invoice["id"])
    assert (freed["status"], shop.again(invoice)["amount_due"], shop.balance()) == ("open", D("200.00"), D("150.00"))
    assert shop.books()["Customer Deposits"] == D("-50.00")
    at("2024-05-09T12:00:00+00:00")
    assert shop.post(f"/v1/credit-notes/{note['id']}/void", reason="x")["status"] == "void"

    assert shop.books() == {"Accounts Receivable": D("200.00"), "Sales Revenue": D("-200.00")}
    assert (shop.balance(), shop.again(invoice)["status"]) == (D("200.00"), "sent")
    apply = f"/v1/credit-notes/{note['id']}/apply"
    assert refused(shop, apply, invoice_id=invoice["id"])[0] == "credit_note_void"


def test_two_write_offs_of_one_invoice_are_two_facts(shop: Shop, at: At) -> None:
    """100.00 of 2 January: 99.50 by check on 20 January, 0.50 waived on 2 February; the check bounces on 10 March, and
    on 20 April 99.50 is a bad debt. On each day the aged receivables are the receivable account."""
    at("2024-01-20T12:00:00+00:00")
    invoice = shop.sent("100.00", invoice_date="2024-01-02", due_date="2024-01-31")
    check = shop.pay("99.50", invoice_id=invoice["id"], method="check")
    at("2024-02-02T12:00:00+00:00")
    waived = shop.post(f"/v1/invoices/{invoice['id']}/write-off", kind="small_difference", reason="Fee")
    assert (waived["status"], waived["payment_status"]) == ("paid", "paid")
    at("2024-03-10T12:00:00+00:00")
    shop.post(f"/v1/payments/{check['id']}/void", reason="Bounced")
    at("2024-04-20T12:00:00+00:00")
    lost = shop.post(f"/v1/invoices/{invoice['id']}/write-off", kind="bad_debt", reason="Insolvent")
    assert (lost["status"], lost["payment_status"], lost["amount_written_off"]) == (
        "written_off", "written_off", D("100.00"),
    )  # fmt: skip
    assert [(row["kind"], row["amount"], row["date"]) for row in lost["write_offs"]] == [
        ("small_difference", D("0.50"), "2024-02-02"), ("bad_debt", D("99.50"), "2024-04-20"),
    ]  # fmt: skip

    figures = {
        "2024-01-25": "0.50", "2024-02-10": "0.00", "2024-03-09": "0.00", "2024-03-31": "99.50", "2024-04-20": "0.00",
    }  # fmt: skip
    for day, amount in figures.items():
        aged = shop.read(f"/v1/reports/aged_receivables?as_of={day}")["totals"]["total"]
        assert (day, aged, books_on(shop, day).get("Accounts Receivable", D("0.00"))) == (day, D(amount), D(amount))
    rows = shop.read("/v1/customers/cust_123456/statement")["rows"]
    assert [(row["date"], row["type"], row["amount"]) for row in rows] == [
        ("2024-01-02", "invoice", D("100.00")), ("2024-01-20", "payment", D("-99.50")),
        ("2024-02-02", "write_off", D("-0.50")), ("2024-03-10", "payment_void", D("99.50")),
        ("2024-04-20", "write_off", D("-99.50")),
    ]  # fmt: skip


def test_a_write_off_in_part_is_undone(shop: Shop) -> None:
    """40.00 of 100.00 is given up, then not: it is due again, and cannot be undone twice."""
    invoice = shop.sent("100.00")
    path = f"/v1/invoices/{invoice['id']}"
    body = {"kind": "bad_debt", "reason": "Dispute"}
    assert refused(shop, f"{path}/write-off", **body, amount=D("100.01")) == ("over_write_off", "amount")
    lost = shop.post(f"{path}/write-off", **body, amount=D("40.00"))
    assert (lost["status"], lost["payment_status"], lost["amount_due"]) == ("sent", "partially_paid", D("60.00"))
    assert refused(shop, f"{path}/void", reason="x")[0] == "invoice_has_payments"
    assert refused(shop, "/v1/credit-notes", invoice_id=invoice["id"])[0] == "credit_exceeds_invoice"

    undo = f"{path}/write-offs/{lost['write_offs'][0]['id']}/undo"
    undone = shop.post(undo, reason="Settled")
    assert (undone["amount_due"], undone["write_offs"][0]["amount_undone"]) == (D("100.00"), D("40.00"))
    assert refused(shop, undo)[0] == "write_off_undone"
    assert shop.books() == {"Accounts Receivable": D("100.00"), "Sales Revenue": D("-100.00")}
    assert shop.post(f"{path}/void", reason="x")["status"] == "void"


def test_a_written_off_debt_is_recovered(shop: Shop, at: At) -> None:
    """1,200.00 is lost on 30 June; 500.00 of it comes on 15 August, the rest on 1 October: it was no loss."""
    at("2024-06-30T12:00:00+00:00")
    invoice = shop.sent("1200.00", invoice_date="2024-01-10")
    shop.post(f"/v1/invoices/{invoice['id']}/write-off", kind="bad_debt", reason="Insolvent")
    assert shop.balance() == D("0.00")
    at("2024-08-15T12:00:00+00:00")
    shop.pay("500.00", invoice_id=invoice["id"])
    again = shop.again(invoice)
    assert (again["status"], again["amount_paid"], again["amount_written_off"], again["amount_due"]) == (
        "written_off", D("500.00"), D("700.00"), D("0.00"),
    )  # fmt: skip
    assert books_on(shop, "2024-08-15") == {
        "Cash": D("500.00"), "Bad Debts": D("700.00"), "Sales Revenue": D("-1200.00"),
    }  # fmt: skip
    at("2024-10-01T12:00:00+00:00")
    rest = shop.pay("800.00", invoice_id=invoice["id"])

    assert (rest["amount_applied"], rest["amount_unapplied"], shop.again(invoice)["status"]) == (
        D("700.00"), D("100.00"), "paid",
    )  # fmt: skip
    assert shop.books() == {
        "Cash": D("1300.00"), "Customer Deposits": D("-100.00"), "Sales Revenue": D("-1200.00"),
    }  # fmt: skip
    assert books_on(shop, "2024-08-14")["Bad Debts"] == D("1200.00")
    assert "invoice.recovered" in shop.events()
    assert_customer_balances_hold(shop.caller)


@pytest.mark.parametrize(
    ("currency", "most", "over"), [("USD", "1.00", "1.01"), ("JPY", "100", "101"), ("KWD", "0.100", "0.101")]
)
def test_small_differences_have_a_limit_per_currency(shop: Shop, currency: str, most: str, over: str) -> None:
    """A hundred of the currency's smallest units, unless the tenant set another; all of an invoice count together."""
    buyer = shop.customer(number="7", currency=currency)
    body = {"kind": "small_difference", "reason": "Rounding"}
    invoice = shop.sent(over, customer=buyer["id"])
    path = f"/v1/invoices/{invoice['id']}/write-off"
    assert refused(shop, path, **body)[0] == "difference_not_small"
    part = D(over) - D(most)
    shop.post(path, **body, amount=part)
    assert refused(shop, path, **body)[0] == "difference_not_small"

    set_to = shop.done(shop.caller.patch("/v1/sales-settings", {"small_difference_limit": {currency: D(over)}}))
    assert set_to["small_difference_limit"][currency] == D(over)
    assert shop.post(path, **body)["status"] == "paid"


def test_a_refund_is_dated_where_it_was_made(shop: Shop, at: At) -> None:
    """Paid 90.00 on 3 May, 30.00 of it refunded on 10 May, entered on 12 May."""
    at("2024-05-12T12:00:00+00:00")
    invoice = shop.sent("90.00", invoice_date="2024-05-01", due_date="2024-05-31")
    payment = shop.pay("90.00", invoice_id=invoice["id"], date="2024-05-03")
    refund = f"/v1/payments/{payment['id']}/refund"
    assert refused(shop, refund, amount=D("30.00"), date="2024-05-02") == ("date_before_source", "date")

    body = shop.post(refund, amount=D("30.00"), date="2024-05-10")
    assert [row["date"] for row in body["refunds"]] == ["2024-05-10"]
    assert books_on(shop, "2024-05-09") == {"Cash": D("90.00"), "Sales Revenue": D("-90.00")}
    assert books_on(shop, "2024-05-10") == {
        "Cash": D("60.00"), "Accounts Receivable": D("30.00"), "Sales Revenue": D("-90.00"),
    }  # fmt: skip
