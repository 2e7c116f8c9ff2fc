"""Overdue in New York, across the night of 10 March 2024 in which clocks went from 02:00 to 03:00.

Due on 9 March means overdue from 10 March 00:00 in New York, which is 05:00 UTC. The job runs many times; each
invoice is told of once for each due date.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bigledger.tenants.context import tenant_context
from invoicing.tasks import raise_overdue_invoices
from tests.conftest import make_tenant
from tests.sales import Shop

pytestmark = pytest.mark.usefixtures("committed")


def told(shop: Shop) -> int:
    return shop.events().count("invoice.overdue")


def test_overdue_across_a_daylight_saving_change_is_raised_once(at: Callable[[str], None]) -> None:
    at("2024-02-08T12:00:00+00:00")
    shop = Shop(make_tenant("Overdue", time_zone="America/New_York"))
    shop.customer(number="123456", payment_terms="net_30")
    invoice = shop.sent("100.00")
    later = shop.sent("50.00", due_date="2024-03-10")
    assert invoice["due_date"] == "2024-03-09"

    at("2024-03-10T04:30:00+00:00")  # 9 March 23:30 in New York, already the 10th in UTC
    raise_overdue_invoices()
    assert (told(shop), shop.again(invoice)["status"]) == (0, "sent")

    at("2024-03-10T05:30:00+00:00")  # 10 March 00:30, before the change
    raise_overdue_invoices()
    raise_overdue_invoices()
    assert (told(shop), shop.again(invoice)["status"]) == (1, "overdue")

    at("2024-03-10T07:30:00+00:00")  # 10 March 03:30, after the change
    raise_overdue_invoices()
    at("2024-03-11T03:30:00+00:00")  # 10 March 23:30
    raise_overdue_invoices()
    assert (told(shop), shop.again(later)["status"]) == (1, "sent")

    at("2024-03-11T04:30:00+00:00")  # 11 March 00:30; by the clock of the winter it would still be the 10th
    raise_overdue_invoices()
    raise_overdue_invoices()
    assert (told(shop), shop.again(later)["status"]) == (2, "overdue")


def test_a_new_due_date_is_recorded_again_once_it_has_passed(at: Callable[[str], None]) -> None:
    at("2024-01-01T12:00:00+00:00")
    shop = Shop(make_tenant("Postponed"))
    shop.customer(number="123456")
    invoice = shop.sent("100.00", due_date="2024-01-10")
    at("2024-01-11T00:00:00+00:00")
    raise_overdue_invoices()

    moved = shop.done(shop.caller.patch(f"/v1/invoices/{invoice['id']}", {"due_date": "2024-01-20"}))
    assert moved["status"] == "sent"
    raise_overdue_invoices()
    assert told(shop) == 1

    at("2024-01-21T00:00:00+00:00")
    raise_overdue_invoices()
    raise_overdue_invoices()
    assert told(shop) == 2


def test_paid_void_and_draft_invoices_are_never_overdue(at: Callable[[str], None]) -> None:
    at("2024-01-01T12:00:00+00:00")
    shop = Shop(make_tenant("Settled"))
    shop.customer(number="123456")
    shop.invoice("10.00", due_date="2024-01-05")
    paid, void = (shop.sent("10.00", due_date="2024-01-05") for _ in range(2))
    shop.pay("10.00", invoice_id=paid["id"])
    shop.post(f"/v1/invoices/{void['id']}/void", reason="Twice")

    at("2024-02-01T12:00:00+00:00")
    raise_overdue_invoices()

    assert told(shop) == 0
    with tenant_context(shop.caller.tenant):
        assert {row["status"] for row in shop.read("/v1/invoices")["data"]} == {"draft", "paid", "void"}
