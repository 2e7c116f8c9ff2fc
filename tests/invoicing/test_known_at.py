"""Reports of sales as they were known: whatever is issued, paid, corrected or renamed later, they do not change."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from bigledger.events import relay
from tests.committed import number_all, tenant
from tests.conftest import Caller
from tests.sales import Shop

__all__ = ["tenant"]

SPAN = "from=2024-01-01&to=2024-12-31"
REPORTS = [
    "aged_receivables?as_of=2024-06-30",
    "aged_receivables?",
    "open_receivables?as_of=2024-06-30",
    "open_receivables?",
    f"sales_tax?{SPAN}",
    "sales_tax?from=2024-03-01&to=2024-06-30",
    f"customer_statement?customer_id=cust_1&{SPAN}",
    "customer_statement?customer_id=cust_2",
    "trial_balance?",
]


class Trade:
    """Random business of two customers in 2024, each step by a request of its own; what is refused changes nothing."""

    def __init__(self, caller: Caller, draw: random.Random) -> None:
        self.caller, self.draw = caller, draw

    def day(self) -> str:
        return f"2024-{self.draw.randint(1, 12):02}-{self.draw.randint(1, 28):02}"

    def _one(self, path: str) -> Any:
        rows = self.caller.get(f"{path}?limit=100").body["data"]
        return self.draw.choice(rows) if rows else None

    def _do(self, path: str, **body: Any) -> Any:
        answer = self.caller.post(path, body)
        assert answer.status < 500, answer.text
        return answer.body

    def invoice(self) -> None:
        line = {"description": "Work", "quantity": self.draw.randint(1, 5), "unit_price": Decimal("100.00")}
        day = self.day()
        made = self._do(
            "/v1/invoices", customer_id=f"cust_{self.draw.randint(1, 2)}", invoice_date=day, due_date="2025-01-31",
            lines=[line | {"tax_rate": self.draw.choice([Decimal("0.2"), 0])}],
        )  # fmt: skip
        if self.draw.random() < 0.9:
            self._do(f"/v1/invoices/{made['id']}/send", deliver=False)

    def send(self) -> None:
        if (found := self._one("/v1/invoices")) and found["status"] == "draft":
            self._do(f"/v1/invoices/{found['id']}/send", deliver=False)

    def postpone(self) -> None:
        if found := self._one("/v1/invoices"):
            self.caller.patch(f"/v1/invoices/{found['id']}", {"due_date": f"2025-{self.draw.randint(1, 12):02}-01"})

    def pay(self) -> None:
        self._do(
            "/v1/payments", customer_id=f"cust_{self.draw.randint(1, 2)}", method="cash", date=self.day(),
            amount=Decimal(self.draw.randint(1, 50_000)).scaleb(-2), send_receipt=False,
        )  # fmt: skip

    def settle(self) -> None:
        payment, invoice = self._one("/v1/payments"), self._one("/v1/invoices")
        if payment and invoice:
            action = self.draw.choice(["apply", "apply", "unapply"])
            self._do(f"/v1/payments/{payment['id']}/{action}", invoice_id=invoice["id"])

    def undo(self) -> None:
        path = self.draw.choice(["/v1/payments", "/v1/invoices", "/v1/credit-notes"])
        if found := self._one(path):
            self._do(f"{path}/{found['id']}/void", reason="x")

    def refund(self) -> None:
        path = self.draw.choice(["/v1/payments", "/v1/credit-notes"])
        if found := self._one(path):
            self._do(f"{path}/{found['id']}/refund", amount=Decimal("1.00"))

    def credit(self) -> None:
        if found := self._one("/v1/invoices"):
            line = {"invoice_line_id": found["lines"][0]["id"], "quantity": 1}
            self._do("/v1/credit-notes", invoice_id=found["id"], lines=[line])

    def write_off(self) -> None:
        if found := self._one("/v1/invoices"):
            path = f"/v1/invoices/{found['id']}/write-off"
            self._do(path, kind="bad_debt", amount=Decimal("2.00"), reason="x", tax_relief=self.draw.random() < 0.5)

    def take_back(self) -> None:
        if (found := self._one("/v1/invoices")) and found["write_offs"]:
            self._do(f"/v1/invoices/{found['id']}/write-offs/{found['write_offs'][0]['id']}/undo", reason="x")

    def rename(self) -> None:
        named = {"name": f"Buyer {self.draw.random()}"}
        assert self.caller.patch(f"/v1/customers/cust_{self.draw.randint(1, 2)}", named).status == 200

    def number(self) -> None:
        number_all()

    @property
    def steps(self) -> list[Callable[[], None]]:
        return [
            self.invoice, self.invoice, self.invoice, self.send, self.postpone, self.pay, self.pay, self.settle,
            self.settle, self.settle, self.undo, self.refund, self.credit, self.write_off, self.take_back, self.rename,
            self.number,
        ]  # fmt: skip


def seen(caller: Caller, moment: str = "") -> tuple[dict[str, str], str]:
    """Every report, but for when it was made, and that moment."""
    found, made = {}, ""
    for path in REPORTS:
        answer = caller.get(f"/v1/reports/{path}{f'&known_at={moment}' if moment else ''}")
        assert answer.status == 200, answer.text
        made = answer.body["generated_at"]
        found[path] = re.sub(r'"generated_at":"[^"]*"', "", answer.text)
    return found, made


@pytest.mark.parametrize("seed", [1, 2])
def test_later_business_changes_nothing(tenant: Caller, seed: int) -> None:
    shop = Shop(tenant)
    shop.customer(number="1", name="One")
    shop.customer(number="2", name="Two")
    trade = Trade(tenant, random.Random(seed))
    for _ in range(40):
        trade.draw.choice(trade.steps)()
    if seed == 1:
        number_all()
    before, moment = seen(tenant)
    assert seen(tenant, moment)[0] == before

    for count in range(1, 121):
        trade.draw.choice(trade.steps)()
        if count in (1, 30, 120):
            assert seen(tenant, moment)[0] == before, count
    number_all()
    assert seen(tenant, moment)[0] == before
    assert seen(tenant)[0] != before


def test_what_was_read_while_others_post_is_found_again(tenant: Caller) -> None:
    """Four writers at full speed, and the relay: each report is the same when it is asked for as of its own moment."""
    shop = Shop(tenant)
    shop.customer(number="1", name="One")
    shop.customer(number="2", name="Two")
    accounts = [("1000", "asset", "current_asset"), ("4000", "revenue", "operating_revenue")]
    for code, type_, subtype in accounts:
        tenant.post("/v1/accounts", {"code": code, "name": code, "type": type_, "subtype": subtype})
    stop, failed = threading.Event(), []

    def write(number: int) -> None:
        client = replace(tenant, client=Client())
        trade = Trade(client, random.Random(number))
        lines = [{"account_id": "acc_1000", "debit": 5}, {"account_id": "acc_4000", "credit": 5}]
        try:
            while not stop.is_set():
                trade.pay() if number % 2 else trade.invoice()
                client.post("/v1/journal-entries", {"date": "2024-03-05", "lines": lines})
        except AssertionError as fault:
            failed.append(fault)
        finally:
            connections.close_all()

    def number_events() -> None:
        relay.run(stop, lambda: None)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    threads.append(threading.Thread(target=number_events))
    for thread in threads:
        thread.start()
    found = []
    try:
        for turn in range(60):
            path = REPORTS[turn % len(REPORTS)]
            then = tenant.get(f"/v1/reports/{path}").body
            again = tenant.get(f"/v1/reports/{path}&known_at={then['generated_at']}").body
            found.append((turn, path, {**then, "generated_at": ""} == {**again, "generated_at": ""}))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert [each for each in found if not each[2]] == []
    assert failed == []
