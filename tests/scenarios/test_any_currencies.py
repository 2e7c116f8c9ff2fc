"""Whatever is done in whatever currencies, on every day: assets are liabilities and equity, base comes to 0, nothing is
worth anything of which there is nothing, and after a revaluation everything is worth what there is of it: what was
realised and what was not make up all of the difference."""

from __future__ import annotations

import datetime
import itertools
import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from invoicing.reports.soundness import CHECKS as SALES
from ledger.reports.soundness import CHECKS as BOOKS
from tests.conftest import Answer, Caller
from tests.rates import keep_rate

FIRST = datetime.date(2024, 1, 1)
DAYS = 40
CURRENCIES = ("EUR", "JPY", "USD")
HELD = """
SELECT a.code, a.currency, b.net, b.base_net FROM ledger_account a
JOIN ledger_balances_on(ARRAY(SELECT id FROM ledger_account WHERE tenant_id = app_tenant()), %s) b ON b.account = a.id
WHERE a.tenant_id = app_tenant() AND a.type IN ('asset', 'liability') AND a.currency <> 'USD'
"""
BANK = "1015"  # in euros, which no document knows
# What documents and revaluations have realised; and what revaluations have not.
GAINS = """
SELECT COALESCE((SELECT sum(source_base_amount - base_amount) FROM invoicing_paymentapplication
                 WHERE tenant_id = app_tenant() AND released_on IS NULL), 0)
    + COALESCE(sum(r.difference) FILTER (WHERE r.balance = 0), 0)
FROM ledger_fxrevaluationrow r WHERE r.tenant_id = app_tenant()
"""
UNREALISED = """
SELECT COALESCE(sum(l.base_debit - l.base_credit), 0) FROM ledger_journalline l
JOIN ledger_journalentry e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
WHERE l.tenant_id = app_tenant() AND l.currency = l.base_currency AND l.account_currency <> l.base_currency
    AND l.date <= %s
    AND NOT EXISTS (SELECT FROM ledger_fxrevaluation f WHERE f.tenant_id = l.tenant_id AND f.settlement_entry_id = e.id)
"""
ON_PURPOSE = """
SELECT COALESCE(sum(b.base_net), 0) FROM ledger_account a
JOIN ledger_balances_on(ARRAY(SELECT id FROM ledger_account WHERE tenant_id = app_tenant()), %s) b ON b.account = a.id
WHERE a.tenant_id = app_tenant() AND a.purpose = %s
"""
KINDS = (
    "invoice", "early", "pay", "pay", "apply", "unapply", "refund", "void", "credit", "write_off", "undo", "revalue",
    "exchange", "exchange", "empty",
)  # fmt: skip
operations = st.tuples(
    st.sampled_from(KINDS),
    st.integers(0, DAYS - 1),
    st.sampled_from(CURRENCIES),
    st.integers(1, 99_999),
    st.integers(0, 10**6),
)


