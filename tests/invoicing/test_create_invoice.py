"""create_invoice: POST /v1/invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.sales import LINE, Shop

D = Decimal
ONE = {"description": "Work", "quantity": 1, "unit_price": D("10.00")}


def test_the_due_date_follows_the_terms(shop: Shop) -> None:
    shop.customer(number="now", payment_terms="due_on_receipt")

    assert shop.invoice(invoice_date="2024-01-15")["due_date"] == "2024-02-14"
    assert shop.invoice(invoice_date="2024-01-15", payment_terms="net_10")["due_date"] == "2024-01-25"
    assert shop.invoice(invoice_date="2024-01-15", customer="cust_now")["due_date"] == "2024-01-15"


def test_a_refused_creation_burns_no_number(shop: Shop) -> None:
    shop.numbers_drafts()
    shop.invoice(invoice_date="2024-01-15")
    assert shop.caller.post("/v1/invoices", {"customer_id": "cust_123456", "lines": []}).status == 400
    assert shop.invoice(invoice_date="2024-01-15")["number"] == "INV-2024-002"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": 0}, "lines[0].quantity"),
        ({"quantity": -1}, "lines"),
        ({"quantity": D("0.0000001")}, "lines[0].quantity"),
        ({"quantity": 10**9}, "lines[0].quantity"),
        ({"quantity": "1"}, "lines[0].quantity"),
        ({"unit_price": D("1.00000000001")}, "lines[0].unit_price"),
        ({"unit_price": -1}, "lines"),
        ({"tax_rate": 8}, "lines[0].tax_rate"),
        ({"discount_percentage": 101}, "lines[0].discount_percentage"),
        ({"description": ""}, "lines[0].description"),
        ({"colour": "red"}, "lines[0].colour"),
        ({"tax_rate_id": "tax_x", "tax_rate": None}, "lines[0].tax_rate"),
        ({"quantity": 999999999, "unit_price": 999999999999999}, "lines[0].unit_price"),
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
    assert shop.post("/v1/invoices", customer_id="cust_JPY", currency="USD", lines=[ONE])["currency"] == "USD"


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


def test_a_key_makes_one_draft(shop: Shop) -> None:
    body = {"customer_id": "cust_123456", "lines": [LINE]}

    first, again = (shop.caller.post("/v1/invoices", body, idempotency_key="invoice") for _ in range(2))

    assert (first.status, again.text) == (201, first.text)
    assert (first.body["subtotal"], first.body["discount_total"]) == (D("1500.00"), D("150.00"))
    assert (first.body["tax_total"], first.body["total"]) == (D("108.00"), D("1458.00"))
    assert (shop.read("/v1/invoices")["meta"]["total"], shop.books()) == (1, {})


def test_a_blocked_customer_gets_none(shop: Shop) -> None:
    shop.caller.patch("/v1/customers/cust_123456", {"status": "blocked"})
    before = contents(shop.caller)

    refused = shop.caller.post("/v1/invoices", {"customer_id": "cust_123456", "lines": [LINE]})

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "customer_blocked")
    assert contents(shop.caller) == before
