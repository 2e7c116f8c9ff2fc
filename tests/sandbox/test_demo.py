"""The demo books: made once, plausible, and what the reference's examples need."""

from __future__ import annotations

import datetime
import stat
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connections

from bigledger.access.models import ApiKey, Membership, Role, SigningSecret, User
from bigledger.access.principal import Principal
from bigledger.access.services import create_tenant
from bigledger.sandbox.demo import OWNER_EMAIL, TENANT_NAME, Demo, ensure_demo, steps
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Plan, Tenant
from ledger.demo.year import orders_of_year, year_of_entries
from ledger.models import Account, JournalEntry
from tests.conftest import Caller
from tests.sales import assert_customer_balances_hold


def test_the_first_account_is_the_references(demo: Caller) -> None:
    page = demo.get("/api/v1/accounts")

    assert page.body["meta"] == {"page": 1, "limit": 20, "total": 150, "pages": 8}
    assert page.body["data"][0]["code"] == "1000"
    assert '"balance":50000.00' in page.text


def test_the_names_that_the_reference_uses_are_there_or_free(demo: Caller) -> None:
    assert demo.get("/v1/accounts/acc_6100").body["name"] == "Rent Expense"
    assert demo.get("/v1/documents/doc_abc123").body["media_type"] == "application/pdf"
    assert demo.get("/v1/accounts/acc_1001").status == 404
    assert demo.get("/v1/journal-entries/je_JE-2024-001").status == 404
    assert demo.get("/v1/accounts/acc_3900").body["name"] == "Opening Balance Equity"


def test_the_books_balance_and_cover_the_twelve_months_before_this_one(demo: Caller) -> None:
    totals = demo.get("/v1/reports/trial_balance").body["totals"]
    oldest = demo.get("/v1/journal-entries?sort=date:asc&limit=1").body
    newest = demo.get("/v1/journal-entries?sort=date:desc&limit=1").body
    today = demo.tenant.today()

    assert totals["debit"] == totals["credit"] > 100_000
    assert oldest["meta"]["total"] > 500
    assert oldest["data"][0]["date"] == today.replace(year=today.year - 1, day=1).isoformat()
    assert newest["data"][0]["date"] == (today.replace(day=1) - datetime.timedelta(days=1)).isoformat()


@pytest.mark.parametrize("today", ["2024-02-29", "2024-12-31", "2025-01-01", "2026-03-31"])
def test_the_year_is_plausible_on_any_day(today: str) -> None:
    entries = year_of_entries(datetime.date.fromisoformat(today))

    assert len({entry.reference for entry in entries}) == len(entries)
    by_day: dict[datetime.date, Decimal] = defaultdict(Decimal)
    day = datetime.date.fromisoformat(today)
    for order in orders_of_year(day):
        if order.received < day.replace(day=1):
            by_day[order.received] += order.net + order.tax
    for entry in entries:
        assert sum(line.debit - line.credit for line in entry.lines) == 0, entry.reference
        for line in entry.lines:
            if line.account == "acc_1000":
                by_day[entry.date] += line.debit - line.credit
    cash, lowest = Decimal(0), Decimal("Infinity")
    for day in sorted(by_day):
        cash += by_day[day]
        lowest = min(lowest, cash)
    assert cash == Decimal("50000.00")
    assert lowest > 0


