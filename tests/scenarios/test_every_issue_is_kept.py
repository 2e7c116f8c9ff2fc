"""However a document is issued, what it says is kept in the same transaction: of each there is one issued version.

A new way to issue documents gets a line in `WAYS`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from invoicing.services.recurring.issuing import claim_next_invoice, issue_claimed_invoice
from tests.conftest import Caller
from tests.sales import LINE, Shop

SALE: dict[str, Any] = {"customer_id": "cust_123456", "lines": [LINE]}


def recurring(shop: Shop) -> None:
    shop.post("/v1/recurring-invoices", frequency="monthly", **SALE)
    with tenant_context(shop.caller.tenant):
        claimed = claim_next_invoice()
        assert claimed
        issue_claimed_invoice(claimed)


def taken_over(shop: Shop) -> None:
    dated = {"invoice_date": "2023-11-15", "due_date": "2023-12-15"}
    equity = shop.post("/v1/accounts", code="3000", name="Stock", type="equity", subtype="equity")
    rows = [
        {"customer_id": "cust_123456", "number": f"OLD-{n}", "amount_due": Decimal("50.00"), **dated} for n in (1, 2)
    ]
    shop.sent("1.00")  # there is a receivable account
    settings = shop.read("/v1/sales-settings")
    shop.post(
        "/v1/opening-balances",
        date="2023-12-31",
        trial_balance=[
            {"account_id": settings["accounts_receivable_id"], "debit": Decimal("100.00")},
            {"account_id": equity["id"], "credit": Decimal("100.00")},
        ],
        open_invoices=rows,
    )


def in_bulk(shop: Shop) -> None:
    drafts = [shop.invoice(), shop.invoice()]
    steps = [{"operation": "send", "data": {"invoice_id": draft["id"]}} for draft in drafts]
    shop.post("/v1/invoices/bulk", operations=steps)


def in_graphql(shop: Shop) -> None:
    document = "mutation ($id: ID!) { sendInvoice(id: $id) { number } }"
    answer = shop.caller.post("/graphql", {"query": document, "variables": {"id": shop.invoice()["id"]}})
    assert answer.body["data"]["sendInvoice"]["number"], answer.text


WAYS: dict[str, tuple[Callable[[Shop], Any], int, int]] = {
    "sent": (lambda shop: shop.sent(), 1, 0),
    "sent with a number": (lambda shop: shop.numbers_drafts().sent(), 1, 0),
    "over nothing": (lambda shop: shop.sent("0.00"), 1, 0),
    "not mailed": (lambda shop: shop.send(shop.invoice(), deliver=False), 1, 0),
    "in bulk": (in_bulk, 2, 0),
    "in GraphQL": (in_graphql, 1, 0),
    "recurring": (recurring, 1, 0),
    "taken over": (taken_over, 3, 0),
    "credit note": (lambda shop: shop.post("/v1/credit-notes", **SALE), 0, 1),
    "credit note of an invoice": (lambda shop: shop.post("/v1/credit-notes", invoice_id=shop.sent()["id"]), 1, 1),
    "a draft": (lambda shop: shop.invoice(), 0, 0),
}


def kept(caller: Caller) -> list[tuple[Any, ...]]:
    """Of each issued document: its kind and number, and how many issued versions it has."""
    with tenant_context(caller.tenant):
        return fetch_all("""
            SELECT d.kind, d.number, (
                SELECT count(*) FROM invoicing_documentversion v WHERE v.tenant_id = app_tenant()
                AND v.kind = d.kind AND v.about_id = d.id AND v.is_issued
                AND v.content::json ->> 'number' = d.number)
            FROM (
                SELECT 'invoice' AS kind, id, number FROM invoicing_invoice
                WHERE tenant_id = app_tenant() AND sent_at IS NOT NULL
                UNION ALL SELECT 'credit_note', id, number FROM invoicing_creditnote WHERE tenant_id = app_tenant()
            ) d ORDER BY 1, 2""")


@pytest.mark.parametrize("way", WAYS)
def test_what_is_issued_is_kept(shop: Shop, way: str) -> None:
    issue, invoices, notes = WAYS[way]

    issue(shop)

    found = kept(shop.caller)
    assert [row for row in found if row[2] != 1] == []
    assert [kind for kind, *_ in found] == ["credit_note"] * notes + ["invoice"] * invoices


def test_the_demo_company_has_kept_every_document(demo: Caller) -> None:
    found = kept(demo)

    assert len(found) > 50
    assert [row for row in found if row[2] != 1] == []