class Trader:
    """Tries what it is told; what the books refuse changes nothing."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.invoices: list[Any] = []
        self.payments: list[Any] = []

    def _try(self, path: str, **body: Any) -> Answer:
        answer = self.caller.post(path, body)
        assert answer.status < 500, answer.text
        return answer

    def one(self, of: list[Any], pick: int) -> Any:
        return of[pick % len(of)] if of else None

    def do(self, kind: str, day: int, currency: str, cents: int, pick: int) -> None:
        date = str(FIRST + datetime.timedelta(days=day))
        amount = Decimal(cents) if currency == "JPY" else Decimal(cents) / 100
        if kind in ("exchange", "empty"):
            self._exchange(kind, date, amount)
        elif kind in ("invoice", "early"):
            line = {"description": "Work", "quantity": 1, "unit_price": amount, "tax_rate": Decimal("0.07")}
            made = self._try(
                "/v1/invoices", customer_id="cust_1", currency=currency, invoice_date=date,
                lines=[line, line | {"quantity": 3, "unit_price": amount}],
                **({"due_date": "2025-01-01"} if kind == "invoice" else {"payment_terms": "2_10_net_30"}),
            )  # fmt: skip
            sent = self._try(f"/v1/invoices/{made.body['id']}/send", deliver=False)
            assert sent.status == 200, sent.text
            self.invoices.append(sent.body)
            if kind == "early":
                least = sent.body["early_payment"]["amount"]
                self._try(
                    "/v1/payments", customer_id="cust_1", currency=currency, amount=least, method="cash", date=date,
                    invoice_id=sent.body["id"],
                )  # fmt: skip
        elif kind == "pay":
            made = self._try(
                "/v1/payments", customer_id="cust_1", currency=currency, amount=amount, method="cash", date=date
            )
            assert made.status == 201, made.text
            self.payments.append(made.body)
        elif kind == "revalue":
            assert self._try("/v1/fx-revaluations", as_of=date).status == 201
        elif (invoice := self.one(self.invoices, pick)) and kind in ("credit", "write_off", "undo"):
            self._correct(kind, invoice, amount)
        elif payment := self.one(self.payments, pick // 7):
            self._settle(kind, payment, invoice, amount)

    def _exchange(self, kind: str, date: str, amount: Decimal) -> None:
        """By hand: euros are bought for dollars, or all that there are sold, at the rate of the day."""
        left = amount if kind == "exchange" else -self.caller.get(f"/v1/accounts/acc_{BANK}").body["balance"]
        if not left:
            return
        sides = ("debit", "credit") if left > 0 else ("credit", "debit")
        euros = {"account_id": f"acc_{BANK}", sides[0]: abs(left)}
        dollars = {"account_id": "acc_1000", "currency": "EUR", sides[1]: abs(left)}
        assert self._try("/v1/journal-entries", date=date, lines=[euros, dollars]).status == 201

    def _correct(self, kind: str, invoice: Any, amount: Decimal) -> None:
        if kind == "credit":
            line = {"description": "Back", "quantity": 1, "unit_price": amount}
            self._try("/v1/credit-notes", invoice_id=invoice["id"], lines=[line])
        elif kind == "write_off":
            self._try(f"/v1/invoices/{invoice['id']}/write-off", kind="bad_debt", reason="x", amount=amount)
        else:
            for row in self.caller.get(f"/v1/invoices/{invoice['id']}").body["write_offs"]:
                self._try(f"/v1/invoices/{invoice['id']}/write-offs/{row['id']}/undo", reason="x")

    def _settle(self, kind: str, payment: Any, invoice: Any, amount: Decimal) -> None:
        path = f"/v1/payments/{payment['id']}"
        if kind in ("apply", "unapply") and invoice:
            self._try(f"{path}/{kind}", invoice_id=invoice["id"])
        elif kind == "refund":
            self._try(f"{path}/refund", amount=amount)
        elif kind == "void":
            self._try(f"{path}/void", reason="x")


def rate_of(currency: str, day: int) -> Decimal:
    """Any rate, the same one each time."""
    random.seed(f"{currency}{day}")
    low, high = {"EUR": (9000, 13000), "JPY": (55, 95)}[currency]
    return Decimal(random.randint(low, high)) / 10_000


# A receivable in yen is revalued, and then settled as of an earlier day.
SETTLED_BEFORE = [
    ("invoice", 0, "JPY", 1, 0), ("revalue", 32, "EUR", 1, 0), ("pay", 0, "JPY", 65_536, 0), ("apply", 0, "EUR", 1, 0),
]  # fmt: skip


@settings(max_examples=3)
@example(SETTLED_BEFORE)
@given(st.lists(operations, min_size=6, max_size=16))
def test_any_operations_in_any_currencies(acme: Caller, steps: list[tuple[str, int, str, int, int]]) -> None:
    with transaction.atomic():
        acme.post("/v1/chart-templates/us/apply")
        acme.post("/v1/customers", {"name": "Anybody", "number": "1"})
        bank = {"code": BANK, "name": "Euros", "type": "asset", "subtype": "current_asset", "currency": "EUR"}
        assert acme.post("/v1/accounts", bank).status == 201
        for currency, day in itertools.product(("EUR", "JPY"), range(0, DAYS, 5)):
            keep_rate(acme, currency, str(rate_of(currency, day)), FIRST + datetime.timedelta(days=day))
        for currency in ("EUR", "JPY"):  # of the day on which corrections are dated
            keep_rate(acme, currency, str(rate_of(currency, 99)))
        trader = Trader(acme)
        for step in steps:
            trader.do(*step)

        last = acme.tenant.today()
        acme.post("/v1/fx-revaluations", {"as_of": str(last)})
        for day in [*(FIRST + datetime.timedelta(days=day) for day in sorted({step[1] for step in steps})), last]:
            trial = acme.get(f"/v1/reports/trial_balance?as_of={day}").body["totals"]
            assert trial["debit"] == trial["credit"]
            sheet = acme.get(f"/v1/reports/balance_sheet?as_of={day}").body["totals"]
            assert sheet["assets"] == sheet["liabilities"] + sheet["equity"]
        with tenant_context(acme.tenant):
            for day in range(DAYS + 1):
                for code, _, net, base_net in fetch_all(HELD, [FIRST + datetime.timedelta(days=day)]):
                    # What was exchanged by hand is settled by the next revaluation.
                    assert net != 0 or base_net == 0 or code == BANK, (code, day)
            for code, currency, net, base_net in fetch_all(HELD, [last]):
                worth = (net * rate_of(currency, 99)).quantize(Decimal("0.01"), ROUND_HALF_UP)
                assert base_net == worth, code
            ((gains,),), ((unrealised,),) = fetch_all(GAINS), fetch_all(UNREALISED, [last])
            assert fetch_all(ON_PURPOSE, [last, "realised_fx"]) == [(-gains,)]
            assert fetch_all(ON_PURPOSE, [last, "unrealised_fx"]) == [(-unrealised,)]
            for name, sql in (*BOOKS.items(), *SALES.items()):
                if "events_" not in sql and "ledger_journalcounter" not in sql:
                    assert fetch_all(sql, {"tenant": acme.tenant.id}) == [], name
        transaction.set_rollback(True)
