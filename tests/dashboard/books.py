"""Books of a shop that is committed, and what its figures are by plain SQL over all rows."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bigledger.postgres.execute import fetch_all, fetch_one
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller
from tests.sales import Shop

ACCOUNTS = (
    ("1000", "Cash", "asset", "current_asset", True),
    ("1010", "Bank", "asset", "current_asset", True),
    ("1400", "Inventory", "asset", "current_asset", False),
    ("3000", "Capital", "equity", "equity", False),
    ("4000", "Sales Revenue", "revenue", "operating_revenue", False),
    ("6100", "Rent", "expense", "operating_expense", False),
)
CASH = ("1000", "1010")


def open_books(caller: Caller) -> Shop:
    for code, name, type_, subtype, reconcilable in ACCOUNTS:
        account = {"code": code, "name": name, "type": type_, "subtype": subtype, "is_reconcilable": reconcilable}
        assert caller.post("/v1/accounts", account).status == 201
    shop = Shop(caller)
    shop.customer(number="123456")
    return shop


def post(caller: Caller, date: datetime.date, debit: str, credit: str, amount: str) -> Any:
    lines = [{"account_id": debit, "debit": Decimal(amount)}, {"account_id": credit, "credit": Decimal(amount)}]
    answer = caller.post("/v1/journal-entries", {"date": date.isoformat(), "lines": lines})
    assert answer.status == 201, answer.text
    return answer.body


def by_sql(caller: Caller) -> dict[str, Any]:
    """The figures from every line and every invoice, and the number of the last event."""
    today = caller.tenant.today()
    with tenant_context(caller.tenant):
        (seq,) = fetch_one("SELECT COALESCE(max(seq), 0) FROM events_event WHERE tenant_id = app_tenant()")
        (cash,) = fetch_one(
            """SELECT COALESCE(sum(base_debit - base_credit), 0) FROM ledger_journalline l
               JOIN ledger_account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
               WHERE l.tenant_id = app_tenant() AND a.code = ANY (%s) AND l.date <= %s""",
            [list(CASH), today],
        )
        (revenue,) = fetch_one(
            """SELECT COALESCE(sum(base_credit - base_debit), 0) FROM ledger_journalline l
               JOIN ledger_account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
               WHERE l.tenant_id = app_tenant() AND a.subtype = 'operating_revenue' AND l.date BETWEEN %s AND %s""",
            [today.replace(day=1), today],
        )
        months = fetch_all(
            """SELECT date_trunc('month', l.date)::date, sum(base_debit - base_credit) FROM ledger_journalline l
               JOIN ledger_account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
               WHERE l.tenant_id = app_tenant() AND a.code = ANY (%s) AND l.date <= %s GROUP BY 1""",
            [list(CASH), today],
        )
        due, overdue, open_ = fetch_one(
            """SELECT COALESCE(sum(amount_due), 0), COALESCE(sum(amount_due) FILTER (WHERE due_date < %s), 0), count(*)
               FROM invoicing_invoice WHERE tenant_id = app_tenant() AND status IN ('sent', 'overdue')""",
            [today],
        )
    return {
        "seq": seq,
        "cash": cash,
        "revenue": revenue,
        "months": {month.isoformat(): change for month, change in months if change},
        "receivables": due,
        "overdue": overdue,
        "open_invoices": open_,
    }


def of_body(body: Any) -> dict[str, Any]:
    """The same figures of a dashboard."""
    return {
        "seq": body["as_of_seq"],
        "cash": body["cash"]["total"],
        "revenue": body["revenue"]["this_month"],
        "months": {month["month"]: month["change"] for month in body["cash_flow"] if month["change"]},
        "receivables": body["receivables"]["total"],
        "overdue": body["receivables"]["overdue"],
        "open_invoices": body["receivables"]["open_invoices"],
    }


class Bookkeeper:
    """Somebody who does one thing after the other, at random."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.random = shop, random.Random(seed)
        self.open: list[Any] = []
        self.payments: list[Any] = []
        self.entries: list[Any] = []

    def do_something(self) -> None:
        doings: list[Callable[[], None]] = [self.enter, self.enter, self.invoice, self.invoice, self.pay]
        if self.open:
            doings += [self.settle, self.void, self.write_off]
        if self.payments:
            doings.append(self.refund)
        if self.entries:
            doings.append(self.reverse)
        self.random.choice(doings)()

    def day(self) -> datetime.date:
        return self.shop.caller.tenant.today() - datetime.timedelta(days=self.random.choice([0, 0, 1, 20, 45, 300]))

    def amount(self) -> str:
        return f"{self.random.randint(1, 10 ** self.random.randint(2, 8)) / 100:.2f}"

    def enter(self) -> None:
        debit, credit = self.random.sample([f"acc_{code}" for code, *_ in ACCOUNTS], 2)
        self.entries.append(post(self.shop.caller, self.day(), debit, credit, self.amount()))

    def reverse(self) -> None:
        entry = self.entries.pop(self.random.randrange(len(self.entries)))
        self.shop.post(f"/v1/journal-entries/{entry['id']}/reverse", reason="Wrong")

    def invoice(self) -> None:
        day = self.day()
        due = day + datetime.timedelta(days=self.random.choice([0, 14, 30]))
        self.open.append(self.shop.sent(self.amount(), invoice_date=day.isoformat(), due_date=due.isoformat()))

    def taken(self) -> Any:
        return self.open.pop(self.random.randrange(len(self.open)))

    def settle(self) -> None:
        invoice = self.taken()
        part = invoice["amount_due"] if self.random.random() < 0.5 else Decimal("0.01")
        self.payments.append(self.shop.pay(str(part), invoice_id=invoice["id"]))

    def pay(self) -> None:
        self.payments.append(self.shop.pay(self.amount()))

    def void(self) -> None:
        self.shop.post(f"/v1/invoices/{self.taken()['id']}/void", reason="Not ordered")

    def write_off(self) -> None:
        self.shop.post(f"/v1/invoices/{self.taken()['id']}/write-off", kind="bad_debt", reason="Bankrupt")

    def refund(self) -> None:
        payment = self.payments.pop(self.random.randrange(len(self.payments)))
        self.shop.post(f"/v1/payments/{payment['id']}/refund")
