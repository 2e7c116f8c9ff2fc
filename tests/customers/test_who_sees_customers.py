"""Customers and what is made out to them: another tenant's are not there, a viewer writes none."""

from __future__ import annotations

from tests.conftest import Caller
from tests.sales import Shop

PATH = "/v1/customers/cust_123456"


def test_another_tenant_sees_nothing(shop: Shop, globex: Caller) -> None:
    invoice = shop.sent()
    payment = shop.pay("1.00")
    paths = [
        PATH, f"{PATH}/statement", f"/v1/invoices/{invoice['id']}", f"/v1/invoices/{invoice['id']}/pdf",
        f"/v1/payments/{payment['id']}",
    ]  # fmt: skip

    assert [globex.get(path).status for path in paths] == [404] * 5
    assert globex.post(f"/v1/payments/{payment['id']}/refund").status == 404
    assert [globex.get(f"/v1/{name}").body["meta"]["total"] for name in ("customers", "invoices", "payments")] == [
        0
    ] * 3


def test_a_viewer_reads_and_does_not_write(shop: Shop, acme_viewer: Caller) -> None:
    assert acme_viewer.get(PATH).status == 200
    for path in ("customers", "products", "tax-rates", "invoices", "payments", "credit-notes", "recurring-invoices"):
        assert (path, acme_viewer.post(f"/v1/{path}", {}).status) == (path, 403)
    assert acme_viewer.patch("/v1/sales-settings", {}).status == 403
