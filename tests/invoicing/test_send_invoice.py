"""send_invoice: POST /v1/invoices/{id}/send."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bigledger import ids
from bigledger.errors import Conflict
from bigledger.tenants.context import tenant_context
from invoicing.models import Invoice
from invoicing.services.invoices import send_invoice
from tests.breaking import contents
from tests.conftest import Caller
from tests.sales import LINE, Shop

D = Decimal


def test_a_free_invoice_is_paid_when_it_is_sent(shop: Shop) -> None:
    free = shop.sent("0.00")

    assert (free["status"], free["journal_entry_id"], shop.books()) == ("paid", None, {})
    assert shop.events()[-2:] == ["invoice.sent", "invoice.paid"]


def test_a_draft_that_went_to_another_customer_meanwhile_is_not_sent(shop: Shop) -> None:
    draft = shop.invoice("10.00")
    other = shop.customer(number="other")
    with tenant_context(shop.caller.tenant):
        stale = Invoice.objects.get(pk=ids.decode("inv", draft["id"]))
    shop.done(shop.caller.patch(f"/v1/invoices/{draft['id']}", {"customer_id": other["id"]}))

    with tenant_context(shop.caller.tenant), pytest.raises(Conflict):
        send_invoice(invoice=stale, acting=shop.caller.principal)
    assert (shop.again(draft)["status"], shop.balance()) == ("draft", D("0.00"))


def test_a_products_account_in_another_currency_is_refused(shop: Shop) -> None:
    account = {"code": "4100", "name": "Pound Sales", "type": "revenue", "subtype": "operating_revenue"}
    shop.post("/v1/accounts", currency="GBP", **account)
    product = {"sku": "789", "name": "Consulting", "unit_price": 1, "currency": "GBP"}
    shop.post("/v1/products", revenue_account_id="acc_4100", **product)
    shop.customer(number="eu", currency="EUR")
    line = {"product_id": "prod_789", "quantity": 1, "unit_price": 9}
    before = contents(shop.caller)
    refused = shop.caller.post("/v1/invoices", {"customer_id": "cust_eu", "lines": [line]})

    assert (refused.status, refused.fields) == (400, ["lines[0].product_id"])
    assert contents(shop.caller) == before
    euros = {"code": "4200", "name": "Euro Sales", "type": "revenue", "subtype": "operating_revenue", "currency": "EUR"}
    shop.post("/v1/accounts", **euros)
    named = line | {"revenue_account_id": "acc_4200"}
    shop.send(shop.post("/v1/invoices", customer_id="cust_eu", lines=[named]))
    assert shop.read("/v1/accounts/acc_4200")["balance"] == D("9.00")


def test_a_product_is_booked_to_an_account_in_its_own_currency(shop: Shop) -> None:
    account = {
        "code": "4100",
        "name": "Euro Sales",
        "type": "revenue",
        "subtype": "operating_revenue",
        "currency": "EUR",
    }
    shop.post("/v1/accounts", **account)
    product = {"sku": "789", "name": "Consulting", "unit_price": 1}
    before = contents(shop.caller)
    refused = shop.caller.post("/v1/products", {**product, "revenue_account_id": "acc_4100"})

    assert (refused.status, refused.fields) == (400, ["revenue_account_id"])
    assert contents(shop.caller) == before
    made = shop.post("/v1/products", **product, currency="EUR", revenue_account_id="acc_4100")
    moved = shop.caller.patch(f"/v1/products/{made['id']}", {"currency": "USD"})
    assert (moved.status, moved.fields) == (400, ["currency"])


def test_a_dry_run_shows_the_posting_and_keeps_nothing(shop: Shop) -> None:
    draft = shop.invoice()
    shown = shop.done(shop.caller.post(f"/v1/invoices/{draft['id']}/send?validate_only=true"))

    assert shown["status"] == "sent"
    assert [line["account"]["code"] for line in shown["journal_lines"]] == ["1200", "4000", "2200"]
    assert (shop.again(draft)["status"], shop.books()) == ("draft", {})


def test_it_is_posted_and_owed(shop: Shop) -> None:
    """10 hours at 150.00 less 10 % are 1350.00, and 8 % tax on it 108.00."""
    draft = shop.invoice()

    sent = shop.send(draft)

    assert (draft["number"], sent["status"], sent["amount_due"]) == (None, "sent", D("1458.00"))
    assert shop.balance() == D("1458.00")
    assert shop.books() == {
        "Accounts Receivable": D("1458.00"),
        "Sales Revenue": D("-1350.00"),
        "Sales Tax Payable": D("-108.00"),
    }


def test_a_key_posts_it_once(shop: Shop) -> None:
    path = f"/v1/invoices/{shop.invoice('100.00')['id']}/send"

    first, again = (shop.caller.post(path, {}, idempotency_key="send") for _ in range(2))

    assert (first.status, again.status, again.text) == (200, 200, first.text)
    assert (shop.balance(), shop.read("/v1/journal-entries")["meta"]["total"]) == (D("100.00"), 1)


def test_what_was_sent_is_not_posted_again(shop: Shop) -> None:
    invoice = shop.sent("100.00")

    again = shop.send(invoice)

    assert (again["status"], shop.balance()) == ("sent", D("100.00"))
    assert shop.read("/v1/journal-entries")["meta"]["total"] == 1


def test_what_is_void_is_not_sent(shop: Shop) -> None:
    path = f"/v1/invoices/{shop.sent('100.00')['id']}"
    shop.post(f"{path}/void", reason="Twice")
    before = contents(shop.caller)

    refused = shop.caller.post(f"{path}/send")

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "invoice_closed")
    assert contents(shop.caller) == before


def test_a_blocked_customer_is_sent_nothing(shop: Shop) -> None:
    draft = shop.post("/v1/invoices", customer_id="cust_123456", lines=[LINE])
    shop.caller.patch("/v1/customers/cust_123456", {"status": "blocked"})
    before = contents(shop.caller)

    refused = shop.caller.post(f"/v1/invoices/{draft['id']}/send")

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "customer_blocked")
    assert contents(shop.caller) == before


def test_a_viewer_may_not(shop: Shop, acme_viewer: Caller) -> None:
    path = f"/v1/invoices/{shop.invoice('100.00')['id']}/send"
    before = contents(shop.caller)

    assert acme_viewer.post(path).status == 403
    assert contents(shop.caller) == before
