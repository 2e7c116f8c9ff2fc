"""POST /v1/invoices/bulk."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.sales import LINE, Shop

SALE = {"customer_id": "cust_123456", "lines": [LINE], "invoice_date": "2024-01-15"}


def operations(kind: str, *data: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"operation": kind, "reference_id": f"{kind}-{n}", "data": one} for n, one in enumerate(data)]


def test_create_send_and_void_in_one_request(shop: Shop) -> None:
    shop.numbers_drafts()
    steps = [
        *operations("create", SALE, SALE),
        *operations("send", {"invoice_id": "inv_INV-2024-001"}, {"invoice_id": "inv_INV-2024-002"}),
        *operations("void", {"invoice_id": "inv_INV-2024-002", "reason": "Twice"}),
    ]
    done = shop.post("/v1/invoices/bulk", operations=steps)

    assert done["summary"] == {"total": 5, "succeeded": 5, "failed": 0}
    assert [(result["reference_id"], result["status"], result["data"]["status"]) for result in done["results"]] == [
        ("create-0", 201, "draft"),
        ("create-1", 201, "draft"),
        ("send-0", 200, "sent"),
        ("send-1", 200, "sent"),
        ("void-0", 200, "void"),
    ]
    assert shop.balance() == Decimal("1458.00")


def test_one_fault_keeps_all_from_being_done_and_is_named(shop: Shop) -> None:
    bad = {**SALE, "lines": [{**LINE, "product_id": "prod_x"}]}
    refused = shop.caller.post("/v1/invoices/bulk", {"operations": operations("create", SALE, bad)})

    assert (refused.status, refused.fields) == (404, ["operations[1].data.lines[0].product_id"])
    assert shop.read("/v1/invoices")["meta"]["total"] == 0


def test_with_continue_on_error_it_performs_what_it_can(shop: Shop) -> None:
    shop.numbers_drafts()
    steps = operations("create", SALE, {**SALE, "customer_id": "cust_x"}, SALE)
    done = shop.post("/v1/invoices/bulk", operations=steps, options={"continue_on_error": True})

    assert [result["status"] for result in done["results"]] == [201, 404, 201]
    assert done["results"][1]["error"]["details"][0]["field"] == "operations[1].data.customer_id"
    assert [row["number"] for row in shop.read("/v1/invoices?sort=number:asc")["data"]] == [
        "INV-2024-001",
        "INV-2024-002",
    ]
