"""Every correction is dated by one rule: not before what it corrects; by default on the later of today and that day, or
the first open day after it. A correction that is new joins `CORRECTIONS`, or the first test fails."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from ledger.rules import DATE_BEFORE_SOURCE
from tests.breaking import contents
from tests.sales import Shop
from tests.world import OPERATIONS

D = Decimal
At = Callable[[str], None]
# What is corrected is dated 15 April, whether today is before or after.
SOURCE = "2024-04-15"
Prepare = Callable[[Shop], tuple[str, dict[str, Any]]]


def invoice(shop: Shop) -> Any:
    return shop.sent("100.00", invoice_date=SOURCE)


def payment(shop: Shop, **fields: Any) -> Any:
    return shop.pay("100.00", date=SOURCE, **fields)


def credit_note(shop: Shop) -> Any:
    line = {"description": "Work", "quantity": 1, "unit_price": D("100.00")}
    return shop.post("/v1/credit-notes", customer_id="cust_123456", lines=[line], date=SOURCE)


def reversal(shop: Shop) -> tuple[str, dict[str, Any]]:
    for code, type_, subtype in (("1001", "asset", "current_asset"), ("6100", "expense", "operating_expense")):
        shop.post("/v1/accounts", code=code, name=code, type=type_, subtype=subtype)
    lines = [{"account_id": "acc_6100", "debit": 5}, {"account_id": "acc_1001", "credit": 5}]
    return f"journal-entries/{shop.post('/v1/journal-entries', date=SOURCE, lines=lines)['id']}/reverse", {
        "reason": "x"
    }


def applied(kind: str) -> Prepare:
    def prepare(shop: Shop) -> tuple[str, dict[str, Any]]:
        owed = invoice(shop)
        made = payment(shop) if kind == "payments" else credit_note(shop)
        return f"{kind}/{made['id']}/apply", {"invoice_id": owed["id"]}

    return prepare


def taken_off(kind: str) -> Prepare:
    def prepare(shop: Shop) -> tuple[str, dict[str, Any]]:
        path, body = applied(kind)(shop)
        shop.post(f"/v1/{path}", **body)
        return path.replace("apply", "unapply"), body

    return prepare


def undo(shop: Shop) -> tuple[str, dict[str, Any]]:
    path = f"invoices/{invoice(shop)['id']}"
    lost = shop.post(f"/v1/{path}/write-off", kind="bad_debt", reason="x", date=SOURCE)
    return f"{path}/write-offs/{lost['write_offs'][0]['id']}/undo", {}


CORRECTIONS: dict[str, Prepare] = {
    "journal-entries/{pk}/reverse": reversal,
    "invoices/{pk}/void": lambda shop: (f"invoices/{invoice(shop)['id']}/void", {"reason": "x"}),
    "invoices/{pk}/write-off": lambda shop: (
        f"invoices/{invoice(shop)['id']}/write-off",
        {"kind": "bad_debt", "reason": "x"},
    ),
    "invoices/{pk}/write-offs/{write_off}/undo": undo,
    "credit-notes": lambda shop: ("credit-notes", {"invoice_id": invoice(shop)["id"]}),
    "credit-notes/{pk}/apply": applied("credit-notes"),
    "credit-notes/{pk}/unapply": taken_off("credit-notes"),
    "credit-notes/{pk}/refund": lambda shop: (f"credit-notes/{credit_note(shop)['id']}/refund", {}),
    "credit-notes/{pk}/void": lambda shop: (f"credit-notes/{credit_note(shop)['id']}/void", {"reason": "x"}),
    "payments/{pk}/apply": applied("payments"),
    "payments/{pk}/unapply": taken_off("payments"),
    "payments/{pk}/refund": lambda shop: (f"payments/{payment(shop)['id']}/refund", {}),
    "payments/{pk}/void": lambda shop: (f"payments/{payment(shop)['id']}/void", {"reason": "x"}),
}
# The source of these is the last entry that a schedule has posted: test_schedules.py tries them.
OF_SCHEDULES = {"schedules/{pk}/stop", "schedules/{pk}/void"}
# What is joined counts from the later of its days, whenever it is entered.
WHENEVER = ("payments/{pk}/apply", "credit-notes/{pk}/apply")


def test_every_correction_takes_a_date_and_is_tried_here() -> None:
    posts = [op for op in OPERATIONS if op.method == "POST" and op.description and op.description.takes]
    dated = {op.route for op in posts if DATE_BEFORE_SOURCE in op.description.rules} - {"invoices/bulk"}
    assert dated == set(CORRECTIONS) | OF_SCHEDULES
    for op in posts:
        assert op.description
        takes = op.description.takes
        if op.route in dated:
            assert takes and "date" in takes().fields, op
        elif "{pk}" in op.route and takes and "date" in takes().fields:
            raise AssertionError(f"{op} takes a date and is no correction")


def last_entry(shop: Shop) -> str:
    """The day of the entry that was posted last."""
    with tenant_context(shop.caller.tenant):
        rows = fetch_all(
            "SELECT date FROM ledger_journalentry WHERE tenant_id = app_tenant()"
            " ORDER BY posted_at DESC, id DESC LIMIT 1"
        )
    return str(rows[0][0])


@pytest.mark.parametrize("route", CORRECTIONS)
def test_no_correction_is_before_what_it_corrects(shop: Shop, at: At, route: str) -> None:
    at("2024-05-01T12:00:00+00:00")
    path, body = CORRECTIONS[route](shop)
    before = contents(shop.caller)

    early = shop.caller.post(f"/v1/{path}", {**body, "date": "2024-04-14"})
    assert (early.status, early.error["details"][0]["rule"], early.fields) == (422, "date_before_source", ["date"])
    assert contents(shop.caller) == before
    shop.post(f"/v1/{path}", **body, date=SOURCE)
    assert last_entry(shop) == SOURCE


@pytest.mark.parametrize("route", CORRECTIONS)
@pytest.mark.parametrize(("today", "expected"), [("2024-03-10", SOURCE), ("2024-05-01", "2024-05-01")])
def test_without_a_date_it_is_the_later_of_today_and_the_source(
    shop: Shop, at: At, route: str, today: str, expected: str
) -> None:
    at(f"{today}T12:00:00+00:00")
    path, body = CORRECTIONS[route](shop)

    shop.post(f"/v1/{path}", **body)

    assert last_entry(shop) == (SOURCE if route in WHENEVER else expected)


@pytest.mark.parametrize("route", CORRECTIONS)
def test_in_closed_books_it_is_the_first_open_day(shop: Shop, at: At, route: str) -> None:
    at("2024-05-01T12:00:00+00:00")
    path, body = CORRECTIONS[route](shop)
    at("2024-06-05T12:00:00+00:00")
    shop.post("/v1/periods/per_2024-05/close")
    at("2024-05-20T12:00:00+00:00")
    before = contents(shop.caller)

    closed = shop.caller.post(f"/v1/{path}", {**body, "date": "2024-05-31"})
    assert (closed.status, closed.error["details"][0]["rule"]) == (422, "period_closed")
    assert contents(shop.caller) == before
    shop.post(f"/v1/{path}", **body)
    assert last_entry(shop) == "2024-06-01"
