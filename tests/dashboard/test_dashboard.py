"""`GET /v1/dashboard`: the figures of the books, of one tenant, as of one event."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from bigledger.periods import month_end_before
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller, number_events
from tests.sales import Shop

FIGURES = ("cash", "receivables", "foreign_receivables", "revenue", "cash_flow")


def of(caller: Caller) -> Any:
    answer = caller.get("/v1/dashboard")
    assert answer.status == 200, answer.text
    return answer.body


def today(caller: Caller) -> datetime.date:
    return caller.tenant.today()


def post(caller: Caller, date: datetime.date, debit: str, credit: str, amount: str) -> None:
    lines = [{"account_id": debit, "debit": Decimal(amount)}, {"account_id": credit, "credit": Decimal(amount)}]
    answer = caller.post("/v1/journal-entries", {"date": date.isoformat(), "lines": lines})
    assert answer.status == 201, answer.text


@pytest.fixture
def books(acme: Caller) -> Caller:
    for code, name, type_, subtype, reconcilable in (
        ("1000", "Cash", "asset", "current_asset", True),
        ("1010", "Bank", "asset", "current_asset", True),
        ("1200", "Receivables", "asset", "current_asset", False),
        ("1400", "Inventory", "asset", "current_asset", False),
        ("3000", "Capital", "equity", "equity", False),
        ("4000", "Sales Revenue", "revenue", "operating_revenue", False),
        ("7000", "Interest", "revenue", "other_revenue", False),
    ):
        account = {"code": code, "name": name, "type": type_, "subtype": subtype, "is_reconcilable": reconcilable}
        assert acme.post("/v1/accounts", account).status == 201
    return acme


def test_of_a_tenant_without_books(acme: Caller) -> None:
    found = of(acme)

    assert found["cash"] == {"total": Decimal("0.00"), "accounts": []}
    assert found["receivables"]["total"] == Decimal("0.00")
    assert [month["balance"] for month in found["cash_flow"]] == [Decimal("0.00")] * 12
    assert (found["latest_invoices"], found["latest_payments"], found["latest_entries"]) == ([], [], [])


def test_cash_is_what_is_on_reconciled_accounts_today(books: Caller) -> None:
    now = today(books)
    post(books, now, "acc_1000", "acc_3000", "1000.00")
    post(books, now, "acc_1010", "acc_1000", "400.00")  # from one to the other: no change
    post(books, now, "acc_1400", "acc_1010", "150.00")  # goods are no cash
    post(books, now + datetime.timedelta(days=1), "acc_1000", "acc_3000", "9.00")  # tomorrow's

    found = of(books)

    assert found["cash"]["total"] == Decimal("850.00")
    shown = [(account["code"], account["balance"]) for account in found["cash"]["accounts"]]
    assert shown == [("1000", Decimal("600.00")), ("1010", Decimal("250.00"))]
    assert found["cash_flow"][-1] == {
        "month": now.replace(day=1).isoformat(), "change": Decimal("850.00"), "balance": Decimal("850.00"),
    }  # fmt: skip


def test_cash_flow_goes_back_twelve_months(books: Caller) -> None:
    first = today(books).replace(day=1)
    last = month_end_before(first).replace(day=1)
    before = month_end_before(last).replace(day=1)
    year_ago = first.replace(year=first.year - 1)  # the month before the first of the twelve
    post(books, year_ago, "acc_1000", "acc_3000", "500.00")
    post(books, before, "acc_1000", "acc_3000", "70.00")
    post(books, last, "acc_3000", "acc_1000", "30.00")

    flow = of(books)["cash_flow"]

    assert [month["change"] for month in flow[-3:]] == [Decimal("70.00"), Decimal("-30.00"), Decimal("0.00")]
    assert [month["balance"] for month in flow[-4:]] == [
        Decimal("500.00"), Decimal("570.00"), Decimal("540.00"), Decimal("540.00"),
    ]  # fmt: skip
    assert len({month["month"] for month in flow}) == 12


def test_revenue_is_that_of_the_income_statement(books: Caller) -> None:
    now = today(books)
    last = now.replace(day=1) - datetime.timedelta(days=1)
    post(books, now.replace(day=1), "acc_1000", "acc_4000", "300.00")
    post(books, now, "acc_4000", "acc_1000", "20.00")  # given back
    post(books, now, "acc_1000", "acc_7000", "5.00")  # interest is other revenue
    post(books, last.replace(day=1), "acc_1000", "acc_4000", "200.00")
    if now.day < last.day:
        post(books, last, "acc_1000", "acc_4000", "40.00")

    found = of(books)["revenue"]

    assert found["this_month"] == Decimal("280.00")
    assert found["last_month_to_same_day"] == Decimal("200.00")
    report = books.get(f"/v1/reports/income_statement?from={last.replace(day=1)}&to={last}").body
    assert found["last_month"] == report["totals"]["revenue"]


def test_receivables_are_what_is_due_by_age(acme: Caller) -> None:
    shop = Shop(acme)
    shop.customer(number="123456")
    now = today(acme)
    dues = {-10: "100.00", 0: "20.00", 1: "3.00", 30: "4.00", 31: "50.00", 61: "6.00", 91: "7.00"}
    for days, total in dues.items():
        due = now - datetime.timedelta(days=days)
        issued = due - datetime.timedelta(days=30)
        shop.sent(total, invoice_date=issued.isoformat(), due_date=due.isoformat())
    shop.invoice()  # a draft is not owed

    found = of(acme)["receivables"]

    assert found["aging"] == {
        "current": Decimal("120.00"), "days_1_30": Decimal("7.00"), "days_31_60": Decimal("50.00"),
        "days_61_90": Decimal("6.00"), "days_over_90": Decimal("7.00"),
    }  # fmt: skip
    assert (found["total"], found["open_invoices"]) == (Decimal("190.00"), 7)
    assert (found["overdue"], found["overdue_invoices"]) == (Decimal("70.00"), 5)
    report = acme.get("/v1/reports/aged_receivables").body["totals"]
    assert {name: report[name] for name in found["aging"]} == found["aging"]


def test_it_names_the_last_event_that_is_in_it(books: Caller) -> None:
    number_events(books)
    before = of(books)
    post(books, today(books), "acc_1000", "acc_3000", "10.00")

    committed = of(books)
    number_events(books)
    numbered = of(books)

    assert before["unnumbered_events"] == 0
    assert (committed["as_of_seq"], committed["unnumbered_events"]) == (before["as_of_seq"], 1)
    assert committed["cash"]["total"] == Decimal("10.00")
    assert (numbered["as_of_seq"], numbered["unnumbered_events"]) == (before["as_of_seq"] + 1, 0)
    assert {name: numbered[name] for name in FIGURES} == {name: committed[name] for name in FIGURES}


def test_what_has_not_changed_is_not_sent_again(books: Caller) -> None:
    tag = books.get("/v1/dashboard").response["ETag"]

    assert books.get("/v1/dashboard", if_none_match=tag).status == 304
    post(books, today(books), "acc_1000", "acc_3000", "10.00")
    assert books.get("/v1/dashboard", if_none_match=tag).status == 200


def test_a_viewer_sees_it_and_another_tenant_its_own(books: Caller, acme_viewer: Caller, globex: Caller) -> None:
    post(books, today(books), "acc_1000", "acc_3000", "10.00")

    assert of(acme_viewer) == of(books)
    assert of(globex)["cash"]["total"] == Decimal("0.00")
    assert of(globex)["latest_entries"] == []
    assert books.request("GET", "/v1/dashboard", authorization="").status == 401


def test_a_scope_opens_it(acme: Caller) -> None:
    keys = {
        scope: acme.post("/v1/api-keys", {"name": scope, "scopes": [scope]}).body["key"]
        for scope in ("read:dashboard", "read:accounts")
    }

    statuses = {scope: acme.get("/v1/dashboard", authorization=f"Bearer {key}").status for scope, key in keys.items()}

    assert statuses == {"read:dashboard": 200, "read:accounts": 403}


def test_graphql_shows_the_same(demo: Caller) -> None:
    asked = "{ dashboard { asOfSeq currency cash { total } receivables { overdue aging { current } } } }"
    found = demo.post("/graphql", {"query": asked}).body["data"]["dashboard"]

    rest = of(demo)
    assert found == {
        "asOfSeq": rest["as_of_seq"],
        "currency": "USD",
        "cash": {"total": rest["cash"]["total"]},
        "receivables": {
            "overdue": rest["receivables"]["overdue"],
            "aging": {"current": rest["receivables"]["aging"]["current"]},
        },
    }


def test_amounts_of_fifteen_digits_are_exact(books: Caller) -> None:
    post(books, today(books), "acc_1000", "acc_3000", "999999999999999.99")
    post(books, today(books), "acc_1010", "acc_3000", "999999999999999.98")

    assert of(books)["cash"]["total"] == Decimal("1999999999999999.97")


def test_its_cost_does_not_grow_with_the_books(books: Caller) -> None:
    """Balances are read from the kept ones, by key: no plan reads the lines."""
    with tenant_context(books.tenant):
        text = fetch_all("SELECT prosrc FROM pg_proc WHERE proname LIKE 'dashboard%%'")
    assert "journalline" not in str(text)
