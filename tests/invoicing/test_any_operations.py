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
from tests.invoicing.oracle import Oracle, Refused
from tests.invoicing.oracle_facts import Invoice, Source
from tests.invoicing.oracle_prices import Prices, priced
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
# Of a document: what a price comes to and whether it is a charge, and the discount on the whole.
lines = st.lists(st.tuples(st.sampled_from(NETS), st.sampled_from((False, False, True))), min_size=1, max_size=4)
DISCOUNTS = (
    None, None, ("discount_percentage", D("10")), ("discount_percentage", D("33.3333")), ("discount_amount", D("0.50")),
)  # fmt: skip
parts = st.sampled_from(PARTS)
# Days from today, or no date.
dates = st.one_of(st.none(), st.integers(-40, 40))


def one_line(price: Decimal, rate: Decimal, is_charge: bool = False) -> dict[str, Any]:
    return {"description": "Work", "quantity": 1, "unit_price": price, "tax_rate": rate, "is_charge": is_charge}


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

    @rule(is_by_allowance=st.booleans())
    def lose_by(self, is_by_allowance: bool) -> None:
        setting = {"bad_debt_method": "allowance" if is_by_allowance else "direct"}
        note(f"{self.today}: PATCH /v1/sales-settings {setting}")
        self.shop.done(self.caller.patch("/v1/sales-settings", setting))
        self.oracle.by_allowance = is_by_allowance

    @rule(of=lines, rate=st.sampled_from(RATES), includes_tax=st.booleans(), discount=st.sampled_from(DISCOUNTS),
          offset=dates, term=st.integers(0, 60), is_early=st.booleans())  # fmt: skip
    def sell(
        self, of: list[tuple[Decimal, bool]], rate: Decimal, includes_tax: bool, discount: tuple[str, Decimal] | None,
        offset: int | None, term: int, is_early: bool,
    ) -> None:  # fmt: skip
        date = self.day(offset) or self.today
        due = date + datetime.timedelta(days=term)
        if discount and sum(price for price, is_charge in of if not is_charge) < D("0.50"):
            discount = None
        prices = Prices(tuple(of), rate, includes_tax, discount)
        more = dict([discount] if discount else [], payment_terms="2_10_net_30" if is_early else "net_30")
        draft = self.ask(
            "/v1/invoices", customer_id=CUSTOMER, lines=[one_line(price, rate, is_charge) for price, is_charge in of],
            invoice_date=date, due_date=due, price_includes_tax=includes_tax, **more,
        ).body  # fmt: skip
        sent = self.ask(f"/v1/invoices/{draft['id']}/send")
        assert sent.status == 200
        invoice = self.oracle.sell(date, due, prices, is_early=is_early)
        invoice.id = draft["id"]
        found = [(line["total"] - line["tax_amount"], line["tax_amount"]) for line in sent.body["lines"]]
        assert (found, sent.body["total"]) == (invoice.lines, invoice.total)

    # As much as is due of it and, if it is in time, may be deducted: two times in three a bit less than all of it.
    @precondition(lambda self: self.oracle.invoices)
    @rule(pick=picks, days=st.integers(0, 12), less=st.sampled_from((0, 1, 2)), is_late=st.booleans())
    def pay_in_time(self, pick: int, days: int, less: int, is_late: bool) -> None:
        """The payment is for the invoice from the start, or applied to it later."""
        invoice = self.invoice(pick)
        amount = (self.oracle.due(invoice) * (100 - less) / 100).quantize(D("0.01"))
        if amount <= 0:
            return
        date = invoice.date + datetime.timedelta(days=days)
        self._receive(amount, date, None if is_late else invoice)
        if is_late:
            self._apply(self.oracle.sources[-1], invoice, None, None)

    @rule(amount=st.sampled_from((D("0.50"), D("10.00"), D("60.00"), D("110.00"))), offset=dates, pick=picks)
    def receive(self, amount: Decimal, offset: int | None, pick: int) -> None:
        """For an invoice two times in three."""
        self._receive(amount, self.day(offset), self.invoice(pick) if self.oracle.invoices and pick % 3 else None)

    def _receive(self, amount: Decimal, date: datetime.date | None, invoice: Invoice | None) -> None:
        body = {"customer_id": CUSTOMER, "amount": amount, "method": "bank_transfer", "date": date}
        answer = self.ask("/v1/payments", **body, invoice_id=invoice.id if invoice else None)
        payment = Source("payment", date or self.today, amount)

        def predicted() -> Source:
            if invoice:
                self.oracle.apply(payment, invoice, None, None)
            return payment

        if self.agrees(answer, predicted):
            payment.id = answer.body["id"]
            self.oracle.sources.append(payment)
            self._name_discounts()

    def _name_discounts(self) -> None:
        """The ids of the credit notes for early payment that the oracle expects, each over what it expects."""
        for expected in [source for source in self.oracle.sources if not source.id]:
            assert expected.invoice and expected.paid_early
            found = self.shop.read(f"/v1/credit-notes?invoice_id={expected.invoice.id}&limit=100")["data"]
            (row,) = [
                row for row in found if row["early_payment_id"] == expected.paid_early.id and row["voided_date"] is None
            ]
            assert (row["total"], row["tax_total"], row["credit_date"]) == (
                expected.amount, expected.tax, str(expected.date),
            )  # fmt: skip
            expected.id = row["id"]

    @precondition(lambda self: self.oracle.invoices)
    @rule(pick=picks, net=st.sampled_from((None, D("0.50"), D("10.00"), D("60.00"))), offset=dates)
    def credit(self, pick: int, net: Decimal | None, offset: int | None) -> None:
        """The whole invoice, or a part of it with its own rate."""
        invoice = self.invoice(pick)
        prices = invoice.prices
        lines = None if net is None else [one_line(net, prices.rate)]
        answer = self.ask("/v1/credit-notes", invoice_id=invoice.id, lines=lines, date=self.day(offset))
        day, today = self.day(offset), self.today

        def predicted() -> Source:
            if net is None:
                return self.oracle.credit_whole(invoice, day, today)
            free = Prices(((net, False),), prices.rate, prices.includes_tax)
            return self.oracle.credit(invoice, *priced(free, per_document=True)[0], day, today)

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
        self._apply(self.source(pick), self.invoice(other), amount, self.day(offset))

    def _apply(self, source: Source, invoice: Invoice, amount: Decimal | None, date: datetime.date | None) -> None:
        answer = self.ask(f"{self.path(source)}/apply", invoice_id=invoice.id, amount=amount, date=date)
        on = self.agrees(answer, lambda: self.oracle.apply(source, invoice, amount, date))
        assert on is None or answer.body["applied_date"] == str(on)
        self._name_discounts()

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
    @rule(pick=picks, kind=st.sampled_from(("bad_debt", "bad_debt with relief", "small_difference")), amount=parts,
          offset=dates)  # fmt: skip
    def write_off(self, pick: int, kind: str, amount: Decimal | None, offset: int | None) -> None:
        invoice, date = self.invoice(pick), self.day(offset)
        kind, _, relief = kind.partition(" ")
        path = f"/v1/invoices/{invoice.id}/write-off"
        answer = self.ask(path, kind=kind, reason="Lost", amount=amount, date=date, tax_relief=True if relief else None)
        row = self.agrees(
            answer, lambda: self.oracle.write_off(invoice, kind, amount, date, self.today, relief=bool(relief))
        )
        if row:
            made = answer.body["write_offs"][-1]
            row.id = made["id"]
            assert (made["date"], made["tax_amount"]) == (str(row.on), row.tax)

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
            found = (report["totals"]["bad_debt_relief"], report["totals"]["tax_due"])
            assert (start, *found) == (start, self.oracle.relief(start, end), self.oracle.tax_due(start, end))

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
