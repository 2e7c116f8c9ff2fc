"""Accrued wages across a year end, with a reversing entry.

The firm pays 3,000 of wages every second Friday: on 3 January 2025 for the ten working days from 23 December to
3 January. Seven of them are in 2024 (23, 24, 25, 26, 27, 30 and 31 December), so 7/10 x 3,000 = 2,100 are an expense of
2024 and a liability on 31 December. The accrual is reversed on 1 January, so that the payment can be posted as always:
wages of 2025 are -2,100 + 3,000 = 900, which are the three days of January.

    2024                       2025 until 31 January
    revenue        10,000      revenue         2,000
    wages           8,100      wages             900
    net income      1,900      net income      1,100

Cash: 10,000 - 6,000 on 31 December; + 2,000 - 3,000 on 31 January.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from bigledger.tenants.context import tenant_context
from ledger.services.reversing import reverse_next_entry
from tests.breaking import contents
from tests.conftest import Caller, number_events

CHART = (
    ("1000", "Cash", "asset", "current_asset"),
    ("2100", "Wages Payable", "liability", "current_liability"),
    ("4000", "Fees", "revenue", "operating_revenue"),
    ("5000", "Wages", "expense", "operating_expense"),
)


def entry(date: str, debited: str, credited: str, amount: str, **fields: Any) -> dict[str, Any]:
    lines = [
        {"account_id": f"acc_{debited}", "debit": Decimal(amount)},
        {"account_id": f"acc_{credited}", "credit": Decimal(amount)},
    ]
    return {"date": date, "lines": lines, **fields}


ACCRUAL = entry(
    "2024-12-31", "5000", "2100", "2100.00", description="Wages of 23 to 31 December", reverse_on="2025-01-01"
)


@pytest.fixture
def firm(acme: Caller, at: Callable[[str], None]) -> Caller:
    """On 31 December 2024, before the accrual."""
    at("2024-12-31T17:00:00+00:00")
    for code, name, type_, subtype in CHART:
        assert acme.post("/v1/accounts", {"code": code, "name": name, "type": type_, "subtype": subtype}).status == 201
    for one in (entry("2024-12-16", "1000", "4000", "10000.00"), entry("2024-12-20", "5000", "1000", "6000.00")):
        assert acme.post("/v1/journal-entries", one).status == 201
    return acme


def run_clock(caller: Caller) -> int:
    """What the job does with this tenant; how many entries it looked at."""
    count, failed = 0, set[Any]()
    with tenant_context(caller.tenant):
        while reverse_next_entry(failed):
            count += 1
    return count


def totals(caller: Caller, report: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = caller.get(f"/v1/reports/{report}").body["totals"]
    return found


def test_the_year_has_its_wages_and_the_next_one_only_its_own(firm: Caller, at: Callable[[str], None]) -> None:
    accrued = firm.post("/v1/journal-entries", ACCRUAL)
    assert (accrued.status, accrued.body["reverse_on"], accrued.body["reversed_by"]) == (201, "2025-01-01", None)
    assert run_clock(firm) == 0, "not before its day"
    at("2025-01-01T00:30:00+00:00")
    assert run_clock(firm) == 1
    assert run_clock(firm) == 0, "and once"
    at("2025-01-31T17:00:00+00:00")
    for one in (entry("2025-01-03", "5000", "1000", "3000.00"), entry("2025-01-31", "1000", "4000", "2000.00")):
        assert firm.post("/v1/journal-entries", one).status == 201

    mirror = firm.get(
        f"/v1/journal-entries/{firm.get('/v1/journal-entries/' + accrued.body['id']).body['reversed_by']}"
    ).body
    assert (mirror["date"], mirror["reversal_of"], mirror["reversal_reason"]) == (
        "2025-01-01", accrued.body["id"], "Reversing entry",
    )  # fmt: skip
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in mirror["lines"]] == [
        ("5000", 0, Decimal("2100.00")), ("2100", Decimal("2100.00"), 0),
    ]  # fmt: skip
    assert mirror["created_by"] == accrued.body["created_by"]
    number_events(firm)
    posted = firm.get(f"/v1/journal-entries/{mirror['id']}/events").body["data"][0]
    assert posted["actor"] == "system:reversing_entries"

    income = totals(firm, "income_statement?from=2024-01-01&to=2024-12-31")
    assert (income["revenue"], income["operating_expenses"], income["net_income"]) == (10000, 8100, 1900)
    sheet = firm.get("/v1/reports/balance_sheet?as_of=2024-12-31").body
    assert {row["label"]: row["amount"] for row in sheet["rows"]} == {
        "Cash": 4000, "Wages Payable": 2100, "Net income 2024 (to date)": 1900,
    }  # fmt: skip
    assert sheet["totals"] == {"assets": 4000, "liabilities": 2100, "equity": 1900}

    income = totals(firm, "income_statement?from=2025-01-01&to=2025-01-31")
    assert (income["revenue"], income["operating_expenses"], income["net_income"]) == (2000, 900, 1100)
    assert totals(firm, "balance_sheet?as_of=2025-01-31") == {"assets": 3000, "liabilities": 0, "equity": 3000}


def test_a_past_day_is_reversed_at_once(firm: Caller, at: Callable[[str], None]) -> None:
    at("2025-01-10T12:00:00+00:00")

    accrued = firm.post("/v1/journal-entries", ACCRUAL).body

    mirror = firm.get(f"/v1/journal-entries/{accrued['reversed_by']}").body
    assert (mirror["date"], mirror["reversal_of"]) == ("2025-01-01", accrued["id"])
    assert firm.get(f"/v1/journal-entries/{accrued['id']}").body == accrued
    assert run_clock(firm) == 0


def test_a_dry_run_shows_the_mirror_and_keeps_nothing(firm: Caller, at: Callable[[str], None]) -> None:
    at("2025-01-10T12:00:00+00:00")
    before = contents(firm)

    shown = firm.post("/v1/journal-entries?validate_only=true", ACCRUAL).body

    assert [event["type"] for event in shown["events"]] == [
        "journal_entry.posted", "journal_entry.posted", "journal_entry.reversed",
    ]  # fmt: skip
    assert contents(firm) == before


def test_a_draft_is_reversed_once_it_is_posted(firm: Caller, at: Callable[[str], None]) -> None:
    draft = firm.post("/v1/journal-entries", ACCRUAL | {"status": "draft"}).body
    at("2025-01-02T12:00:00+00:00")
    assert run_clock(firm) == 0
    moved = firm.patch(f"/v1/journal-entries/{draft['id']}", {"reverse_on": "2025-01-02"}).body
    assert moved["reverse_on"] == "2025-01-02"

    posted = firm.post(f"/v1/journal-entries/{draft['id']}/post", {}).body

    assert firm.get(f"/v1/journal-entries/{posted['reversed_by']}").body["date"] == "2025-01-02"


def test_in_a_month_that_was_closed_meanwhile_it_goes_to_the_first_open_day(
    firm: Caller, at: Callable[[str], None]
) -> None:
    """Nothing was reversed for a month, because the machine was off; then January was closed."""
    accrued = firm.post("/v1/journal-entries", ACCRUAL).body
    at("2025-02-03T12:00:00+00:00")
    assert firm.post("/v1/periods/per_2025-01/close", {}).status == 200

    assert run_clock(firm) == 1

    mirror = firm.get("/v1/journal-entries?sort=created_at:desc&limit=1").body["data"][0]
    assert (mirror["reversal_of"], mirror["date"], mirror["requested_date"]) == (
        accrued["id"], "2025-02-01", "2025-01-01",
    )  # fmt: skip


def test_at_once_into_a_closed_month_is_refused_or_moved_as_asked(firm: Caller, at: Callable[[str], None]) -> None:
    at("2025-02-03T12:00:00+00:00")
    assert firm.post("/v1/periods/per_2025-01/close", {}).status == 200
    february = entry("2025-02-01", "5000", "2100", "10.00", reverse_on="2025-02-02")
    before = contents(firm)

    refused = firm.post("/v1/journal-entries", ACCRUAL)

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "period_closed")
    assert contents(firm) == before
    moved = firm.post("/v1/journal-entries?on_closed_period=next_open", ACCRUAL | {"reverse_on": "2025-02-02"}).body
    assert (moved["date"], moved["requested_date"]) == ("2025-02-01", "2024-12-31")
    assert firm.post("/v1/journal-entries", february).status == 201


@pytest.mark.parametrize("day", ["2024-12-31", "2024-12-30"])
@pytest.mark.parametrize("status", ["posted", "draft"])
def test_it_is_reversed_after_its_own_day(firm: Caller, day: str, status: str) -> None:
    before = contents(firm)

    refused = firm.post("/v1/journal-entries", ACCRUAL | {"reverse_on": day, "status": status})

    assert (refused.status, refused.fields) == (400, ["reverse_on"])
    assert contents(firm) == before


def test_what_somebody_reversed_by_hand_is_not_reversed_again(firm: Caller, at: Callable[[str], None]) -> None:
    accrued = firm.post("/v1/journal-entries", ACCRUAL).body
    assert firm.post(f"/v1/journal-entries/{accrued['id']}/reverse", {"reason": "Wrong amount"}).status == 201
    at("2025-01-02T12:00:00+00:00")

    assert run_clock(firm) == 0


def test_one_that_cannot_be_reversed_waits_and_keeps_no_other_waiting(firm: Caller, at: Callable[[str], None]) -> None:
    assert (
        firm.post(
            "/v1/accounts", {"code": "5001", "name": "Bonus", "type": "expense", "subtype": "operating_expense"}
        ).status
        == 201
    )
    stuck = firm.post("/v1/journal-entries", entry("2024-12-30", "5001", "2100", "5.00", reverse_on="2025-01-01")).body
    other = firm.post("/v1/journal-entries", ACCRUAL).body
    assert firm.patch("/v1/accounts/acc_5001", {"is_active": False}).status == 200
    at("2025-01-01T12:00:00+00:00")

    assert run_clock(firm) == 2

    assert firm.get(f"/v1/journal-entries/{stuck['id']}").body["reversed_by"] is None
    assert firm.get(f"/v1/journal-entries/{other['id']}").body["reversed_by"]
    assert firm.patch("/v1/accounts/acc_5001", {"is_active": True}).status == 200
    assert run_clock(firm) == 1
    assert firm.get(f"/v1/journal-entries/{stuck['id']}").body["reversed_by"]
