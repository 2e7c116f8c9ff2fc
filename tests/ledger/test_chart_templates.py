"""Charts of accounts to begin with: shown, applied once, and complete for a sale."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bigledger.tenants.context import tenant_context
from ledger.charts import TEMPLATES
from ledger.models import Account, AccountPurpose
from tests.breaking import contents
from tests.conftest import Caller, make_tenant
from tests.sales import Shop

CHARTS = ("us", "uk", "ifrs")


def test_they_are_listed_with_their_accounts(acme_viewer: Caller) -> None:
    found = acme_viewer.get("/v1/chart-templates").body["data"]

    assert [(template["id"], template["name"]) for template in found] == [
        ("us", "United States"),
        ("uk", "United Kingdom"),
        ("ifrs", "IFRS"),
    ]
    assert found[1] == acme_viewer.get("/v1/chart-templates/uk").body
    assert {
        "code": "1100",
        "name": "Trade Debtors",
        "type": "asset",
        "subtype": "current_asset",
        "cash_flow": None,
        "purpose": "accounts_receivable",
    } in found[1]["accounts"]
    assert acme_viewer.get("/v1/chart-templates/de").status == 404


@pytest.mark.parametrize("chart", CHARTS)
def test_a_template_says_for_every_purpose_which_account_serves_it(chart: str) -> None:
    """One each, and no code twice; so no document has to make an account."""
    rows = TEMPLATES[chart].accounts
    purposes = [row["purpose"] for row in rows if row["purpose"]]

    assert sorted(purposes) == sorted(AccountPurpose.values)
    assert len({row["code"] for row in rows}) == len(rows) > 70


@pytest.mark.parametrize("chart", CHARTS)
def test_it_is_applied_and_a_sale_makes_no_further_account(acme: Caller, chart: str) -> None:
    made = acme.post(f"/v1/chart-templates/{chart}/apply")

    rows = TEMPLATES[chart].accounts
    assert (made.status, made.body) == (201, {"created": {"accounts": len(rows)}})
    with tenant_context(acme.tenant):
        kept = {a.code: (a.name, a.type, a.subtype, a.cash_flow or "", a.purpose) for a in Account.objects.all()}
    assert kept == {r["code"]: (r["name"], r["type"], r["subtype"], r["cash_flow"], r["purpose"]) for r in rows}
    shop = Shop(acme)
    shop.customer(number="123456")
    invoice = shop.sent("100.00")
    shop.pay("100.00", invoice_id=invoice["id"])
    assert acme.get("/v1/accounts").body["meta"]["total"] == len(rows)
    receivable = next(r["name"] for r in rows if r["purpose"] == "accounts_receivable")
    sales = next(r["name"] for r in rows if r["purpose"] == "sales_revenue")
    books = shop.books()
    assert receivable not in books
    assert books[sales] == Decimal("-100.00")


def test_it_is_for_books_without_accounts(acme: Caller) -> None:
    assert acme.post("/v1/chart-templates/us/apply").status == 201
    before = contents(acme)

    refused = acme.post("/v1/chart-templates/uk/apply")

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "accounts_exist")
    assert acme.post("/v1/chart-templates/de/apply").status == 404
    assert contents(acme) == before


def test_a_viewer_may_not_apply_one(acme_viewer: Caller) -> None:
    assert acme_viewer.post("/v1/chart-templates/us/apply").status == 403


def created(*options: str) -> int:
    """How many accounts a new tenant has."""
    out = StringIO()
    call_command("create_tenant", "New", "--owner", "new@example.com", "--json", *options, stdout=out)
    with tenant_context(uuid.UUID(json.loads(out.getvalue())["tenant_id"])):
        return Account.objects.count()


@pytest.mark.parametrize("chart", CHARTS)
def test_a_tenant_is_created_with_a_chart(db_access: None, chart: str) -> None:
    assert created("--chart", chart) == len(TEMPLATES[chart].accounts)


def test_the_default_is_none_and_another_chart_is_refused(db_access: None) -> None:
    assert created() == created("--chart", "none") == 0
    with pytest.raises(CommandError, match="invalid choice: 'de'"):
        created("--chart", "de")


def test_accounts_are_in_the_currency_of_the_tenant(db_access: None) -> None:
    caller = make_tenant("Tokyo", base_currency="JPY")

    assert caller.post("/v1/chart-templates/ifrs/apply").status == 201

    currencies = {account["currency"] for account in caller.get("/v1/accounts?limit=100").body["data"]}
    assert currencies == {"JPY"}
