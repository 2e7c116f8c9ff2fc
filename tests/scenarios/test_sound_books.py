"""After everything that can happen to an invoice the books are sound, as `manage.py check_books` sees it."""

from __future__ import annotations

import uuid
from decimal import Decimal

from invoicing.reports.soundness import find_faults as find_faults_in_sales
from ledger.reports.soundness import find_faults
from tests.conftest import make_tenant
from tests.sales import Shop, assert_customer_balances_hold

D = Decimal


def test_the_books_are_sound_after_void_credit_refund_and_write_off(committed: None) -> None:
    shop = Shop(make_tenant(f"Sound-{uuid.uuid4()}"))
    shop.customer(number="123456", currency="USD")
    voided, credited, refunded, lost, small = (shop.sent() for _ in range(5))

    shop.post(f"/v1/invoices/{voided['id']}/void", reason="Made out twice")
    shop.post("/v1/credit-notes", invoice_id=credited["id"])
    payment = shop.pay("1458.00", invoice_id=refunded["id"])
    shop.post(f"/v1/payments/{payment['id']}/refund", amount=D("458.00"), reason="Goodwill")
    shop.post(f"/v1/invoices/{lost['id']}/write-off", kind="bad_debt", reason="Insolvent")
    shop.pay("1457.50", invoice_id=small["id"])
    shop.post(f"/v1/invoices/{small['id']}/write-off", kind="small_difference", reason="Bank charges")

    assert [shop.again(invoice)["status"] for invoice in (voided, credited, refunded, lost, small)] == [
        "void", "paid", "sent", "written_off", "paid",
    ]  # fmt: skip
    assert shop.balance() == D("458.00")
    assert [*find_faults(shop.caller.tenant.id), *find_faults_in_sales(shop.caller.tenant.id)] == []
    assert_customer_balances_hold(shop.caller)
