"""What a sales document or template is built on cannot be pulled away or turned into something else under it."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any
from unittest.mock import ANY

import pytest
from django.db.models import PROTECT, ManyToOneRel

from bigledger.tenants.context import tenant_context
from customers.models import Customer
from invoicing.models import Product, TaxRate
from invoicing.services.recurring import claim_next_invoice, issue_claimed_invoice
from ledger.models import Account
from tests.conftest import Answer
from tests.sales import Shop

REVENUE = {"code": "4010", "name": "Fees", "type": "revenue", "subtype": "operating_revenue"}
LINE = {"description": "Work", "quantity": 1, "unit_price": Decimal("10.00")}


def refused(answer: Answer, rule: str, words: str) -> None:
    assert (answer.status, answer.error["code"]) == (422, "BUSINESS_RULE_VIOLATION"), answer.text
    assert {detail["rule"] for detail in answer.error["details"]} == {rule}
    assert re.search(words, answer.error["message"]), answer.error["message"]


def product(shop: Shop, **fields: Any) -> Any:
    return shop.post("/v1/products", **({"sku": "789", "name": "Advice", "unit_price": Decimal("10.00")} | fields))


@pytest.fixture
def fees(shop: Shop) -> Any:
    return shop.post("/v1/accounts", **REVENUE)


def user_of_the_account(shop: Shop, kind: str) -> str:
    """Makes something that refers to account 4010 and nothing that posts to it; how a refusal names it."""
    line = LINE | {"revenue_account_id": "acc_4010"}
    match kind:
        case "product":
            product(shop, revenue_account_id="acc_4010")
            return "products"
        case "draft invoice":
            shop.post("/v1/invoices", customer_id="cust_123456", lines=[line])
            return "invoice lines"
        case "recurring invoice":
            shop.post("/v1/recurring-invoices", customer_id="cust_123456", frequency="monthly", lines=[line])
            return "lines of recurring invoices"
        case "schedule":
            shop.post("/v1/accounts", code="6100", name="Rent", type="expense", subtype="operating_expense")
            later = (shop.caller.tenant.today() + datetime.timedelta(days=40)).isoformat()
            shop.post(
                "/v1/schedules", amount=12, debit_account_id="acc_6100", credit_account_id="acc_4010",
                start_date=later, months=12,
            )  # fmt: skip
            return "schedules"
        case "account below":
            shop.post("/v1/accounts", **REVENUE | {"code": "4011", "parent_id": "acc_4010"})
            return "accounts"
        case _:
            lines = [{"account_id": "acc_4010", "debit": Decimal("1.00")}, {"account_id": "acc_4010", "credit": 1}]
            shop.post("/v1/journal-entries", status="draft", date="2026-01-15", lines=lines)
            return "draft lines"


USERS = ("product", "draft invoice", "recurring invoice", "account below", "draft entry", "schedule")


@pytest.mark.parametrize("kind", USERS)
def test_an_account_that_is_used_keeps_type_and_currency(shop: Shop, fees: Any, kind: str) -> None:
    words = user_of_the_account(shop, kind)

    for change in ({"type": "expense", "subtype": "operating_expense"}, {"currency": "EUR"}):
        answer = shop.caller.patch("/v1/accounts/acc_4010", change)
        refused(answer, "account_in_use", f"of account 4010 cannot change: it is used by {words}")
    assert shop.read("/v1/accounts/acc_4010") == fees
    shop.done(shop.caller.patch("/v1/accounts/acc_4010", {"subtype": "other_revenue"}))


@pytest.mark.parametrize("kind", USERS)
def test_an_account_that_is_used_is_not_deleted(shop: Shop, fees: Any, kind: str) -> None:
    words = user_of_the_account(shop, kind)

    refused(shop.caller.delete("/v1/accounts/acc_4010"), "account_in_use", f"Account 4010 is used by {words}")
    assert shop.read("/v1/accounts/acc_4010") == fees


def test_every_reference_to_an_account_is_tried() -> None:
    """A table that comes to refer to accounts has to join `USERS`."""
    referring = {
        relation.related_model.__name__
        for relation in Account._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel) and relation.on_delete is PROTECT
    }
    assert referring == {
        "Account", "CreditNoteLine", "CreditNoteTax", "DepositAccount", "DraftLine", "FxRevaluationRow", "InvoiceLine",
        "InvoiceTax", "JournalLine", "Payment", "Product", "RecurringEntryLine", "RecurringInvoiceLine", "Refund",
        "Schedule", "TaxComponent", "WriteOffTax",
    }  # fmt: skip


def test_a_deposit_account_stays_and_stays_active(shop: Shop) -> None:
    till = shop.post("/v1/accounts", code="1005", name="Till", type="asset", subtype="current_asset")
    shop.done(shop.caller.patch("/v1/sales-settings", {"deposit_accounts": {"cash": "acc_1005"}}))

    refused(shop.caller.delete("/v1/accounts/acc_1005"), "account_in_use", "is used by deposit accounts")
    refused(shop.caller.patch("/v1/accounts/acc_1005", {"is_active": False}), "account_in_use", "and stays active")
    assert shop.read("/v1/accounts/acc_1005") == {**till, "cash_flow": "cash", "updated_at": ANY}


@pytest.mark.parametrize("model", [Account, Customer, Product, TaxRate])
def test_every_reference_protects_its_target(model: Any) -> None:
    """What may go away with its target is part of it (contacts, components): nothing else does."""
    parts = {"Address", "Contact", "CustomerBalance", "TaxComponent"}
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            assert relation.on_delete is PROTECT or relation.related_model.__name__ in parts


def test_a_product_of_a_recurring_invoice_stays(shop: Shop) -> None:
    made = product(shop)
    line = {"product_id": "prod_789", "quantity": 1}
    template = shop.post("/v1/recurring-invoices", customer_id="cust_123456", frequency="monthly", lines=[line])

    answer = shop.caller.delete("/v1/products/prod_789")

    refused(answer, "product_in_use", "Advice is used by lines of recurring invoices")
    assert shop.read(f"/v1/products/{made['id']}") == made
    assert template["lines"][0]["product_id"] == made["id"]
    with tenant_context(shop.caller.tenant):
        claimed = claim_next_invoice()
        assert claimed
        issue_claimed_invoice(claimed)
    assert shop.read("/v1/invoices?sort=created_at:desc")["data"][0]["total"] == Decimal("10.00")


def test_a_tax_rate_of_a_recurring_invoice_stays(shop: Shop) -> None:
    shop.post("/v1/tax-rates", code="vat", name="VAT", rate=Decimal("0.2"))
    line = LINE | {"tax_rate_id": "tax_vat"}
    shop.post("/v1/recurring-invoices", customer_id="cust_123456", frequency="monthly", lines=[line])

    refused(
        shop.caller.delete("/v1/tax-rates/tax_vat"), "tax_rate_in_use", "VAT is used by lines of recurring invoices"
    )


def test_an_inactive_product_is_not_invoiced(shop: Shop) -> None:
    product(shop)
    shop.done(shop.caller.patch("/v1/products/prod_789", {"is_active": False}))

    for path, more in (("invoices", {}), ("credit-notes", {}), ("recurring-invoices", {"frequency": "monthly"})):
        body = {"customer_id": "cust_123456", "lines": [{"product_id": "prod_789", "quantity": 1}], **more}
        answer = shop.caller.post(f"/v1/{path}", body)
        assert (answer.status, answer.fields) == (400, ["lines[0].product_id"]), answer.text
    assert shop.read("/v1/invoices")["meta"]["total"] == 0


def test_the_inactive_tax_rate_of_a_product_is_not_charged(shop: Shop) -> None:
    shop.post("/v1/tax-rates", code="vat", name="VAT", rate=Decimal("0.2"))
    product(shop, tax_rate_id="tax_vat")
    shop.done(shop.caller.patch("/v1/tax-rates/tax_vat", {"is_active": False}))

    answer = shop.caller.post(
        "/v1/invoices", {"customer_id": "cust_123456", "lines": [{"product_id": "prod_789", "quantity": 1}]}
    )

    assert (answer.status, answer.fields) == (400, ["lines[0].tax_rate_id"])
    assert answer.error["details"][0]["message"] == "VAT, the tax of Advice, is inactive; give the line another."
    new = shop.caller.post("/v1/products", {"sku": "1", "name": "n", "unit_price": 1, "tax_rate_id": "tax_vat"})
    assert (new.status, new.fields) == (400, ["tax_rate_id"])


def test_an_inactive_account_earns_nothing_more(shop: Shop, fees: Any) -> None:
    product(shop, revenue_account_id="acc_4010")
    shop.done(shop.caller.patch("/v1/accounts/acc_4010", {"is_active": False}))

    answer = shop.caller.post(
        "/v1/invoices", {"customer_id": "cust_123456", "lines": [{"product_id": "prod_789", "quantity": 1}]}
    )

    assert (answer.status, answer.fields) == (400, ["lines[0].revenue_account_id"])


def test_an_account_below_another_is_of_its_type_and_currency(shop: Shop, fees: Any) -> None:
    for wrong in ({"type": "expense", "subtype": "operating_expense"}, {"currency": "EUR"}):
        answer = shop.caller.post("/v1/accounts", REVENUE | {"code": "4011", "parent_id": "acc_4010"} | wrong)
        assert (answer.status, answer.fields) == (400, ["parent_id"]), answer.text
    asset = shop.post("/v1/accounts", code="1001", name="Till", type="asset", subtype="current_asset")

    moved = shop.caller.patch("/v1/accounts/acc_1001", {"parent_id": "acc_4010"})

    assert (moved.status, moved.fields) == (400, ["parent_id"])
    assert moved.error["details"][0]["message"] == (
        "Account 4010 is of type revenue in USD; an account below it must be too, not of type asset in USD."
    )
    assert shop.read("/v1/accounts/acc_1001") == asset


def test_a_draft_does_not_take_its_prices_into_another_currency(shop: Shop) -> None:
    """100.45 USD at 10 % is 110.50 USD; the same lines are no yen."""
    shop.customer(number="jp", currency="JPY")
    line = {"description": "Work", "quantity": 1, "unit_price": Decimal("100.45"), "tax_rate": Decimal("0.1")}
    draft = shop.post("/v1/invoices", customer_id="cust_123456", lines=[line])

    answer = shop.caller.patch(f"/v1/invoices/{draft['id']}", {"customer_id": "cust_jp"})

    assert (answer.status, answer.fields) == (400, ["customer_id"])
    message = "The lines are priced in USD; give lines in JPY with this change."
    assert answer.error["details"][0]["message"] == message
    assert shop.again(draft) == draft
    yen = {"customer_id": "cust_jp", "lines": [line | {"unit_price": Decimal(1000)}]}
    moved = shop.done(shop.caller.patch(f"/v1/invoices/{draft['id']}", yen))
    assert (moved["currency"], moved["total"]) == ("JPY", Decimal(1100))
    assert shop.send(moved)["status"] == "sent"


def test_a_customer_with_nothing_but_a_deleted_draft_goes(shop: Shop) -> None:
    draft = shop.invoice("5.00")
    refused(shop.caller.delete("/v1/customers/cust_123456"), "customer_in_use", "Acme Corporation has invoices")
    shop.caller.delete(f"/v1/invoices/{draft['id']}")

    changed = shop.done(shop.caller.patch("/v1/customers/cust_123456", {"currency": "EUR"}))

    assert changed["currency"] == "EUR"
    assert shop.caller.delete("/v1/customers/cust_123456").status == 204
    assert shop.caller.get("/v1/customers/cust_123456").status == 404
