"""Invoices, products and tax rates over REST: the rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bigledger.errors import Conflict
from bigledger.tenants.context import tenant_context
from invoicing.models import Invoice
from invoicing.services.invoices import send_invoice
from tests.sales import LINE, Shop

D = Decimal
ONE = {"description": "Work", "quantity": 1, "unit_price": D("10.00")}


def test_the_due_date_follows_the_terms(shop: Shop) -> None:
    shop.customer(number="now", payment_terms="due_on_receipt")

    assert shop.invoice(invoice_date="2024-01-15")["due_date"] == "2024-02-14"
    assert shop.invoice(invoice_date="2024-01-15", payment_terms="net_10")["due_date"] == "2024-01-25"
    assert shop.invoice(invoice_date="2024-01-15", customer="cust_now")["due_date"] == "2024-01-15"


def test_numbers_count_per_year(shop: Shop) -> None:
    days = ("2023-12-31", "2024-01-01", "2024-06-01", "2023-01-01")
    assert [shop.invoice(invoice_date=day)["number"] for day in days] == [
        "INV-2023-001", "INV-2024-001", "INV-2024-002", "INV-2023-002",
    ]  # fmt: skip


def test_a_refused_creation_burns_no_number(shop: Shop) -> None:
    shop.invoice(invoice_date="2024-01-15")
    assert shop.caller.post("/v1/invoices", {"customer_id": "cust_123456", "lines": []}).status == 400
    assert shop.invoice(invoice_date="2024-01-15")["number"] == "INV-2024-002"


def test_a_deleted_draft_keeps_its_number_and_is_shown_on_request(shop: Shop) -> None:
    draft = shop.invoice(invoice_date="2024-01-15")
    path = f"/v1/invoices/{draft['id']}"
    assert shop.caller.delete(path).status == 204

    assert [shop.caller.get(path).status, shop.caller.post(f"{path}/send").status] == [404, 404]
    assert shop.read("/v1/invoices")["meta"]["total"] == 0
    assert [row["number"] for row in shop.read("/v1/invoices?status=deleted")["data"]] == ["INV-2024-001"]
    assert shop.invoice(invoice_date="2024-01-15")["number"] == "INV-2024-002"


def test_a_draft_is_changed_as_a_whole(shop: Shop) -> None:
    draft = shop.invoice(invoice_date="2024-01-15")
    changed = shop.done(
        shop.caller.patch(
            f"/v1/invoices/{draft['id']}", {"lines": [ONE, ONE], "notes": "Two", "payment_terms": "net_7"}
        )
    )

    assert (changed["total"], changed["amount_due"], changed["tax_total"]) == (D("20.00"), D("20.00"), D("0.00"))
    assert (changed["number"], changed["notes"], changed["due_date"]) == (draft["number"], "Two", "2024-01-22")
    assert len(changed["lines"]) == 2 and changed["taxes"] == []


def test_an_issued_invoice_keeps_its_lines(shop: Shop) -> None:
    invoice = shop.sent()
    refused = shop.caller.patch(f"/v1/invoices/{invoice['id']}", {"lines": [ONE]})

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "invoice_issued")
    assert shop.caller.delete(f"/v1/invoices/{invoice['id']}").status == 422
    assert shop.again(invoice)["lines"] == invoice["lines"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": 0}, "lines[0].quantity"),
        ({"quantity": -1}, "lines[0].quantity"),
        ({"quantity": D("0.0000001")}, "lines[0].quantity"),
        ({"quantity": 10**9}, "lines[0].quantity"),
        ({"quantity": "1"}, "lines[0].quantity"),
        ({"unit_price": D("1.001")}, "lines[0].unit_price"),
        ({"unit_price": -1}, "lines[0].unit_price"),
        ({"tax_rate": 8}, "lines[0].tax_rate"),
        ({"discount_percentage": 101}, "lines[0].discount_percentage"),
        ({"description": ""}, "lines[0].description"),
        ({"colour": "red"}, "lines[0].colour"),
        ({"tax_rate_id": "tax_x", "tax_rate": None}, "lines[0].tax_rate"),
        ({"quantity": 999999999, "unit_price": 999999999999999}, "lines"),
    ],
)
def test_a_wrong_line_is_named(shop: Shop, change: dict[str, Any], field: str) -> None:
    refused = shop.caller.post("/v1/invoices", {"customer_id": "cust_123456", "lines": [{**LINE, **change}]})

    assert (refused.status, refused.fields) == (400, [field])
    assert shop.read("/v1/invoices")["meta"]["total"] == 0


def test_every_missing_reference_is_named_at_once(shop: Shop) -> None:
    line = {**ONE, "product_id": "prod_x", "tax_rate_id": "tax_y", "revenue_account_id": "acc_z"}
    refused = shop.caller.post("/v1/invoices", {"customer_id": "cust_123456", "lines": [ONE, line]})

    assert (refused.status, refused.fields) == (
        404, ["lines[1].product_id", "lines[1].tax_rate_id", "lines[1].revenue_account_id"],
    )  # fmt: skip


def test_other_currencies_have_their_own_digits(shop: Shop) -> None:
    """3 x 333 yen with 10 % tax: 999 and 99.9, so 100. 1.5 x 1.250 dinars: 1.875, 5 % is 0.09375, so 0.094."""
    totals = {}
    for currency, quantity, price, rate in (("JPY", 3, 333, "0.1"), ("BHD", D("1.5"), D("1.250"), "0.05")):
        shop.customer(number=currency, currency=currency)
        line = {"description": "Work", "quantity": quantity, "unit_price": price, "tax_rate": D(rate)}
        sent = shop.send(shop.post("/v1/invoices", customer_id=f"cust_{currency}", lines=[line]))
        totals[currency] = (str(sent["subtotal"]), str(sent["tax_total"]), str(shop.balance(f"cust_{currency}")))

    assert totals == {"JPY": ("999", "100", "1099"), "BHD": ("1.875", "0.094", "1.969")}
    assert shop.caller.post("/v1/invoices", {"customer_id": "cust_JPY", "currency": "USD", "lines": [ONE]}).fields == [
        "currency"
    ]


def test_a_free_invoice_is_paid_when_it_is_sent(shop: Shop) -> None:
    free = shop.sent("0.00")

    assert (free["status"], free["journal_entry_id"], shop.books()) == ("paid", None, {})
    assert shop.events()[-2:] == ["invoice.sent", "invoice.paid"]


def test_a_line_takes_missing_values_from_its_product(shop: Shop) -> None:
    account = {"code": "4100", "name": "Consulting Revenue", "type": "revenue", "subtype": "operating_revenue"}
    shop.post("/v1/accounts", **account)
    parts = [{"name": "GST", "rate": D("0.05")}, {"name": "QST", "rate": D("0.1"), "is_compound": True}]
    shop.post("/v1/tax-rates", code="qc", name="Quebec", components=parts)
    shop.post(
        "/v1/products",
        sku="789",
        name="Consulting",
        unit_price=D("100.00"),
        tax_rate_id="tax_qc",
        revenue_account_id="acc_4100",
    )
    sent = shop.send(
        shop.post("/v1/invoices", customer_id="cust_123456", lines=[{"product_id": "prod_789", "quantity": 2}])
    )

    assert (sent["lines"][0]["description"], sent["lines"][0]["tax_rate"]) == ("Consulting", D("0.155"))
    assert [(tax["name"], tax["amount"]) for tax in sent["taxes"]] == [("GST", D("10.00")), ("QST", D("21.00"))]
    assert shop.books() == {
        "Accounts Receivable": D("231.00"),
        "Consulting Revenue": D("-200.00"),
        "Sales Tax Payable": D("-31.00"),
    }
    for path in ("/v1/products/prod_789", "/v1/tax-rates/tax_qc"):
        assert shop.caller.delete(path).status == 422


def test_a_tax_calculation_is_the_arithmetic_of_invoices_and_keeps_nothing(shop: Shop) -> None:
    lines = [LINE, {**ONE, "tax_rate": D("0.19"), "quantity": D("3.333333")}]
    calculated = shop.caller.post("/v1/tax-calculations", {"currency": "USD", "lines": lines}).body
    invoice = shop.post("/v1/invoices", customer_id="cust_123456", lines=lines)

    for name in ("subtotal", "discount_total", "tax_total", "total", "taxes"):
        assert calculated[name] == invoice[name]
    assert [line["tax_amount"] for line in calculated["lines"]] == [D("108.00"), D("6.33")]


def test_taxes_are_rounded_per_document_when_the_tenant_says_so(shop: Shop) -> None:
    lines = [{"description": "Pin", "quantity": 1, "unit_price": D("0.33"), "tax_rate": D("0.1")}] * 3
    assert shop.post("/v1/tax-calculations", lines=lines)["tax_total"] == D("0.09")
    shop.done(shop.caller.patch("/v1/sales-settings", {"tax_rounding": "document"}))
    assert shop.post("/v1/tax-calculations", lines=lines)["tax_total"] == D("0.10")


def test_payment_status_filters_open_invoices(shop: Shop) -> None:
    shop.invoice("1.00")
    unpaid, part, paid = (shop.sent("10.00") for _ in range(3))
    shop.pay("5.00", invoice_id=part["id"])
    shop.pay("10.00", invoice_id=paid["id"])

    def ids(query: str) -> set[str]:
        return {row["id"] for row in shop.read(f"/v1/invoices?{query}")["data"]}

    assert ids("payment_status=unpaid") == {unpaid["id"]}
    assert ids("payment_status[in]=unpaid,partially_paid") == {unpaid["id"], part["id"]}
    assert ids("payment_status=paid&customer_id=cust_123456") == {paid["id"]}


@pytest.mark.parametrize("amount", [0, D("0.001"), D("100.01"), -1])
def test_no_more_than_there_is_can_be_applied(shop: Shop, amount: Any) -> None:
    invoice, payment = shop.sent("500.00"), shop.pay("100.00")
    body = {"invoice_id": invoice["id"], "amount": amount}
    refused = shop.caller.post(f"/v1/payments/{payment['id']}/apply", body)

    assert (refused.status, refused.fields) == (422 if amount == D("100.01") else 400, ["amount"])
    assert (shop.again(invoice)["amount_paid"], shop.balance()) == (D("0.00"), D("400.00"))


def test_a_payment_is_not_applied_to_a_draft_or_to_another_customers_invoice(shop: Shop) -> None:
    payment, draft = shop.pay("100.00"), shop.invoice("50.00")
    shop.customer(number="other")
    foreign = shop.sent("50.00", customer="cust_other")
    path = f"/v1/payments/{payment['id']}/apply"
    rules = [
        shop.caller.post(path, {"invoice_id": invoice["id"]}).error["details"][0]["rule"]
        for invoice in (draft, foreign)
    ]

    assert rules == ["invoice_not_issued", "other_customer"]
    assert shop.balance() == D("-100.00")


def test_no_more_is_credited_than_was_invoiced(shop: Shop) -> None:
    invoice = shop.sent("100.00")
    whole = shop.post("/v1/credit-notes", invoice_id=invoice["id"])
    assert (whole["total"], whole["lines"][0]["description"]) == (D("100.00"), "Work")
    refused = shop.caller.post("/v1/credit-notes", {"invoice_id": invoice["id"], "lines": [ONE]})

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "credit_exceeds_invoice")
    assert shop.balance() == D("0.00")
    assert shop.books() == {}


def test_a_draft_that_went_to_another_customer_meanwhile_is_not_sent(shop: Shop) -> None:
    draft = shop.invoice("10.00")
    other = shop.customer(number="other")
    with tenant_context(shop.caller.tenant):
        stale = Invoice.objects.get(number=draft["number"])
    shop.done(shop.caller.patch(f"/v1/invoices/{draft['id']}", {"customer_id": other["id"]}))

    with tenant_context(shop.caller.tenant), pytest.raises(Conflict):
        send_invoice(invoice=stale, acting=shop.caller.principal)
    assert (shop.again(draft)["status"], shop.balance()) == ("draft", D("0.00"))


def test_a_products_account_in_another_currency_is_left_aside(shop: Shop) -> None:
    account = {"code": "4100", "name": "Dollar Sales", "type": "revenue", "subtype": "operating_revenue"}
    shop.post("/v1/accounts", **account)
    shop.post("/v1/products", sku="789", name="Consulting", unit_price=1, revenue_account_id="acc_4100")
    shop.customer(number="eu", currency="EUR")
    line = {"product_id": "prod_789", "quantity": 1, "unit_price": 9}
    sent = shop.send(shop.post("/v1/invoices", customer_id="cust_eu", lines=[line]))

    assert sent["lines"][0]["revenue_account_id"] is None
    assert shop.read("/v1/accounts/acc_4000-EUR")["balance"] == D("9.00")


def test_a_dry_run_shows_the_posting_and_keeps_nothing(shop: Shop) -> None:
    draft = shop.invoice()
    shown = shop.done(shop.caller.post(f"/v1/invoices/{draft['id']}/send?validate_only=true"))

    assert shown["status"] == "sent"
    assert [line["account"]["code"] for line in shown["journal_lines"]] == ["1200", "4000", "2200"]
    assert (shop.again(draft)["status"], shop.books()) == ("draft", {})


def test_expanding_shows_customer_and_product(shop: Shop) -> None:
    invoice = shop.sent()
    shown = shop.read(f"/v1/invoices/{invoice['id']}?expand=customer&fields=number,customer.name")
    assert shown == {"number": invoice["number"], "customer": {"name": "Acme Corporation"}}


def test_the_entry_of_a_document_is_undone_by_the_document_only(shop: Shop) -> None:
    """Reversed by itself it would leave an invoice open, or a payment applied, that the books no longer know."""
    invoice, paid = shop.sent("100.00"), shop.sent("30.00")
    payment = shop.pay("30.00", invoice_id=paid["id"])
    shop.post(f"/v1/payments/{payment['id']}/refund", reason="Returned")
    note = shop.post("/v1/credit-notes", customer_id="cust_123456", lines=[ONE])
    shop.post(f"/v1/invoices/{invoice['id']}/write-off", kind="bad_debt", reason="Gone")
    entries = shop.read("/v1/journal-entries?limit=100")["data"]
    before = (shop.books(), shop.balance(), shop.again(invoice), shop.again(paid))

    sources = sorted(entry["source"] for entry in entries if not entry["source"].startswith("ref_"))
    assert sources == sorted([invoice["id"], invoice["id"], paid["id"], payment["id"], note["id"]])
    assert len(entries) == 6  # the refund's has the one that is left
    for entry in entries:
        refused = shop.caller.post(f"/v1/journal-entries/{entry['id']}/reverse", {"reason": "By itself"})
        assert (refused.status, refused.error["details"][0]["rule"]) == (422, "entry_of_document")
    assert (shop.books(), shop.balance(), shop.again(invoice), shop.again(paid)) == before
    assert shop.read("/v1/journal-entries")["meta"]["total"] == len(entries)


def test_a_voided_invoices_mirror_is_the_invoices_too(shop: Shop) -> None:
    invoice = shop.sent("100.00")
    shop.post(f"/v1/invoices/{invoice['id']}/void", reason="Twice")
    mirrored, original = shop.read("/v1/journal-entries?sort=created_at:desc")["data"]

    assert (mirrored["reversal_of"], mirrored["source"], original["source"]) == (
        original["id"], invoice["id"], invoice["id"],
    )  # fmt: skip
    refused = shop.caller.post(f"/v1/journal-entries/{mirrored['id']}/reverse", {"reason": "Undo the undoing"})
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "entry_of_document")
