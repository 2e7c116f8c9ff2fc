"""Order to cash, told with its figures: what each step does to the customer, the invoice and the books.

Debits are positive, credits negative. Consulting: 10 hours at 150.00 less 10 % are 1350.00, 8 % tax on it
is 108.00, the invoice is over 1458.00.
"""

from __future__ import annotations

from decimal import Decimal

from tests.sales import Shop, assert_customer_balances_hold, card

D = Decimal


def test_from_invoice_to_cash(shop: Shop) -> None:
    draft = shop.invoice(invoice_date="2024-01-15", due_date="2024-02-15")
    assert (draft["number"], draft["status"], draft["total"]) == (None, "draft", D("1458.00"))
    assert shop.books() == {}, "a draft is not in the books"

    sent = shop.send(draft)
    assert (sent["number"], sent["status"], sent["payment_status"]) == ("INV-2024-001", "sent", "unpaid")
    assert shop.balance() == D("1458.00")
    assert shop.books() == {
        "Accounts Receivable": D("1458.00"),
        "Sales Revenue": D("-1350.00"),
        "Sales Tax Payable": D("-108.00"),
    }

    payment = shop.pay("1458.00", invoice_id=draft["id"])
    assert (payment["amount_applied"], payment["amount_unapplied"]) == (D("1458.00"), D("0.00"))
    paid = shop.again(draft)
    assert (paid["status"], paid["payment_status"], paid["amount_paid"]) == ("paid", "paid", D("1458.00"))
    assert paid["paid_at"] is not None
    assert shop.balance() == D("0.00")
    assert shop.books() == {
        "Cash": D("1458.00"),
        "Sales Revenue": D("-1350.00"),
        "Sales Tax Payable": D("-108.00"),
    }
    assert shop.events() == [
        "customer.created", "invoice.created", "customer.updated", "invoice.sent",
        "customer.updated", "payment.received", "payment.applied", "invoice.paid",
    ]  # fmt: skip
    assert_customer_balances_hold(shop.caller)


def test_partial_payment_and_a_payment_over_several_invoices(shop: Shop) -> None:
    """Two invoices of 1000.00 and 500.00; 600.00 comes first, then 1000.00 of which 100.00 is too much."""
    first, second = shop.sent("1000.00"), shop.sent("500.00")
    assert shop.balance() == D("1500.00")

    shop.pay("600.00", invoice_id=first["id"])
    half = shop.again(first)
    assert (half["status"], half["payment_status"], half["amount_due"]) == ("sent", "partially_paid", D("400.00"))

    payment = shop.pay("1000.00")
    assert (payment["amount_unapplied"], shop.balance()) == (D("1000.00"), D("-100.00"))
    for invoice, amount in ((first, D("400.00")), (second, D("500.00"))):
        applied = shop.post(f"/v1/payments/{payment['id']}/apply", invoice_id=invoice["id"])
        assert applied["amount"] == amount, "as much as is due"

    assert [shop.again(invoice)["payment_status"] for invoice in (first, second)] == ["paid", "paid"]
    assert shop.read(f"/v1/payments/{payment['id']}")["amount_unapplied"] == D("100.00")
    assert shop.balance() == D("-100.00"), "the customer has 100.00 to its credit"
    assert shop.books() == {
        "Cash": D("1600.00"),
        "Customer Deposits": D("-100.00"),
        "Sales Revenue": D("-1500.00"),
    }
    assert_customer_balances_hold(shop.caller)


def test_dispute_and_credit(shop: Shop) -> None:
    """Two of ten hours are disputed: 2 x 150.00 less 10 % is 270.00, with 8 % tax 291.60. The credit note names its
    invoice and is applied to it at once."""
    invoice = shop.sent(invoice_date="2024-01-15", due_date="2024-02-15")
    hours = {"description": "Two hours", "quantity": 2, "unit_price": D("150.00"), "discount_percentage": 10}
    note = shop.post("/v1/credit-notes", invoice_id=invoice["id"], lines=[{**hours, "tax_rate": D("0.08")}])
    assert (note["total"], note["tax_total"], note["amount_remaining"]) == (D("291.60"), D("21.60"), D("0.00"))
    assert shop.balance() == D("1166.40"), "1458.00 less 291.60"

    credited = shop.again(invoice)
    assert (credited["amount_credited"], credited["amount_due"]) == (D("291.60"), D("1166.40"))

    shop.pay("1166.40", invoice_id=invoice["id"])
    settled = shop.again(invoice)
    assert (settled["status"], settled["amount_paid"], shop.balance()) == ("paid", D("1166.40"), D("0.00"))
    assert shop.books() == {
        "Cash": D("1166.40"),
        "Sales Revenue": D("-1080.00"),
        "Sales Tax Payable": D("-86.40"),
    }
    assert_customer_balances_hold(shop.caller)


def test_refund(shop: Shop) -> None:
    """A paid invoice of 1458.00: 458.00 goes back, then the rest; the invoice is due again."""
    invoice = shop.sent()
    payment = shop.pay("1458.00", invoice_id=invoice["id"], method="card", card=card("4242"))

    part = shop.post(f"/v1/payments/{payment['id']}/refund", amount=D("458.00"), reason="Goodwill")
    assert (part["status"], part["amount_refunded"], part["amount_applied"]) == (
        "partially_refunded", D("458.00"), D("1000.00"),
    )  # fmt: skip
    reopened = shop.again(invoice)
    assert (reopened["status"], reopened["amount_paid"], reopened["amount_due"]) == ("sent", D("1000.00"), D("458.00"))
    assert reopened["paid_at"] is None
    assert shop.balance() == D("458.00")

    whole = shop.post(f"/v1/payments/{payment['id']}/refund")
    assert (whole["status"], whole["amount_refunded"], whole["amount_applied"]) == (
        "refunded", D("1458.00"), D("0.00"),
    )  # fmt: skip
    assert (shop.again(invoice)["amount_due"], shop.balance()) == (D("1458.00"), D("1458.00"))
    assert shop.books() == {
        "Accounts Receivable": D("1458.00"),
        "Sales Revenue": D("-1350.00"),
        "Sales Tax Payable": D("-108.00"),
    }
    assert shop.events()[-6:] == ["customer.updated", "invoice.updated", "payment.refunded"] * 2
    assert_customer_balances_hold(shop.caller)


def test_bad_debt(shop: Shop) -> None:
    """1458.00 is due, 458.00 comes in, the customer fails: 1000.00 is lost."""
    invoice = shop.sent()
    shop.pay("458.00", invoice_id=invoice["id"])
    lost = shop.post(f"/v1/invoices/{invoice['id']}/write-off", kind="bad_debt", reason="Insolvent")

    assert (lost["status"], lost["amount_written_off"], lost["amount_due"]) == (
        "written_off", D("1000.00"), D("0.00"),
    )  # fmt: skip
    assert shop.balance() == D("0.00")
    assert shop.books() == {
        "Cash": D("458.00"),
        "Bad Debts": D("1000.00"),
        "Sales Revenue": D("-1350.00"),
        "Sales Tax Payable": D("-108.00"),
    }
    assert_customer_balances_hold(shop.caller)
