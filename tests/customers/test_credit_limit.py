"""The credit limit: told when it is exceeded, and refused where the tenant says so."""

from __future__ import annotations

from decimal import Decimal

from tests.sales import Shop

PATH = "/v1/customers/cust_123456"


def test_exceeding_the_credit_limit_is_recorded_once_and_again_after_a_return(shop: Shop) -> None:
    """A limit of 1000.00: 900, 1100 (told), 1200, back to 700, 1000 (not over it), 1000.01 (told)."""
    shop.caller.patch(PATH, {"credit_limit": 1000})
    crossings = []
    for step in ("900", "200", "100", "-500", "300", "0.01"):
        if step.startswith("-"):
            shop.pay(step[1:])
        else:
            shop.sent(step)
        crossings.append((str(shop.balance()), shop.events().count("customer.credit_limit_exceeded")))

    assert crossings == [
        ("900.00", 0), ("1100.00", 1), ("1200.00", 1), ("700.00", 1), ("1000.00", 1), ("1000.01", 2),
    ]  # fmt: skip


def test_a_tenant_may_refuse_invoices_over_the_limit(shop: Shop) -> None:
    shop.caller.patch(PATH, {"credit_limit": 1000})
    shop.done(shop.caller.patch("/v1/sales-settings", {"refuse_over_credit_limit": True}))
    draft = shop.invoice("1000.01")
    refused = shop.caller.post(f"/v1/invoices/{draft['id']}/send")

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "credit_limit_exceeded")
    assert (shop.again(draft)["status"], shop.balance(), shop.books()) == ("draft", Decimal("0.00"), {})
