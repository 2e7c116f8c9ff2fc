"""Due dates: given or by the terms; overdue again when the date comes back; told once for each date."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bigledger.tenants.context import tenant_context
from invoicing.services.overdue import raise_overdue_invoices
from tests.sales import Shop

At = Callable[[str], None]


def told(shop: Shop) -> int:
    return shop.events().count("invoice.overdue")


def test_a_due_date_that_was_given_stays(shop: Shop, at: At) -> None:
    at("2026-01-15T12:00:00Z")
    draft = shop.invoice("1.00", invoice_date="2026-01-15", due_date="2026-03-31")
    path = f"/v1/invoices/{draft['id']}"

    for change in ({"invoice_date": "2026-01-16"}, {"payment_terms": "net_10"}):
        assert shop.done(shop.caller.patch(path, change))["due_date"] == "2026-03-31"
    by_terms = shop.done(shop.caller.patch(path, {"due_date": None}))
    assert by_terms["due_date"] == "2026-01-26"  # ten days from 16 January
    assert shop.done(shop.caller.patch(path, {"invoice_date": "2026-01-20"}))["due_date"] == "2026-01-30"


def test_a_due_date_that_was_given_holds_even_where_the_terms_give_the_same(shop: Shop, at: At) -> None:
    at("2026-01-15T12:00:00Z")
    draft = shop.invoice("1.00", invoice_date="2026-01-15", payment_terms="net_10")
    path = f"/v1/invoices/{draft['id']}"
    shop.done(shop.caller.patch(path, {"due_date": "2026-01-25"}))

    assert shop.done(shop.caller.patch(path, {"invoice_date": "2026-01-16"}))["due_date"] == "2026-01-25"


def test_a_due_date_before_a_moved_invoice_date_is_refused(shop: Shop) -> None:
    draft = shop.invoice("1.00", invoice_date="2026-01-15", due_date="2026-01-20")

    answer = shop.caller.patch(f"/v1/invoices/{draft['id']}", {"invoice_date": "2026-01-21"})

    assert (answer.status, answer.fields) == (400, ["due_date"])
    assert shop.again(draft) == draft


@pytest.mark.parametrize("job_runs_between", [True, False])
def test_a_due_date_moved_away_and_back_is_overdue_again(shop: Shop, at: At, job_runs_between: bool) -> None:
    at("2026-11-25T12:00:00Z")
    invoice = shop.sent("100.00", invoice_date="2026-10-01", due_date="2026-11-01")
    path = f"/v1/invoices/{invoice['id']}"
    with tenant_context(shop.caller.tenant):
        assert raise_overdue_invoices() == 1
    assert (shop.again(invoice)["status"], told(shop)) == ("overdue", 1)

    assert shop.done(shop.caller.patch(path, {"due_date": "2026-12-31"}))["status"] == "sent"
    if job_runs_between:
        with tenant_context(shop.caller.tenant):
            assert raise_overdue_invoices() == 0
    back = shop.done(shop.caller.patch(path, {"due_date": "2026-11-01"}))

    assert back["status"] == "overdue"
    assert [row["id"] for row in shop.read("/v1/invoices?status=overdue")["data"]] == [invoice["id"]]
    assert told(shop) == 1, "it was told for this date before"
    shop.done(shop.caller.patch(path, {"due_date": "2026-11-02"}))
    assert told(shop) == 2, "another date is told"
    shop.done(shop.caller.patch(path, {"due_date": "2026-11-01"}))
    with tenant_context(shop.caller.tenant):
        assert raise_overdue_invoices() == 0
    assert told(shop) == 2


def test_an_invoice_that_is_open_again_is_as_overdue_as_its_date_says(shop: Shop, at: At) -> None:
    """Paid in time, refunded after the due date: overdue at once, and told."""
    at("2026-11-01T12:00:00Z")
    invoice = shop.sent("100.00", invoice_date="2026-10-01", due_date="2026-11-10")
    payment = shop.pay("100.00", invoice_id=invoice["id"])
    at("2026-11-25T12:00:00Z")

    shop.post(f"/v1/payments/{payment['id']}/refund")

    assert shop.again(invoice)["status"] == "overdue"
    assert told(shop) == 1
