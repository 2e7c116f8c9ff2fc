"""Shorthands for the sales side: a shop whose every step must succeed, and a clock that can be set."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant
from tests.conftest import Answer, Caller, number_events
from tests.rates import keep_rate

LINE = {
    "description": "Consulting Services",
    "quantity": 10,
    "unit_price": Decimal("150.00"),
    "tax_rate": Decimal("0.08"),
    "discount_percentage": 10,
}
NUMBERS = {"4242": "4242 4242 4242 4242", "0002": "4000 0000 0000 0002", "9995": "4000 0000 0000 9995"}


def card(last4: str) -> dict[str, Any]:
    return {"number": NUMBERS[last4], "exp_month": 12, "exp_year": 2199, "cvc": "123"}


@dataclass
class Shop:
    """What a bookkeeper does, in a line each."""

    caller: Caller

    def done(self, answer: Answer) -> Any:
        assert answer.status in (200, 201), answer.text
        return answer.body

    def customer(self, **fields: Any) -> Any:
        """One who trades in another currency than dollars finds a rate of 2.5 for what is dated today."""
        currency = fields.get("currency", "USD")
        if currency != "USD" and not self.read(f"/v1/exchange-rates?currency={currency}")["meta"]["total"]:
            keep_rate(self.caller, currency, "2.5")
        return self.done(self.caller.post("/v1/customers", {"name": "Buyer", "email": "buyer@example.com", **fields}))

    def invoice(self, total: str | None = None, *, customer: str = "cust_123456", **fields: Any) -> Any:
        """A draft over 1458.00 (108.00 of it tax), or over `total` without tax."""
        line = LINE if total is None else {"description": "Work", "quantity": 1, "unit_price": Decimal(total)}
        body = {"customer_id": customer, "lines": [line], **fields}
        return self.done(self.caller.post("/v1/invoices", body))

    def sent(self, total: str | None = None, **fields: Any) -> Any:
        return self.send(self.invoice(total, **fields))

    def send(self, invoice: Any, **fields: Any) -> Any:
        return self.done(self.caller.post(f"/v1/invoices/{invoice['id']}/send", fields or None))

    def pay(self, amount: str, *, customer: str = "cust_123456", **fields: Any) -> Any:
        body = {
            "customer_id": customer,
            "amount": Decimal(amount),
            "method": "bank_transfer",
            "send_receipt": False,
            **fields,
        }
        return self.done(self.caller.post("/v1/payments", body))

    def numbers_drafts(self) -> Shop:
        """The shop, in which an invoice has its number before it is sent."""
        self.done(self.caller.patch("/v1/sales-settings", {"number_drafts": True}))
        return self

    def post(self, path: str, **body: Any) -> Any:
        return self.done(self.caller.post(path, body))

    def read(self, path: str) -> Any:
        return self.done(self.caller.get(path))

    def again(self, thing: Any) -> Any:
        """The invoice as it stands now."""
        return self.read(f"/v1/invoices/{thing['id']}")

    def balance(self, customer: str = "cust_123456") -> Decimal:
        found: Decimal = self.read(f"/v1/customers/{customer}")["balance"]
        return found

    def books(self) -> dict[str, Decimal]:
        """The trial balance: debit less credit by account name; it always balances."""
        report = self.read("/v1/reports/trial_balance?as_of=2199-12-31")
        assert report["totals"]["debit"] == report["totals"]["credit"]
        return {row["account"]["name"]: row["debit"] - row["credit"] for row in report["rows"]}

    def events(self) -> list[str]:
        """The types of the tenant's events of sales, in order."""
        number_events(self.caller)
        with tenant_context(self.caller.tenant):
            rows = fetch_all("SELECT type FROM events_event WHERE tenant_id = app_tenant() ORDER BY seq")
        return [row[0] for row in rows if not row[0].startswith(("account.", "journal_entry."))]

    def payloads(self, event_type: str) -> list[str]:
        number_events(self.caller)
        with tenant_context(self.caller.tenant):
            rows = fetch_all(
                "SELECT data FROM events_event WHERE tenant_id = app_tenant() AND type = %s ORDER BY seq", [event_type]
            )
        return [row[0] for row in rows]


def one_of_each(caller: Caller) -> dict[str, str]:
    """An object of each kind of the sales side, all of them called "secret"; the ids by resource."""
    shop = Shop(caller)
    customer = shop.customer(number="secret")
    sale: dict[str, Any] = {"customer_id": customer["id"], "lines": [LINE]}
    invoice = shop.post("/v1/invoices", **sale)
    payment = shop.pay("1.00", customer=customer["id"])
    settings = {"tax_rounding": "line", "deposit_accounts": {"card": payment["deposit_account_id"]}}
    shop.done(caller.patch("/v1/sales-settings", settings))
    lost = shop.send(shop.post("/v1/invoices", **sale))
    lost = shop.post(f"/v1/invoices/{lost['id']}/write-off", kind="bad_debt", amount=1, reason="secret")
    return {
        "customers": customer["id"],
        "products": shop.post("/v1/products", sku="secret", name="Secret", unit_price=1)["id"],
        "tax_rates": shop.post("/v1/tax-rates", code="secret", name="Secret", rate=0)["id"],
        "invoices": shop.send(invoice)["id"],
        "credit_notes": shop.post("/v1/credit-notes", **sale)["id"],
        "recurring_invoices": shop.post("/v1/recurring-invoices", frequency="monthly", **sale)["id"],
        "payments": payment["id"],
        "write_offs": lost["write_offs"][0]["id"],
    }


def assert_customer_balances_hold(caller: Caller) -> None:
    """Of every customer: the balance is open invoices less unapplied credit; all together are the receivable,
    less the customers' deposits."""
    with tenant_context(caller.tenant):
        rows = fetch_all("""
            SELECT c.balance,
                COALESCE((SELECT sum(amount_due) FROM invoicing_invoice i WHERE i.tenant_id = c.tenant_id
                          AND i.customer_id = c.id AND i.status IN ('sent', 'overdue')), 0)
                - COALESCE((SELECT sum(amount - amount_applied - amount_refunded) FROM invoicing_payment p
                            WHERE p.tenant_id = c.tenant_id AND p.customer_id = c.id
                              AND p.status NOT IN ('failed', 'void')), 0)
                - COALESCE((SELECT sum(total - amount_applied - amount_refunded) FROM invoicing_creditnote n
                            WHERE n.tenant_id = c.tenant_id AND n.customer_id = c.id AND n.voided_on IS NULL), 0)
            FROM customers_customer c WHERE c.tenant_id = app_tenant()""")
        receivable = fetch_all("""
            SELECT COALESCE(sum(ledger_balance(id)), 0) FROM ledger_account a
            WHERE a.tenant_id = app_tenant() AND a.control_since IS NOT NULL""")[0][0]
    assert [row for row in rows if row[0] != row[1]] == []
    assert sum((row[0] for row in rows), Decimal(0)) == receivable


@pytest.fixture
def shop(acme: Caller) -> Shop:
    """Acme's books with customer 123456, as the reference has it."""
    shop = Shop(acme)
    shop.customer(number="123456", name="Acme Corporation", email="accounts@acme.com", currency="USD")
    return shop


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets every tenant's clock: `at("2024-03-10T05:30:00Z")`."""

    def move(moment: str) -> None:
        now = datetime.datetime.fromisoformat(moment)
        monkeypatch.setattr(Tenant, "now", lambda self: now)

    return move
