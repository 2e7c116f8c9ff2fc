"""Any operations on any days, against the oracle: after each step the books, the aged receivables, the statement, the
tax report and the customer's balance are what the facts say, on any day, past or to come.

`MODEL_STEPS` is how many steps are taken in all; `make fuzz` takes ten thousand.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bigledger.tenants.models import Tenant
from tests.conftest import Answer, Caller
from tests.invoicing.oracle import Invoice, Oracle, Refused, Source, taxes_of
from tests.sales import Shop

D = Decimal
STEPS = int(os.environ.get("MODEL_STEPS", "150"))
PER_EXAMPLE = 30
BEGIN = datetime.date(2024, 3, 1)
CUSTOMER = "cust_123456"
NETS = (D("0.33"), D("1.00"), D("1.18"), D("10.00"), D("50.00"), D("99.99"))
PARTS = (None, D("0.50"), D("1.00"), D("10.00"), D("60.00"))
RATES = (D(0), D("0.07"), D("0.10"), D("0.19"))
picks = st.integers(0, 30)
lines = st.lists(st.sampled_from(NETS), min_size=1, max_size=4)
parts = st.sampled_from(PARTS)
# Days from today, or no date.
dates = st.one_of(st.none(), st.integers(-40, 40))


class AnyOperations(RuleBasedStateMachine):
    caller: Caller
    clock: Callable[[datetime.date], None]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.shop, self.oracle = Shop(self.caller), Oracle()
        self.today = BEGIN
        self.clock(self.today)
        self.shop.customer(number="123456", currency="USD")

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    # What each step needs.

    def day(self, offset: int | None) -> datetime.date | None:
        return None if offset is None else self.today + datetime.timedelta(days=offset)

    def invoice(self, pick: int) -> Invoice:
        return self.oracle.invoices[pick % len(self.oracle.invoices)]

    def source(self, pick: int) -> Source:
        return self.oracle.sources[pick % len(self.oracle.sources)]

    def ask(self, path: str, **body: Any) -> Answer:
        """Without what is None. The clock is the tenant's."""
        given = {name: str(v) if isinstance(v, datetime.date) else v for name, v in body.items() if v is not None}
        note(f"{self.today}: POST {path} {given}")
        answer = self.caller.post(path, given)
        assert answer.status in (200, 201, 422), answer.text
        return answer

    def agrees(self, answer: Answer, predicted: Callable[[], Any]) -> Any:
        """What the oracle has for it, when both took it; None when both refused."""
        try:
            found = predicted()
        except Refused:
            assert answer.status == 422, f"the oracle refuses: {answer.text}"
            return None
        assert answer.status != 422, f"the oracle takes it: {answer.text}"
        return found

    # The steps.

    @rule(days=st.integers(0, 25))
    def time_passes(self, days: int) -> None:
        self.today += datetime.timedelta(days=days)
        self.clock(self.today)

    @rule(per_document=st.booleans())
    def round_taxes(self, per_document: bool) -> None:
        """From now on; what was sold stays as it was."""
        setting = {"tax_rounding": "document" if per_document else "line"}
        note(f"{self.today}: PATCH /v1/sales-settings {setting}")
        self.shop.done(self.caller.patch("/v1/sales-settings", setting))
        self.oracle.per_document = per_document

    @rule(nets=lines, rate=st.sampled_from(RATES), offset=dates, term=st.integers(0, 60))
    def sell(self, nets: list[Decimal], rate: Decimal, offset: int | None, term: int) -> None:
        date = self.day(offset) or self.today
        due = date + datetime.timedelta(days=term)
        given = [{"description": "Work", "quantity": 1, "unit_price": net, "tax_rate": rate} for net in nets]
        draft = self.ask("/v1/invoices", customer_id=CUSTOMER, lines=given, invoice_date=date, due_date=due).body
        sent = self.ask(f"/v1/invoices/{draft['id']}/send")
        assert sent.status == 200
        invoice = self.oracle.sell(date, due, nets, rate)
        invoice.id = draft["id"]
        assert [line["tax_amount"] for line in sent.body["lines"]] == [tax for _, tax in invoice.lines]

    @rule(amount=st.sampled_from((D("0.50"), D("10.00"), D("60.00"), D("110.00"))), offset=dates, pick=picks)
    def receive(self, amount: Decimal, offset: int | None, pick: int) -> None:
        """For an invoice two times in three."""
        invoice = self.invoice(pick) if self.oracle.invoices and pick % 3 else None
        body = {"customer_id": CUSTOMER, "amount": amount, "method": "bank_transfer", "date": self.day(offset)}
        answer = self.ask("/v1/payments", **body, invoice_id=invoice.id if invoice else None)
        payment = Source("payment", self.day(offset) or self.today, amount)

        def predicted() -> Source:
            if invoice:
                self.oracle.apply(payment, invoice, None, None)
            return payment

        if self.agrees(answer, predicted):
            payment.id = answer.body["id"]
            self.oracle.sources.append(payment)

    @precondition(lambda self: self.oracle.invoices)
    @rule(pick=picks, net=st.sampled_from((None, D("0.50"), D("10.00"), D("60.00"))), offset=dates)
    def credit(self, pick: int, net: Decimal | None, offset: int | None) -> None:
        """The whole invoice, or a part of it with its own rate."""
        invoice = self.invoice(pick)
        line = {"description": "Returned", "quantity": 1, "unit_price": net, "tax_rate": invoice.rate}
        lines = None if net is None else [line]
        answer = self.ask("/v1/credit-notes", invoice_id=invoice.id, lines=lines, date=self.day(offset))
        day, today = self.day(offset), self.today

        def predicted() -> Source:
            if net is None:
                return self.oracle.credit_whole(invoice, day, today)
            return self.oracle.credit(invoice, net, *taxes_of([net], invoice.rate, per_document=True), day, today)

        self.made(answer, predicted)

    @precondition(lambda self: self.oracle.invoices)
    @rule(pick=picks, other=picks, offset=dates)
    def credit_line(self, pick: int, other: int, offset: int | None) -> None:
        """A line with its own tax, however that was rounded."""
        invoice = self.invoice(pick)
        line = other % len(invoice.lines)
        named = {"invoice_line_id": self.shop.again({"id": invoice.id})["lines"][line]["id"]}
        answer = self.ask("/v1/credit-notes", lines=[named], date=self.day(offset))
        self.made(answer, lambda: self.oracle.credit_line(invoice, line, self.day(offset), self.today))

    def made(self, answer: Answer, predicted: Callable[[], Source]) -> None:
        made = self.agrees(answer, predicted)
        if made:
            made.id = answer.body["id"]
            assert answer.body["credit_date"] == str(made.date)

    @precondition(lambda self: self.oracle.invoices and self.oracle.sources)
    @rule(pick=picks, other=picks, amount=parts, offset=dates)
    def apply(self, pick: int, other: int, amount: Decimal | None, offset: int | None) -> None:
        source, invoice, date = self.source(pick), self.invoice(other), self.day(offset)
        answer = self.ask(f"{self.path(source)}/apply", invoice_id=invoice.id, amount=amount, date=date)
        on = self.agrees(answer, lambda: self.oracle.apply(source, invoice, amount, date))
        assert on is None or answer.body["applied_date"] == str(on)

    @precondition(lambda self: self.oracle.applications)
    @rule(pick=picks, offset=dates)
    def unapply(self, pick: int, offset: int | None) -> None:
        row = self.oracle.applications[pick % len(self.oracle.applications)]
        answer = self.ask(f"{self.path(row.source)}/unapply", invoice_id=row.invoice.id, date=self.day(offset))
        self.agrees(answer, lambda: self.oracle.unapply(row.source, row.invoice, self.day(offset), self.today))

    @precondition(lambda self: self.oracle.sources)
    @rule(pick=picks, amount=parts, offset=dates)
    def refund(self, pick: int, amount: Decimal | None, offset: int | None) -> None:
        source, date = self.source(pick), self.day(offset)
        answer = self.ask(f"{self.path(source)}/refund", amount=amount, date=date)
        on = self.agrees(answer, lambda: self.oracle.give_back(source, amount, date, self.today))
        assert on is None or answer.body["refunds"][-1]["date"] == str(on)

    @precondition(lambda self: self.oracle.sources)
    @rule(pick=picks, offset=dates)
    def void_source(self, pick: int, offset: int | None) -> None:
        source, date = self.source(pick), self.day(offset)
        answer = self.ask(f"{self.path(source)}/void", reason="Bounced", date=date)
        on = self.agrees(answer, lambda: self.oracle.give_back(source, None, date, self.today, is_void=True))
        assert on is None or answer.body["voided_date"] == str(on)

    @precondition(lambda self: self.oracle.invoices)
    @rule(pick=picks, kind=st.sampled_from(("bad_debt", "small_difference")), amount=parts, offset=dates)
    def write_off(self, pick: int, kind: str, amount: Decimal | None, offset: int | None) -> None:
        invoice, date = self.invoice(pick), self.day(offset)
        path = f"/v1/invoices/{invoice.id}/write-off"
        answer = self.ask(path, kind=kind, reason="Lost", amount=amount, date=date)
        row = self.agrees(answer, lambda: self.oracle.write_off(invoice, kind, amount, date, self.today))
        if row:
            made = answer.body["write_offs"][-1]
            row.id = made["id"]
            assert made["date"] == str(row.on)

    @precondition(lambda self: any(invoice.write_offs for invoice in self.oracle.invoices))
    @rule(pick=picks, offset=dates)
    def undo_write_off(self, pick: int, offset: int | None) -> None:
        pairs = [(invoice, row) for invoice in self.oracle.invoices for row in invoice.write_offs]
        invoice, row = pairs[pick % len(pairs)]
        answer = self.ask(f"/v1/invoices/{invoice.id}/write-offs/{row.id}/undo", date=self.day(offset))
        self.agrees(answer, lambda: self.oracle.undo_write_off(row, self.day(offset), self.today))

    @precondition(lambda self: self.oracle.invoices)
    @rule(pick=picks, offset=dates)
    def void_invoice(self, pick: int, offset: int | None) -> None:
        invoice, date = self.invoice(pick), self.day(offset)
        answer = self.ask(f"/v1/invoices/{invoice.id}/void", reason="Twice", date=date)
        on = self.agrees(answer, lambda: self.oracle.void(invoice, date, self.today))
        assert on is None or answer.body["voided_date"] == str(on)

    @precondition(lambda self: self.oracle.invoices)
    @rule(pick=picks, days=st.integers(0, 90))
    def move_due_date(self, pick: int, days: int) -> None:
        invoice = self.invoice(pick)
        to = invoice.date + datetime.timedelta(days=days)
        answer = self.caller.patch(f"/v1/invoices/{invoice.id}", {"due_date": str(to)})
        self.agrees(answer, lambda: self.oracle.move_due_date(invoice, to, self.today))

    def path(self, source: Source) -> str:
        return f"/v1/{'payments' if source.kind == 'payment' else 'credit-notes'}/{source.id}"

    # What holds after each.

    @invariant()
    def every_figure_is_what_the_facts_say(self) -> None:
        facts = (self.oracle.invoices, self.oracle.sources)
        days = {self.today, self.today - datetime.timedelta(days=20 + sum(map(len, facts)) % 30)}
        days |= {row.on for row in self.oracle.applications[-1:]}
        days |= {self.today + datetime.timedelta(days=25)}
        for day in sorted(days):
            self._the_day_is_right(day)
        assert self.shop.balance(CUSTOMER) == self.oracle.balance()
        month = self.today.replace(day=1)
        for start in (month, (month - datetime.timedelta(days=1)).replace(day=1)):
            end = (start + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)
            report = self.shop.read(f"/v1/reports/sales_tax?from={start}&to={end}")
            assert (start, report["totals"]["tax_due"]) == (start, self.oracle.tax_due(start, end))

    def _the_day_is_right(self, day: datetime.date) -> None:
        books = self.shop.read(f"/v1/reports/trial_balance?as_of={day}")
        found = {row["account"]["name"]: row["debit"] - row["credit"] for row in books["rows"]}
        assert (day, found) == (day, self.oracle.books(day))
        aged = self.shop.read(f"/v1/reports/aged_receivables?as_of={day}")["totals"]
        assert (day, aged) == (day, self.oracle.aging(day))
        items = self.shop.read(f"/v1/reports/open_receivables?as_of={day}")["totals"]["amount_due"]
        statement = self.shop.read(f"/v1/customers/{CUSTOMER}/statement?to={day}")["totals"]["closing_balance"]
        assert (day, items, statement) == (day, self.oracle.balance(day), self.oracle.balance(day))


def test_any_operations_on_any_days(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def set_clock(day: datetime.date) -> None:
        now = datetime.datetime.combine(day, datetime.time(12), datetime.UTC)
        monkeypatch.setattr(Tenant, "now", lambda self: now)

    AnyOperations.caller, AnyOperations.clock = acme, staticmethod(set_clock)  # type: ignore[assignment]
    run_state_machine_as_test(
        AnyOperations,
        settings=settings(
            max_examples=max(STEPS // PER_EXAMPLE, 1),
            stateful_step_count=PER_EXAMPLE,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
