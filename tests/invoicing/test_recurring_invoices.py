"""Recurring invoices: the calendar, pausing, and a job that issues each date once."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connections

from invoicing.tasks import issue_recurring_invoices
from ledger.services.recurring.calendar import date_of
from tests.conftest import make_tenant
from tests.invoicing.test_concurrency import at_once
from tests.sales import Shop

LINE = {"description": "Rent", "quantity": 1, "unit_price": Decimal("100.00"), "tax_rate": Decimal("0.19")}


@pytest.fixture
def landlord(committed: None, at: Callable[[str], None], request: pytest.FixtureRequest) -> Shop:
    at("2024-01-31T12:00:00+00:00")
    shop = Shop(make_tenant(f"Landlord{abs(hash(request.node.name))}"))
    shop.customer(number="123456")
    return shop


def issued(shop: Shop) -> list[tuple[str, str]]:
    rows = shop.read("/v1/invoices?sort=invoice_date:asc")["data"]
    return [(row["invoice_date"], row["status"]) for row in rows]


@pytest.mark.parametrize(
    ("frequency", "dates"),
    [
        ("weekly", ["2024-01-31", "2024-02-07", "2024-02-14"]),
        ("monthly", ["2024-01-31", "2024-02-29", "2024-03-31"]),
        ("quarterly", ["2024-01-31", "2024-04-30", "2024-07-31"]),
        ("yearly", ["2024-01-31", "2025-01-31", "2026-01-31"]),
    ],
)
def test_a_31st_falls_on_the_last_day_of_shorter_months(frequency: str, dates: list[str]) -> None:
    start = datetime.date(2024, 1, 31)
    assert [str(date_of(start, frequency, n)) for n in range(3)] == dates


def test_missed_dates_are_made_up_for_and_each_is_issued_once(landlord: Shop, at: Callable[[str], None]) -> None:
    made = landlord.post("/v1/recurring-invoices", customer_id="cust_123456", frequency="monthly", lines=[LINE])
    assert (made["next_date"], made["lines"][0]["tax_rate"]) == ("2024-01-31", Decimal("0.19"))
    issue_recurring_invoices()
    at("2024-04-01T12:00:00+00:00")
    issue_recurring_invoices()
    issue_recurring_invoices()

    assert issued(landlord) == [("2024-01-31", "sent"), ("2024-02-29", "sent"), ("2024-03-31", "sent")]
    assert landlord.balance() == Decimal("357.00")
    now = landlord.read(f"/v1/recurring-invoices/{made['id']}")
    assert (now["next_date"], now["occurrences"]) == ("2024-04-30", 3)


def test_eight_workers_at_once_issue_each_date_once(landlord: Shop) -> None:
    for _ in range(5):
        landlord.post("/v1/recurring-invoices", customer_id="cust_123456", frequency="monthly", lines=[LINE])

    at_once(8, lambda n: issue_recurring_invoices())

    assert issued(landlord) == [("2024-01-31", "sent")] * 5


def test_a_pause_leaves_its_dates_out_and_the_end_is_the_end(landlord: Shop, at: Callable[[str], None]) -> None:
    made = landlord.post(
        "/v1/recurring-invoices",
        customer_id="cust_123456",
        frequency="monthly",
        lines=[LINE],
        end_date="2024-06-15",
        send_automatically=False,
    )
    path = f"/v1/recurring-invoices/{made['id']}"
    issue_recurring_invoices()
    assert landlord.post(f"{path}/pause")["status"] == "paused"
    assert landlord.caller.post(f"{path}/pause").error["details"][0]["rule"] == "recurring_invoice_not_active"
    at("2024-04-15T12:00:00+00:00")
    issue_recurring_invoices()
    resumed = landlord.post(f"{path}/resume")
    assert (resumed["status"], resumed["next_date"]) == ("active", "2024-04-30")
    at("2024-12-31T12:00:00+00:00")
    issue_recurring_invoices()

    assert issued(landlord) == [("2024-01-31", "draft"), ("2024-04-30", "draft"), ("2024-05-31", "draft")]
    ended = landlord.read(path)
    assert (ended["status"], ended["next_date"]) == ("ended", None)
    assert landlord.caller.delete(path).status == 422


def test_a_template_that_can_no_longer_be_invoiced_is_paused_with_the_reason(landlord: Shop) -> None:
    made = landlord.post("/v1/recurring-invoices", customer_id="cust_123456", frequency="monthly", lines=[LINE])
    landlord.caller.patch("/v1/customers/cust_123456", {"status": "blocked"})
    issue_recurring_invoices()

    paused = landlord.read(f"/v1/recurring-invoices/{made['id']}")
    assert (paused["status"], paused["pause_reason"], issued(landlord)) == (
        "paused", "Buyer is blocked and gets no new invoices.", [],
    )  # fmt: skip
    assert landlord.events()[-1] == "recurring_invoice.paused"
    connections.close_all()


def test_a_pause_by_the_system_loses_no_date(landlord: Shop, at: Callable[[str], None]) -> None:
    """Rent of January to March, while the tenant was blocked from January to March."""
    made = landlord.post("/v1/recurring-invoices", customer_id="cust_123456", frequency="monthly", lines=[LINE])
    path = f"/v1/recurring-invoices/{made['id']}"
    landlord.caller.patch("/v1/customers/cust_123456", {"status": "blocked"})
    issue_recurring_invoices()
    at("2024-04-01T12:00:00+00:00")
    landlord.caller.patch("/v1/customers/cust_123456", {"status": "active"})

    resumed = landlord.post(f"{path}/resume")

    assert (resumed["status"], resumed["next_date"], resumed["pause_reason"]) == ("active", "2024-01-31", None)
    issue_recurring_invoices()
    assert issued(landlord) == [("2024-01-31", "sent"), ("2024-02-29", "sent"), ("2024-03-31", "sent")]
    connections.close_all()


def test_an_ended_template_goes_on_when_its_end_moves(landlord: Shop, at: Callable[[str], None]) -> None:
    made = landlord.post(
        "/v1/recurring-invoices", customer_id="cust_123456", frequency="monthly", lines=[LINE], end_date="2024-02-15"
    )
    path = f"/v1/recurring-invoices/{made['id']}"
    issue_recurring_invoices()
    assert landlord.read(path)["status"] == "ended"
    at("2024-04-15T12:00:00+00:00")

    still = landlord.done(landlord.caller.patch(path, {"end_date": "2024-02-20"}))
    assert (still["status"], still["next_date"]) == ("ended", None)
    reopened = landlord.done(landlord.caller.patch(path, {"end_date": None}))

    assert (reopened["status"], reopened["next_date"]) == ("active", "2024-04-30")
    connections.close_all()


@pytest.mark.parametrize(
    ("frequency", "start", "accepted"),
    [
        ("weekly", "1900-01-01", False),
        ("monthly", "2019-01-31", False),  # 61 dates up to and with 2024-01-31
        ("monthly", "2019-02-28", True),  # 60
        ("yearly", "2000-01-01", True),
    ],
)
def test_a_calendar_owes_at_most_sixty_invoices(landlord: Shop, frequency: str, start: str, accepted: bool) -> None:
    body = {"customer_id": "cust_123456", "frequency": frequency, "lines": [LINE], "start_date": start}

    answer = landlord.caller.post("/v1/recurring-invoices", body)

    assert answer.status == (201 if accepted else 400), answer.text
    if not accepted:
        assert answer.fields == ["start_date"]
        assert landlord.read("/v1/recurring-invoices")["meta"]["total"] == 0
    connections.close_all()
