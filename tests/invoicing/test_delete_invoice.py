"""delete_invoice: DELETE /v1/invoices/{id}."""

from __future__ import annotations

import pytest

from tests.breaking import contents
from tests.sales import Shop


def test_a_deleted_draft_keeps_its_number_and_is_shown_on_request(shop: Shop) -> None:
    shop.numbers_drafts()
    draft = shop.invoice(invoice_date="2024-01-15")
    path = f"/v1/invoices/{draft['id']}"
    assert shop.caller.delete(path).status == 204

    assert [shop.caller.get(path).status, shop.caller.post(f"{path}/send").status] == [404, 404]
    assert shop.read("/v1/invoices")["meta"]["total"] == 0
    assert [row["number"] for row in shop.read("/v1/invoices?status=deleted")["data"]] == ["INV-2024-001"]
    assert shop.invoice(invoice_date="2024-01-15")["number"] == "INV-2024-002"


@pytest.mark.parametrize("state", ["sent", "void"])
def test_what_was_issued_stays(shop: Shop, state: str) -> None:
    path = f"/v1/invoices/{shop.sent('10.00')['id']}"
    if state == "void":
        shop.post(f"{path}/void", reason="Twice")
    before = contents(shop.caller)

    refused = shop.caller.delete(path)

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "invoice_issued")
    assert contents(shop.caller) == before
