"""calculate_taxes: POST /v1/tax-calculations."""

from __future__ import annotations

from decimal import Decimal

from tests.sales import LINE, Shop

D = Decimal
ONE = {"description": "Work", "quantity": 1, "unit_price": D("10.00")}


def test_a_tax_calculation_is_the_arithmetic_of_invoices_and_keeps_nothing(shop: Shop) -> None:
    lines = [LINE, {**ONE, "tax_rate": D("0.19"), "quantity": D("3.333333")}]
    calculated = shop.caller.post("/v1/tax-calculations", {"currency": "USD", "lines": lines}).body
    invoice = shop.post("/v1/invoices", customer_id="cust_123456", lines=lines)

    for name in ("subtotal", "discount_total", "tax_total", "total", "taxes"):
        assert calculated[name] == invoice[name]
    assert [line["tax_amount"] for line in calculated["lines"]] == [D("108.00"), D("6.33")]


def test_taxes_are_rounded_per_document_unless_the_tenant_rounds_lines(shop: Shop) -> None:
    lines = [{"description": "Pin", "quantity": 1, "unit_price": D("0.33"), "tax_rate": D("0.1")}] * 3
    calculated = shop.post("/v1/tax-calculations", lines=lines)
    assert (calculated["tax_total"], [line["tax_amount"] for line in calculated["lines"]]) == (
        D("0.10"), [D("0.04"), D("0.03"), D("0.03")],
    )  # fmt: skip
    shop.done(shop.caller.patch("/v1/sales-settings", {"tax_rounding": "line"}))
    assert shop.post("/v1/tax-calculations", lines=lines)["tax_total"] == D("0.09")
