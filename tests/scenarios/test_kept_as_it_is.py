"""What would be lost or shown as something else is refused, and what is left over is shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.breaking import contents
from tests.sales import Shop

D = Decimal
TILL = {"code": "1000", "name": "Till", "type": "asset", "subtype": "current_asset"}
EQUITY = {"code": "3900", "name": "Opening Balance Equity", "type": "equity", "subtype": "equity"}


def entry(*lines: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "date": "2024-01-15",
        "lines": [{"account_id": account, side: D(amount)} for account, side, amount in lines],
    }


def test_an_entry_that_changes_nothing_is_refused(shop: Shop) -> None:
    shop.post("/v1/accounts", **TILL)
    before = contents(shop.caller)

    refused = shop.caller.post("/v1/journal-entries", entry(("acc_1000", "debit", "5"), ("acc_1000", "credit", "5")))

    assert (refused.status, refused.fields) == (400, ["lines"])
    assert contents(shop.caller) == before


def test_an_account_on_both_sides_is_shown_on_both(shop: Shop) -> None:
    """100.00 received and 2.00 of it paid as a fee out of the same till: it holds 98.00, by two lines."""
    shop.post("/v1/accounts", **TILL)
    shop.post("/v1/accounts", code="6300", name="Fees", type="expense", subtype="operating_expense")
    shop.post("/v1/accounts", code="3000", name="Capital", type="equity", subtype="equity")
    shop.post(
        "/v1/journal-entries",
        **entry(
            ("acc_1000", "debit", "100"), ("acc_3000", "credit", "100"),
            ("acc_6300", "debit", "2"), ("acc_1000", "credit", "2"),
        ),
    )  # fmt: skip

    rows = shop.read("/v1/accounts/acc_1000/ledger")["data"]
    assert sorted((row["debit"], row["credit"]) for row in rows) == [(D("0.00"), D("2.00")), (D("100.00"), D("0.00"))]
    assert shop.read("/v1/accounts/acc_1000")["balance"] == D("98.00")


def test_the_opening_balance_account_has_no_opening_balance_of_its_own(shop: Shop) -> None:
    before = contents(shop.caller)

    refused = shop.caller.post("/v1/accounts", {**EQUITY, "opening_balance": D("10.00")})

    assert (refused.status, refused.fields) == (400, ["opening_balance"])
    assert contents(shop.caller) == before
    shop.post("/v1/accounts", **EQUITY)
    shop.post("/v1/accounts", **TILL, opening_balance=D("10.00"))
    assert shop.read("/v1/accounts/acc_3900")["balance"] == D("10.00")


def test_a_change_of_a_customers_balance_has_an_event_and_moves_its_stamp(shop: Shop) -> None:
    """An invoice over 1,458.00, and 458.00 of it paid: the customer owes 1,000.00, and whoever keeps a copy sees it."""
    before = shop.read("/v1/customers/cust_123456")
    invoice = shop.sent()
    after = shop.read("/v1/customers/cust_123456")
    shop.pay("458.00", invoice_id=invoice["id"])

    assert (after["balance"], after["updated_at"] > before["updated_at"]) == (D("1458.00"), True)
    found = shop.read(f"/v1/customers?updated_at[gt]={before['updated_at']}")["data"]
    assert [row["balance"] for row in found] == [D("1000.00")]
    assert shop.events().count("customer.updated") == 2


def test_a_statement_shows_what_is_open(shop: Shop) -> None:
    """On 31 March: 100.00 due on 31 January less 40.00 paid are 60.00, 60 days late; 200.00 are due on 30 April; 25.00
    of a payment are left. The customer owes 60.00 + 200.00 - 25.00 = 235.00."""
    late = shop.sent("100.00", invoice_date="2024-01-01", due_date="2024-01-31")
    shop.sent("200.00", invoice_date="2024-03-31", due_date="2024-04-30")
    shop.pay("40.00", invoice_id=late["id"], date="2024-02-10", reference="Wire 7")
    shop.pay("25.00", date="2024-03-05")
    shop.sent("999.00", invoice_date="2024-04-02", due_date="2024-05-02")

    statement = shop.read("/v1/customers/cust_123456/statement?from=2024-02-01&to=2024-03-31")

    assert [(row["type"], row["number"], row["due_date"], row["amount"]) for row in statement["rows"]] == [
        ("payment", "PAY-2024-001", None, D("-40.00")),
        ("payment", "PAY-2024-002", None, D("-25.00")),
        ("invoice", "INV-2024-002", "2024-04-30", D("200.00")),
    ]
    assert [(row["number"], row["age"], row["due_date"], row["amount_due"]) for row in statement["open_items"]] == [
        ("INV-2024-001", "days_31_60", "2024-01-31", D("60.00")),
        ("PAY-2024-002", "unapplied_credit", None, D("-25.00")),
        ("INV-2024-002", "current", "2024-04-30", D("200.00")),
    ]
    assert statement["aging"] == {
        "current": D("200.00"), "days_1_30": D("0.00"), "days_31_60": D("60.00"), "days_61_90": D("0.00"),
        "days_over_90": D("0.00"), "unapplied_credit": D("25.00"), "total": D("235.00"),
    }  # fmt: skip
    assert statement["totals"]["closing_balance"] == statement["aging"]["total"]
