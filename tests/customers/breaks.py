"""What breaks each rule of customers."""

from __future__ import annotations

import pytest

from bigledger.rules import Rule
from customers import rules
from tests.breaking import Ask, Prepare, asking
from tests.conftest import Caller
from tests.sales import Shop


def with_invoice(method: str, change: object = None) -> Prepare:
    def prepare(caller: Caller, patch: pytest.MonkeyPatch) -> Ask:
        shop = Shop(caller)
        shop.customer(number="123456")
        shop.invoice()
        return asking(caller, method, "/v1/customers/cust_123456", change)

    return prepare


def over_limit(caller: Caller, patch: pytest.MonkeyPatch) -> Ask:
    shop = Shop(caller)
    shop.customer(number="123456", credit_limit=1)
    shop.done(caller.patch("/v1/sales-settings", {"refuse_over_credit_limit": True}))
    return asking(caller, "POST", f"/v1/invoices/{shop.invoice('1.01')['id']}/send")


BREAKS: dict[Rule, Prepare] = {
    rules.CUSTOMER_IN_USE: with_invoice("DELETE"),
    rules.CURRENCY_FIXED: with_invoice("PATCH", {"currency": "EUR"}),
    rules.CREDIT_LIMIT_EXCEEDED: over_limit,
}
