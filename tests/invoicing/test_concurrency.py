"""Many at once, each on a connection of its own: numbers have no gap, no money is given twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from customers.services.customers import create_customer
from invoicing.models import Invoice
from invoicing.services.catalogue import update_sales_settings
from invoicing.services.invoices import create_invoice, send_invoice
from invoicing.services.lookup import invoice_named
from ledger.models import Account, AccountPurpose
from ledger.services.accounts import ensure_purpose_account
from tests.conftest import Caller, make_tenant
from tests.sales import Shop, assert_customer_balances_hold

D = Decimal

CREATORS, EACH = 32, 50
pytestmark = pytest.mark.usefixtures("committed")


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Runs `work(n)` in `count` threads that start together; each closes its connections."""
    barrier = Barrier(count)

    def run(n: int) -> Any:
        try:
            barrier.wait(60)
            return work(n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def shop_of(name: str) -> Shop:
    shop = Shop(make_tenant(name))
    shop.customer(number="123456")
    return shop


def threaded(caller: Caller) -> Caller:
    return Caller(caller.tenant, caller.principal, caller.api_key, client=Client())


@pytest.mark.parametrize("number_drafts", [False, True])
def test_32_issuers_of_50_invoices_leave_no_gap_and_no_double(number_drafts: bool) -> None:
    """A third of them fails after it took its number; the number goes to the next."""
    caller = make_tenant("Numbered")
    with tenant_context(caller.tenant):
        create_customer(name="Buyer", number="123456", email="buyer@example.com", acting=caller.principal)
        update_sales_settings(changes={"number_drafts": number_drafts}, acting=caller.principal)
    line = {"description": "Work", "quantity": D(1), "unit_price": D("10.00")}

    class Burnt(Exception):
        pass

    def create(n: int) -> None:
        for turn in range(EACH + EACH // 2):
            try:
                with tenant_context(caller.tenant):
                    made = create_invoice(customer_id="cust_123456", lines=[line], acting=caller.principal)
                    if not number_drafts:
                        send_invoice(invoice=invoice_named(made.id), acting=caller.principal)
                    if turn % 3 == 2:
                        raise Burnt
            except Burnt:
                pass

    at_once(CREATORS, create)

    with tenant_context(caller.tenant) as tenant:
        year = tenant.today().year
        numbers = sorted(Invoice.objects.values_list("number", flat=True), key=lambda n: int(n.rsplit("-", 1)[1]))
    assert numbers == [f"INV-{year}-{n:03d}" for n in range(1, CREATORS * EACH + 1)]


def test_one_payment_applied_by_32_at_once_is_applied_once() -> None:
    shop = shop_of("Applied")
    invoices = [shop.sent("100.00") for _ in range(4)]
    payment = shop.pay("100.00")

    def apply(n: int) -> int:
        path = f"/v1/payments/{payment['id']}/apply"
        return threaded(shop.caller).post(path, {"invoice_id": invoices[n % 4]["id"], "amount": D("100.00")}).status

    statuses = at_once(32, apply)

    assert sorted(statuses) == [201, *[422] * 31]
    assert shop.read(f"/v1/payments/{payment['id']}")["amount_applied"] == D("100.00")
    assert sum(shop.again(invoice)["amount_paid"] for invoice in invoices) == D("100.00")
    assert shop.balance() == D("300.00")
    assert_customer_balances_hold(shop.caller)


def test_one_invoice_paid_by_32_payments_at_once_is_not_overpaid() -> None:
    shop = shop_of("Overpaid")
    invoice = shop.sent("100.00")
    payments = [shop.pay("10.00") for _ in range(32)]

    def apply(n: int) -> int:
        path = f"/v1/payments/{payments[n]['id']}/apply"
        return threaded(shop.caller).post(path, {"invoice_id": invoice["id"], "amount": D("10.00")}).status

    statuses = at_once(32, apply)

    assert sorted(statuses) == [*[201] * 10, *[422] * 22]
    assert (shop.again(invoice)["status"], shop.balance()) == ("paid", D("-220.00"))
    assert_customer_balances_hold(shop.caller)


def test_32_refunds_at_once_give_back_once() -> None:
    shop = shop_of("Refunded")
    invoice = shop.sent("100.00")
    payment = shop.pay("100.00", invoice_id=invoice["id"])

    def refund(n: int) -> int:
        body = {"amount": D("100.00")} if n % 2 else {}
        return threaded(shop.caller).post(f"/v1/payments/{payment['id']}/refund", body).status

    statuses = at_once(32, refund)

    assert sorted(statuses) == [200, *[422] * 31]
    assert shop.read(f"/v1/payments/{payment['id']}")["amount_refunded"] == D("100.00")
    assert shop.books() == {"Accounts Receivable": D("100.00"), "Sales Revenue": D("-100.00")}
    assert_customer_balances_hold(shop.caller)


def test_an_invoice_sent_by_16_at_once_is_posted_once() -> None:
    shop = shop_of("Sent")
    draft = shop.invoice("100.00")

    statuses = at_once(16, lambda n: threaded(shop.caller).post(f"/v1/invoices/{draft['id']}/send").status)

    assert statuses == [200] * 16
    assert shop.events().count("invoice.sent") == 1
    assert shop.books() == {"Accounts Receivable": D("100.00"), "Sales Revenue": D("-100.00")}
    assert shop.balance() == D("100.00")


def test_a_purpose_account_wanted_by_16_at_once_is_made_once() -> None:
    caller = make_tenant("Purposeful")

    def want(n: int) -> str:
        with tenant_context(caller.tenant):
            purpose = (AccountPurpose.CASH_RECEIPTS, AccountPurpose.ACCOUNTS_RECEIVABLE)[n % 2]
            return ensure_purpose_account(purpose, "USD", acting=caller.principal).public_id

    found = at_once(16, want)

    assert len(set(found)) == 2
    with tenant_context(caller.tenant):
        assert sorted(Account.objects.values_list("code", flat=True)) == ["1000", "1200"]


def test_two_first_changes_of_the_settings_both_hold() -> None:
    """No row is there to lock yet; the tenant has one object, under the id that it had before."""
    shop = shop_of("Settings")
    before = shop.read("/v1/sales-settings")
    changes = [{"tax_rounding": "line"}, {"refuse_over_credit_limit": True}]
    with ThreadPoolExecutor(1) as pool:
        with tenant_context(shop.caller.tenant):
            update_sales_settings(changes=changes[0], acting=shop.caller.principal)
            second = pool.submit(at_once, 1, lambda n: threaded(shop.caller).patch("/v1/sales-settings", changes[1]))
            while not (second.done() or fetch_all("SELECT FROM pg_locks WHERE NOT granted")):
                pass
        (answer,) = second.result(60)

    assert answer.body == before | changes[0] | changes[1]
    assert shop.events().count("sales_settings.updated") == 2
