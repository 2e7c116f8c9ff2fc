"""Reading invoices: by what is paid, with what they refer to."""

from __future__ import annotations

from tests.sales import Shop


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


def test_expanding_shows_customer_and_product(shop: Shop) -> None:
    invoice = shop.sent()
    shown = shop.read(f"/v1/invoices/{invoice['id']}?expand=customer&fields=number,customer.name")
    assert shown == {"number": invoice["number"], "customer": {"name": "Acme Corporation"}}
