"""A bad debt, whose tax the authority gives back, and one that is taken from an allowance.

1,000.00 with 20 % are 1,200.00; 450.00 are paid and 750.00 are lost. Of these 750.00 x 200.00 / 1,200.00 = 125.00 are
tax, which is not owed any more, and 625.00 an expense:

    Bad Debts            625.00
    Sales Tax Payable    125.00
        Accounts Receivable          750.00

At the end of the year the company expects to lose 2,000.00 of what is due, and books that as an expense (Dr Bad Debts,
Cr Allowance for Doubtful Accounts). What is lost then is taken from the allowance and is no second expense.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.sales import Shop, assert_customer_balances_hold
from tests.scenarios.test_tax_kinds import quebec

D = Decimal
LOST = {"kind": "bad_debt", "reason": "Insolvent", "tax_relief": True}
YEAR = "from=2024-01-01&to=2024-12-31"


def sold(shop: Shop, net: str = "1000.00", paid: str | None = "450.00", **tax: Any) -> Any:
    line = {"description": "Work", "quantity": 1, "unit_price": D(net), **(tax or {"tax_rate": D("0.20")})}
    invoice = shop.send(shop.post("/v1/invoices", customer_id="cust_123456", invoice_date="2024-01-10", lines=[line]))
    if paid:
        shop.pay(paid, invoice_id=invoice["id"], date="2024-02-01")
    return invoice


def lose(shop: Shop, invoice: Any, **fields: Any) -> Any:
    return shop.post(f"/v1/invoices/{invoice['id']}/write-off", **LOST, date="2024-06-30", **fields)


def report(shop: Shop, period: str = YEAR) -> Any:
    found = shop.read(f"/v1/reports/sales_tax?{period}")
    assert found["reconciliation"]["difference"] == 0
    return found


def test_the_tax_of_a_bad_debt_comes_back(shop: Shop) -> None:
    invoice = lose(shop, sold(shop))

    assert invoice["status"] == "written_off"
    assert [(row["amount"], row["tax_amount"]) for row in invoice["write_offs"]] == [(D("750.00"), D("125.00"))]
    assert shop.books() == {
        "Cash": D("450.00"), "Bad Debts": D("625.00"), "Sales Revenue": D("-1000.00"), "Sales Tax Payable": D("-75.00"),
    }  # fmt: skip
    june = report(shop, "from=2024-06-01&to=2024-06-30")
    assert [(row["name"], row["figures"]["bad_debt_relief"]) for row in june["rows"]] == [("Tax 20 %", D("125.00"))]
    assert (june["totals"]["tax_due"], report(shop)["totals"]["tax_due"]) == (D("-125.00"), D("75.00"))
    assert_customer_balances_hold(shop.caller)


def test_without_relief_all_of_it_is_an_expense(shop: Shop) -> None:
    invoice = sold(shop)
    lost = shop.post(f"/v1/invoices/{invoice['id']}/write-off", kind="bad_debt", reason="Insolvent")

    assert (shop.books()["Bad Debts"], shop.books()["Sales Tax Payable"]) == (D("750.00"), D("-200.00"))
    assert lost["write_offs"][0]["tax_amount"] == D("0.00")


def test_a_recovery_owes_its_tax_again(shop: Shop) -> None:
    """300.00 of the 750.00 come after all: 50.00 of them are tax. Then the rest is undone: 75.00 are."""
    invoice = lose(shop, sold(shop))

    shop.pay("300.00", invoice_id=invoice["id"], date="2024-09-01")
    assert (shop.books()["Bad Debts"], shop.books()["Sales Tax Payable"]) == (D("375.00"), D("-125.00"))
    assert report(shop, "from=2024-09-01&to=2024-09-30")["totals"]["bad_debt_relief"] == D("-50.00")

    row = shop.again(invoice)["write_offs"][0]
    shop.post(f"/v1/invoices/{invoice['id']}/write-offs/{row['id']}/undo", date="2024-10-01")
    assert shop.books() == {
        "Accounts Receivable": D("450.00"), "Cash": D("750.00"), "Sales Revenue": D("-1000.00"),
        "Sales Tax Payable": D("-200.00"),
    }  # fmt: skip
    assert report(shop)["totals"]["bad_debt_relief"] == D("0.00")


def test_parts_come_to_the_whole_to_the_cent(shop: Shop) -> None:
    """10.00 with 5 % and 9.975 %: 0.50 and 1.00. Written off in eight parts, both come back in full, neither over."""
    quebec(shop)
    invoice = sold(shop, "10.00", None, tax_rate_id="tax_quebec")
    assert invoice["total"] == D("11.50")
    for part in ("0.01", "3.33", "0.07", "2.00", "1.11", "0.99", "3.98"):
        lose(shop, invoice, amount=D(part))
    kept = lose(shop, invoice)

    assert sum(row["tax_amount"] for row in kept["write_offs"]) == D("1.50")
    assert shop.books() == {"Bad Debts": D("10.00"), "Sales Revenue": D("-10.00")}
    for row in kept["write_offs"]:
        shop.post(f"/v1/invoices/{invoice['id']}/write-offs/{row['id']}/undo")
    assert {name: amount for name, amount in shop.books().items() if name.endswith("Payable")} == {
        "GST Payable": D("-0.50"), "QST Payable": D("-1.00"),
    }  # fmt: skip


def test_what_was_credited_has_given_its_tax_back_already(shop: Shop) -> None:
    """Half of 1,200.00 is credited with 100.00 of tax; the other half is lost with the other 100.00."""
    invoice = sold(shop, paid=None)
    half = {"description": "Half", "quantity": 1, "unit_price": D("500.00"), "tax_rate": D("0.20")}
    shop.post("/v1/credit-notes", invoice_id=invoice["id"], lines=[half])

    lost = shop.post(f"/v1/invoices/{invoice['id']}/write-off", **LOST)

    assert (lost["write_offs"][0]["amount"], lost["write_offs"][0]["tax_amount"]) == (D("600.00"), D("100.00"))
    assert shop.books() == {"Bad Debts": D("500.00"), "Sales Revenue": D("-500.00")}


def test_a_small_difference_gives_no_tax_back(shop: Shop) -> None:
    invoice = sold(shop, paid="1199.50")
    before = contents(shop.caller)

    refused = shop.caller.post(
        f"/v1/invoices/{invoice['id']}/write-off", {**LOST, "kind": "small_difference", "reason": "Fees"}
    )

    assert (refused.status, refused.fields) == (400, ["tax_relief"])
    assert contents(shop.caller) == before


@pytest.mark.parametrize("relief", [False, True])
def test_by_the_allowance_method_the_loss_is_taken_from_the_allowance(shop: Shop, relief: bool) -> None:
    """2,000.00 are allowed for; 750.00 are lost, then 300.00 of them recovered. The expense stays 2,000.00."""
    shop.done(shop.caller.patch("/v1/sales-settings", {"bad_debt_method": "allowance"}))
    expense = shop.post("/v1/accounts", code="6700", name="Bad Debts", type="expense", subtype="operating_expense")
    allowance = shop.post(
        "/v1/accounts", code="1210", name="Allowance for Doubtful Accounts", type="asset", subtype="current_asset"
    )
    lines = [
        {"account_id": expense["id"], "debit": D("2000.00")}, {"account_id": allowance["id"], "credit": D("2000.00")},
    ]  # fmt: skip
    shop.post("/v1/journal-entries", date="2023-12-31", description="Doubtful accounts", lines=lines)

    invoice = lose(shop, sold(shop)) if relief else None
    if invoice is None:
        made = sold(shop)
        invoice = shop.post(f"/v1/invoices/{made['id']}/write-off", kind="bad_debt", reason="Gone", date="2024-06-30")
    books = shop.books()
    assert (books["Bad Debts"], books["Allowance for Doubtful Accounts"]) == (
        D("2000.00"), D("-1375.00") if relief else D("-1250.00"),
    )  # fmt: skip
    assert invoice["write_offs"][0]["is_against_allowance"] is True

    # What was taken from the allowance goes back there, whatever the method is by then.
    shop.done(shop.caller.patch("/v1/sales-settings", {"bad_debt_method": "direct"}))
    shop.pay("300.00", invoice_id=invoice["id"], date="2024-09-01")
    books = shop.books()
    assert (books["Bad Debts"], books["Allowance for Doubtful Accounts"]) == (
        D("2000.00"), D("-1625.00") if relief else D("-1550.00"),
    )  # fmt: skip