def test_starting_again_changes_nothing_and_gives_the_same_key(committed_demo: Demo, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        counted = [model.objects.using("worker").count() for model in (Tenant, Account, JournalEntry)]

        assert ensure_demo() == committed_demo
        assert [model.objects.using("worker").count() for model in (Tenant, Account, JournalEntry)] == counted
        assert Membership.objects.using("worker").filter(user__email=OWNER_EMAIL).count() == 1
        connections.close_all()
    file = Path(settings.BIGLEDGER_HOME) / "demo.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.fixture
def borrowed(committed_demo: Demo, django_db_blocker: Any) -> Iterator[Demo]:
    """The demo that all tests share, to be opened anew: its file, its password and its credentials are put back."""
    file = Path(settings.BIGLEDGER_HOME) / "demo.json"
    with django_db_blocker.unblock():
        before = file.read_bytes()
        password = User.objects.get(email=OWNER_EMAIL).password
        kept = [set(model.objects.using("owner").values_list("pk", flat=True)) for model in (ApiKey, SigningSecret)]
        try:
            yield committed_demo
        finally:
            file.write_bytes(before)
            User.objects.filter(email=OWNER_EMAIL).update(password=password)
            for model, ids in zip((ApiKey, SigningSecret), kept, strict=True):
                model.objects.using("owner").exclude(pk__in=ids).delete()
            connections.close_all()


def test_a_lost_file_gives_a_new_key_to_the_same_books(borrowed: Demo) -> None:
    (Path(settings.BIGLEDGER_HOME) / "demo.json").write_text("{ not the file it was")

    again = ensure_demo()

    assert again.tenant_id == borrowed.tenant_id
    assert again.api_key != borrowed.api_key
    assert authenticate(username=again.admin_email, password=again.admin_password) is not None
    assert Tenant.objects.using("worker").filter(name=TENANT_NAME).count() == 1


def test_there_are_no_demo_books_outside_the_sandbox(settings, django_db_setup) -> None:
    settings.IS_SANDBOX = False

    with pytest.raises(CommandError, match="sandbox only"):
        call_command("demo")


def test_the_balances_of_customers_agree_with_the_books(demo: Caller) -> None:
    assert_customer_balances_hold(demo)
    receivable = demo.get("/v1/accounts/acc_1200").body["balance"]
    owed = [row["balance"] for row in demo.get("/v1/customers?limit=100").body["data"]]
    assert len(owed) > 5
    assert sum(owed) == receivable > Decimal("12500.00")


def test_the_customer_of_the_reference_has_an_invoice_in_every_state(demo: Caller) -> None:
    invoices = demo.get("/v1/invoices?customer_id=cust_123456&sort=number:asc").body["data"]

    assert [(i["status"], i["payment_status"], i["total"], i["amount_due"]) for i in invoices] == [
        ("paid", "paid", Decimal("4050.00"), Decimal("0.00")),
        ("overdue", "partially_paid", Decimal("6480.00"), Decimal("4400.00")),
        ("sent", "unpaid", Decimal("8100.00"), Decimal("8100.00")),
        ("draft", "unpaid", Decimal("3240.00"), Decimal("3240.00")),
    ]
    assert [i["lines"][0]["description"] for i in invoices] == ["Consulting Services"] * 4
    assert demo.get("/v1/customers/cust_123456").body["balance"] == Decimal("12500.00")
    assert demo.get("/v1/invoices/inv_INV-2024-001").status == 404
    methods = [payment["method"] for payment in demo.get("/v1/payments?customer_id=cust_123456").body["data"]]
    assert sorted(methods) == ["bank_transfer", "card"]


@pytest.mark.parametrize("today", ["2024-02-29", "2024-03-31", "2025-01-01", "2026-08-31"])
def test_the_demo_of_any_day_can_be_built(
    committed_demo: Demo, db_access: None, monkeypatch: pytest.MonkeyPatch, today: str
) -> None:
    now = datetime.datetime.fromisoformat(f"{today}T12:00:00Z")
    monkeypatch.setattr(Tenant, "now", lambda self: now)
    new = create_tenant(name=f"Demo of {today}", plan=Plan.ENTERPRISE, owner_email=f"owner@{today}.example")
    acting = Principal(new.tenant, new.user.id, Role.OWNER, frozenset({"read", "write", "admin"}), "demo")
    with tenant_context(new.tenant):
        for step in steps():
            step(acting)
        caller = Caller(new.tenant, acting, new.api_key, new.signing_secret)

    states = [row["status"] for row in caller.get("/v1/invoices?customer_id=cust_123456&sort=number:asc").body["data"]]
    assert sorted(states) == ["draft", "overdue", "paid", "sent"]
    assert caller.get("/v1/customers/cust_123456").body["balance"] == Decimal("12500.00")
    assert caller.get("/v1/accounts/acc_1000").body["balance"] == Decimal("50000.00")
    assert caller.get("/v1/accounts").body["meta"]["total"] == 150
    assert_customer_balances_hold(caller)
