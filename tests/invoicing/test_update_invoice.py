"""update_invoice: PATCH /v1/invoices/{id}."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.sales import Shop

D = Decimal
ONE = {"description": "Work", "quantity": 1, "unit_price": D("10.00")}


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


def test_the_notes_of_an_open_invoice_may_change(shop: Shop) -> None:
    invoice = shop.sent("10.00")

    changed = shop.done(shop.caller.patch(f"/v1/invoices/{invoice['id']}", {"notes": "Thank you"}))

    assert (changed["notes"], changed["total"], shop.balance()) == ("Thank you", D("10.00"), D("10.00"))


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"lines": []}, 400, "lines"),
        ({"customer_id": "cust_none"}, 404, "customer_id"),
        ({"invoice_date": "2025-01-01"}, 422, "invoice_date"),
        ({"due_date": "2024-01-14"}, 400, "due_date"),
        ({"currency": "EUR"}, 400, "currency"),
    ],
)
def test_a_fault_is_named_and_the_draft_stays(shop: Shop, change: dict[str, Any], status: int, field: str) -> None:
    shop.numbers_drafts()
    path = f"/v1/invoices/{shop.invoice('10.00', invoice_date='2024-01-15')['id']}"
    before = contents(shop.caller)

    refused = shop.caller.patch(path, {"notes": "Changed"} | change)

    assert (refused.status, refused.fields) == (status, [field])
    assert contents(shop.caller) == before
