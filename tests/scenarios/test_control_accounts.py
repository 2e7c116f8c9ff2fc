"""Control accounts: their balance is what the documents say, because nothing else posts to them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, transaction

from bigledger import exact_json, ids
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from ledger.models import Account
from tests.breaking import contents
from tests.sales import Shop

D = Decimal


@pytest.fixture
def selling(shop: Shop) -> Shop:
    """Both control accounts are in use: 100.00 is owed, 20.00 paid ahead."""
    shop.sent("100.00")
    shop.pay("20.00")
    return shop


def accounts(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = shop.read("/v1/sales-settings")
    return found


@pytest.mark.parametrize("name", ["accounts_receivable_id", "customer_deposits_id"])
def test_a_manual_entry_is_refused(selling: Shop, name: str) -> None:
    control, cash = accounts(selling)[name], selling.read("/v1/payments")["data"][0]["deposit_account_id"]
    lines = [{"account_id": control, "credit": 25}, {"account_id": cash, "debit": 25}]
    entry = {"date": "2024-01-15", "lines": lines}
    before = contents(selling.caller)

    refused = selling.caller.post("/v1/journal-entries", entry)
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "control_account")
    assert refused.fields == ["lines[0].account_id"]
    bulk = selling.caller.post("/v1/journal-entries/bulk", {"operations": [{"operation": "create", "data": entry}]})
    assert "control_account" in bulk.text
    assert contents(selling.caller) == before
    draft = selling.post("/v1/journal-entries", **entry, status="draft")
    posted = selling.caller.post(f"/v1/journal-entries/{draft['id']}/post")
    assert (posted.status, posted.error["details"][0]["rule"]) == (422, "control_account")


def test_the_database_refuses_it_too(selling: Shop) -> None:
    with tenant_context(selling.caller.tenant):
        control = Account.objects.get(purpose="accounts_receivable")
        cash = Account.objects.get(purpose="cash_receipts")
        entry = {
            "id": ids.new_id(), "number": "X-1", "reference": None, "date": "2024-01-15", "description": "",
            "currency": "USD", "created_by_id": selling.caller.principal.user_id, "created_at": "2024-01-15T00:00:00Z",
            "posted_at": "2024-01-15T00:00:00Z", "reversal_of_id": None, "reversal_reason": "", "source": None,
            "attachments": [],
            "lines": [
                {"id": ids.new_id(), "account_id": cash.id, "debit": D(5), "credit": D(0), "description": ""},
                {"id": ids.new_id(), "account_id": control.id, "debit": D(0), "credit": D(5), "description": ""},
            ],
        }  # fmt: skip
        for source in (None, "absent"):
            given = {k: v for k, v in entry.items() if source is None or k != "source"}
            text = exact_json.encode([given]).decode()
            with pytest.raises((IntegrityError, psycopg.Error), match="documents only"), transaction.atomic():
                fetch_all("SELECT ledger_post(%s::jsonb, '[]'::jsonb)", [text])


def test_an_account_with_a_balance_of_its_own_does_not_become_one(shop: Shop) -> None:
    """1200 has an opening balance of 25.00: the receivable is another account, and so equals what customers owe."""
    receivable = {"code": "1200", "name": "Accounts Receivable", "type": "asset", "subtype": "current_asset"}
    shop.post("/v1/accounts", **receivable, opening_balance=D("25.00"))
    shop.sent("100.00")

    serving = shop.read(f"/v1/accounts/{accounts(shop)['accounts_receivable_id']}")
    assert (serving["code"], serving["balance"], shop.balance()) == ("1200-1", D("100.00"), D("100.00"))
    refused = shop.caller.patch("/v1/sales-settings", {"accounts_receivable_id": "acc_1200"})
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "control_account")


def test_an_account_with_a_purpose_stays_active(selling: Shop) -> None:
    for name in ("accounts_receivable_id", "sales_revenue_id"):
        refused = selling.caller.patch(f"/v1/accounts/{accounts(selling)[name]}", {"is_active": False})
        assert (refused.status, refused.error["details"][0]["rule"], refused.fields) == (
            422, "account_in_use", ["is_active"],
        )  # fmt: skip


def test_documents_of_a_deactivated_account_can_still_be_corrected(shop: Shop) -> None:
    """4010 is closed after two sales on it: one is voided, the other credited."""
    shop.post("/v1/accounts", code="4010", name="Fees", type="revenue", subtype="operating_revenue")
    line = {"description": "Fee", "quantity": 1, "unit_price": D("30.00"), "revenue_account_id": "acc_4010"}
    voided, credited = (shop.send(shop.post("/v1/invoices", customer_id="cust_123456", lines=[line])) for _ in range(2))
    shop.done(shop.caller.patch("/v1/accounts/acc_4010", {"is_active": False}))

    assert shop.post(f"/v1/invoices/{voided['id']}/void", reason="Twice")["status"] == "void"
    note = shop.post("/v1/credit-notes", invoice_id=credited["id"])
    assert shop.books() == {}
    assert shop.post(f"/v1/credit-notes/{note['id']}/void", reason="Not so")["status"] == "void"
    assert shop.books() == {"Accounts Receivable": D("30.00"), "Fees": D("-30.00")}


CHART = [
    ("1000", "Checking", "asset", "current_asset"), ("1010", "Undeposited Checks", "asset", "current_asset"),
    ("1020", "Card Clearing", "asset", "current_asset"), ("1100", "Trade Debtors", "asset", "current_asset"),
    ("1200", "Inventory", "asset", "current_asset"), ("2200", "VAT Output", "liability", "current_liability"),
    ("2300", "Prepayments", "liability", "current_liability"), ("4000", "Sales", "revenue", "operating_revenue"),
]  # fmt: skip


def test_a_company_with_its_own_chart_gets_no_second_one(shop: Shop) -> None:
    """An invoice of 100.00 and 8.00 tax, paid by bank; 50.00 by check and 10.00 by card as deposits."""
    for code, name, type_, subtype in CHART:
        shop.post("/v1/accounts", code=code, name=name, type=type_, subtype=subtype)
    changes = {
        "accounts_receivable_id": "acc_1100", "sales_revenue_id": "acc_4000", "sales_tax_payable_id": "acc_2200",
        "customer_deposits_id": "acc_2300",
        "deposit_accounts": {"bank_transfer": "acc_1000", "check": "acc_1010", "card": "acc_1020", "cash": "acc_1000"},
    }  # fmt: skip
    settings = shop.done(shop.caller.patch("/v1/sales-settings", changes))
    assert shop.read("/v1/accounts/acc_1100")["purpose"] == "accounts_receivable"
    assert settings["accounts_receivable_id"] == shop.read("/v1/accounts/acc_1100")["id"]

    line = {"description": "Work", "quantity": 1, "unit_price": D("100.00"), "tax_rate": D("0.08")}
    invoice = shop.send(shop.post("/v1/invoices", customer_id="cust_123456", lines=[line]))
    shop.pay("108.00", invoice_id=invoice["id"])
    check = shop.pay("50.00", method="check")
    shop.pay("10.00", method="cash", deposit_account_id="acc_1020")

    assert shop.books() == {
        "Checking": D("108.00"), "Undeposited Checks": D("50.00"), "Card Clearing": D("10.00"),
        "Prepayments": D("-60.00"), "VAT Output": D("-8.00"), "Sales": D("-100.00"),
    }  # fmt: skip
    assert shop.read("/v1/accounts?limit=100")["meta"]["total"] == len(CHART)
    shop.post(f"/v1/payments/{check['id']}/void", reason="Bounced")
    assert "Undeposited Checks" not in shop.books()


def test_a_purpose_that_is_set_later_leaves_no_two(shop: Shop) -> None:
    """The first sales opened 1200 Accounts Receivable; then 1100 is to be it. Its history moves there, day by day."""
    first = shop.sent("100.00", invoice_date="2024-01-10")
    shop.pay("30.00", invoice_id=first["id"], date="2024-02-01")
    shop.post("/v1/accounts", code="1100", name="Trade Debtors", type="asset", subtype="current_asset")
    shop.done(shop.caller.patch("/v1/sales-settings", {"accounts_receivable_id": "acc_1100"}))

    for day, owed in (("2024-01-10", "100.00"), ("2024-02-01", "70.00")):
        rows = shop.read(f"/v1/reports/trial_balance?as_of={day}")["rows"]
        found = {row["account"]["code"]: row["debit"] for row in rows if row["account"]["code"] in ("1100", "1200")}
        assert (day, found) == (day, {"1100": D(owed)})
    assert shop.read("/v1/accounts/acc_1200")["purpose"] is None
    shop.pay("70.00", invoice_id=first["id"])
    assert shop.read("/v1/accounts/acc_1100")["balance"] == D("0.00")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"accounts_receivable_id": "acc_4000"}, "accounts_receivable_id"),
        ({"sales_revenue_id": "acc_1100"}, "sales_revenue_id"),
        ({"bad_debt_id": "acc_none"}, "bad_debt_id"),
        ({"customer_deposits_id": "acc_2200", "sales_tax_payable_id": "acc_2200"}, "sales_tax_payable_id"),
        ({"deposit_accounts": {"cash": "acc_4000"}}, "deposit_accounts.cash"),
        ({"deposit_accounts": {"bitcoin": "acc_1000"}}, "deposit_accounts.bitcoin"),
        ({"unapplied_as": "equity"}, "unapplied_as"),
    ],
)
def test_a_wrong_account_is_named(shop: Shop, change: dict[str, Any], field: str) -> None:
    for code, name, type_, subtype in CHART:
        shop.post("/v1/accounts", code=code, name=name, type=type_, subtype=subtype)
    before = contents(shop.caller)

    refused = shop.caller.patch("/v1/sales-settings", change)

    assert (refused.status in (400, 404), refused.fields) == (True, [field]), refused.text
    assert contents(shop.caller) == before
