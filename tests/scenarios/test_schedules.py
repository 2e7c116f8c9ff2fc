"""Amounts that are spread over months: rent paid ahead, and a subscription whose half is credited after five months.

**Rent.** On 16 January 2024 the firm pays 12,000, the rent of twelve months until 15 January 2025. By days, each of the
366 costs 32.7869; every month has what its days come to, counted from the beginning and rounded half up:

    16 of 366 days     524.59 = January          167 of 366   5,475.41, June 983.61
    45 of 366 days   1,475.41, February 950.82   351 of 366  11,508.20, all of 2024
    76 of 366 days   2,491.80, March 1,016.39    366 of 366  12,000.00, January 2025 491.80

On 31 December 2024 rent is 11,508.20, and 491.80 are still paid ahead.

**Subscription.** On 1 January 2024 a year is invoiced, twelve months of 100.00 and 10 % tax, and the revenue is spread.

    1 January     revenue 1,200 is deferred: revenue 0, deferred 1,200
    31 May        five months: revenue 500, deferred 700
    10 June       six of the twelve months are credited, so half of what is still to come stops: 350 of 700 are released
                  to the credit note, which takes 600 of revenue back: revenue 500 + 350 - 600 = 250, as if five months
                  had cost 50 each; deferred 350
    30 June on    seven months of 50: on 31 December revenue 600, deferred 0
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from bigledger.tenants.context import tenant_context
from ledger.services.schedules.schedules import post_next_schedule
from tests.breaking import contents
from tests.conftest import Caller, number_events
from tests.sales import Shop
from tests.scenarios.test_accrued_wages import entry, totals

CHART = (
    ("1460", "Prepaid Rent", "asset", "current_asset"),
    ("2310", "Deferred Revenue", "liability", "current_liability"),
    ("4010", "Subscriptions", "revenue", "operating_revenue"),
    ("6110", "Rent of the office", "expense", "operating_expense"),
    ("1010", "Bank", "asset", "current_asset"),
)
PATH = "/v1/schedules"
RENT = {
    "description": "Rent",
    "amount": Decimal("12000.00"),
    "debit_account_id": "acc_6110",
    "credit_account_id": "acc_1460",
    "method": "days",
    "start_date": "2024-01-16",
    "months": 12,
}
YEAR = {
    "description": "Subscription, a month",
    "quantity": 12,
    "unit_price": Decimal("100.00"),
    "tax_rate": Decimal("0.10"),
    "revenue_account_id": "acc_4010",
}


def run_clock(caller: Caller) -> int:
    count = 0
    failed: set[Any] = set()
    with tenant_context(caller.tenant):
        while post_next_schedule(failed):
            count += 1
    return count


@pytest.fixture
def firm(shop: Shop, at: Callable[[str], None]) -> Shop:
    at("2024-01-01T12:00:00+00:00")
    for code, name, type_, subtype in CHART:
        shop.post("/v1/accounts", code=code, name=name, type=type_, subtype=subtype)
    return shop


def balance(shop: Shop, code: str) -> Decimal:
    found: Decimal = shop.read(f"/v1/accounts/acc_{code}")["balance"]
    return found


def subscription(shop: Shop, **fields: Any) -> tuple[Any, Any]:
    """A sent invoice over a year from 1 January, and the schedule of its line."""
    invoice = shop.post("/v1/invoices", customer_id="cust_123456", invoice_date="2024-01-01", lines=[YEAR], **fields)
    invoice = shop.send(invoice, deliver=False)
    line = invoice["lines"][0]["id"]
    return invoice, shop.post(PATH, invoice_line_id=line, debit_account_id="acc_2310", months=12)


def test_rent_is_spread_by_days(firm: Shop, at: Callable[[str], None]) -> None:
    at("2024-01-16T12:00:00+00:00")
    firm.post("/v1/journal-entries", **entry("2024-01-16", "1460", "1010", "12000.00"))
    made = firm.post(PATH, **RENT)

    parts = [
        ("2024-01-31", "524.59"), ("2024-02-29", "950.82"), ("2024-03-31", "1016.39"), ("2024-04-30", "983.61"),
        ("2024-05-31", "1016.39"), ("2024-06-30", "983.61"), ("2024-07-31", "1016.39"), ("2024-08-31", "1016.40"),
        ("2024-09-30", "983.60"), ("2024-10-31", "1016.40"), ("2024-11-30", "983.60"), ("2024-12-31", "1016.40"),
        ("2025-01-15", "491.80"),
    ]  # fmt: skip
    assert [(row["date"], str(row["amount"])) for row in made["rows"]] == parts
    assert sum(row["amount"] for row in made["rows"]) == 12000
    assert (made["status"], made["end_date"], made["next_date"]) == ("active", "2025-01-15", "2024-01-31")
    assert balance(firm, "6110") == 0

    at("2024-12-31T12:00:00+00:00")
    assert (run_clock(firm.caller), run_clock(firm.caller)) == (1, 0)
    assert (balance(firm, "6110"), balance(firm, "1460")) == (Decimal("11508.20"), Decimal("491.80"))
    income = totals(firm.caller, "income_statement?from=2024-01-01&to=2024-03-31")
    assert income["operating_expenses"] == Decimal("2491.80")

    at("2025-01-20T12:00:00+00:00")
    run_clock(firm.caller)
    ended = firm.read(f"{PATH}/{made['id']}")
    assert (ended["status"], ended["amount_left"], ended["next_date"]) == ("completed", 0, None)
    assert balance(firm, "1460") == 0
    line = firm.read("/v1/accounts/acc_6110/ledger?sort=date:desc&limit=1")["data"][0]
    assert (line["date"], line["debit"]) == ("2025-01-15", Decimal("491.80"))
    assert firm.read(f"/v1/journal-entries/{line['journal_entry_id']}")["source"] == made["id"]


def test_past_months_are_posted_at_once(firm: Shop, at: Callable[[str], None]) -> None:
    at("2024-04-30T12:00:00+00:00")
    made = firm.post(PATH, **RENT | {"method": "months", "start_date": "2024-01-01"})

    assert [row["amount"] for row in made["rows"]] == [1000] * 12
    assert [row["date"] for row in made["rows"] if row["journal_entry_id"]] == [
        "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30",
    ]  # fmt: skip
    assert (balance(firm, "6110"), made["amount_left"]) == (4000, 8000)


def test_what_cannot_be_divided_adds_up_to_the_cent(firm: Shop) -> None:
    made = firm.post(PATH, **RENT | {"amount": Decimal("100.00"), "method": "months", "months": 7})

    assert [str(row["amount"]) for row in made["rows"]] == [
        "14.29", "14.28", "14.29", "14.28", "14.29", "14.28", "14.29",
    ]  # fmt: skip
    cents = firm.post(PATH, **RENT | {"amount": Decimal("0.02"), "method": "months", "months": 6})
    assert [(row["date"], str(row["amount"])) for row in cents["rows"]] == [
        ("2024-02-29", "0.01"), ("2024-05-31", "0.01"),
    ]  # fmt: skip


def test_half_a_subscription_is_credited_after_five_months(firm: Shop, at: Callable[[str], None]) -> None:
    invoice, schedule = subscription(firm)
    assert (balance(firm, "4010"), balance(firm, "2310")) == (0, 1200)
    at("2024-05-31T12:00:00+00:00")
    run_clock(firm.caller)
    assert (balance(firm, "4010"), balance(firm, "2310")) == (500, 700)

    at("2024-06-10T12:00:00+00:00")
    line = invoice["lines"][0]["id"]
    firm.post("/v1/credit-notes", invoice_id=invoice["id"], lines=[{"invoice_line_id": line, "quantity": 6}])

    assert (balance(firm, "4010"), balance(firm, "2310")) == (250, 350)
    after = firm.read(f"{PATH}/{schedule['id']}")
    assert [row["amount"] for row in after["rows"]] == [100] * 5 + [350] + [50] * 7
    released = [(row["date"], row["journal_entry_id"] is None) for row in after["rows"] if row["kind"] == "release"]
    assert released == [("2024-06-10", False)]
    assert sum(row["amount"] for row in after["rows"]) == 1200
    at("2024-12-31T12:00:00+00:00")
    run_clock(firm.caller)
    assert (balance(firm, "4010"), balance(firm, "2310")) == (600, 0)


def test_all_of_it_is_credited_and_the_credit_note_voided(firm: Shop, at: Callable[[str], None]) -> None:
    """Revenue is 0 while all of it is credited, and after the void what seven months have earned."""
    invoice, schedule = subscription(firm)
    at("2024-06-10T12:00:00+00:00")
    run_clock(firm.caller)
    note = firm.post("/v1/credit-notes", invoice_id=invoice["id"])
    assert (balance(firm, "4010"), balance(firm, "2310")) == (0, 0)
    assert firm.read(f"{PATH}/{schedule['id']}")["status"] == "completed"

    at("2024-08-05T12:00:00+00:00")
    firm.post(f"/v1/credit-notes/{note['id']}/void", reason="A mistake")
    assert (balance(firm, "4010"), balance(firm, "2310")) == (700, 500)
    after = firm.read(f"{PATH}/{schedule['id']}")
    assert (after["status"], after["next_date"], after["amount_left"]) == ("active", "2024-08-31", 500)
    at("2024-12-31T12:00:00+00:00")
    run_clock(firm.caller)
    assert (balance(firm, "4010"), balance(firm, "2310")) == (1200, 0)


def test_a_voided_invoice_takes_its_schedule_with_it(firm: Shop, at: Callable[[str], None]) -> None:
    invoice, schedule = subscription(firm)
    at("2024-03-31T12:00:00+00:00")
    run_clock(firm.caller)
    firm.post(f"/v1/invoices/{invoice['id']}/void", reason="Wrong customer")

    assert (balance(firm, "4010"), balance(firm, "2310")) == (0, 0)
    assert firm.read(f"{PATH}/{schedule['id']}")["amount_left"] == 0


def test_a_foreign_line_is_spread_in_base(firm: Shop, at: Callable[[str], None]) -> None:
    """1,200 EUR at 1.10 are 1,320 of revenue. Half of it, credited at 1.20, takes back 720; 660 of it are credited in
    proportion, so that deferred revenue is 0 at the end."""
    customer = firm.customer(currency="EUR", number="E1")["id"]
    fields = {"customer_id": customer, "currency": "EUR", "exchange_rate": Decimal("1.10")}
    invoice = firm.post("/v1/invoices", invoice_date="2024-01-01", lines=[YEAR], **fields)
    invoice = firm.send(invoice, deliver=False)
    line = invoice["lines"][0]["id"]
    made = firm.post(PATH, invoice_line_id=line, debit_account_id="acc_2310", months=12)
    assert (made["amount"], made["currency"], balance(firm, "2310")) == (1320, "USD", 1320)

    at("2024-06-10T12:00:00+00:00")
    run_clock(firm.caller)
    lines = [{"invoice_line_id": line, "quantity": 6}]
    firm.post("/v1/credit-notes", invoice_id=invoice["id"], lines=lines, exchange_rate=Decimal("1.20"))
    assert (balance(firm, "4010"), balance(firm, "2310")) == (550 + 385 - 720, 385)
    at("2024-12-31T12:00:00+00:00")
    run_clock(firm.caller)
    assert (balance(firm, "4010"), balance(firm, "2310")) == (600, 0)


def test_stopped_and_voided(firm: Shop, at: Callable[[str], None]) -> None:
    """Stopping posts what is left on one day; voiding takes back what was posted."""
    at("2024-03-31T12:00:00+00:00")
    rent = RENT | {"method": "months", "start_date": "2024-01-01"}
    stopped, void = firm.post(PATH, **rent), firm.post(PATH, **rent)
    assert balance(firm, "6110") == 6000

    at("2024-04-10T12:00:00+00:00")
    stopped = firm.post(f"{PATH}/{stopped['id']}/stop", reason="Moved out")
    assert (stopped["status"], stopped["rows"][-1]["date"], stopped["rows"][-1]["amount"]) == (
        "stopped", "2024-04-10", 9000,
    )  # fmt: skip
    void = firm.post(f"{PATH}/{void['id']}/void", reason="Entered twice")
    assert (void["status"], sum(row["amount"] for row in void["rows"])) == ("void", 0)
    assert balance(firm, "6110") == 12000
    for path in (f"{PATH}/{stopped['id']}/stop", f"{PATH}/{void['id']}/void"):
        before = contents(firm.caller)
        assert firm.caller.post(path, {"reason": "Again"}).error["details"][0]["rule"] == "schedule_not_active"
        assert contents(firm.caller) == before


@pytest.mark.parametrize("operation", ["stop", "void"])
def test_it_does_not_end_before_its_last_entry(firm: Shop, at: Callable[[str], None], operation: str) -> None:
    at("2024-05-02T12:00:00+00:00")
    made = firm.post(PATH, **RENT)  # January to April are posted, the last on 30 April
    before = contents(firm.caller)

    early = firm.caller.post(f"{PATH}/{made['id']}/{operation}", {"date": "2024-04-29", "reason": "x"})

    assert (early.status, early.error["details"][0]["rule"], early.fields) == (422, "date_before_source", ["date"])
    assert contents(firm.caller) == before
    firm.post(f"{PATH}/{made['id']}/{operation}", date="2024-04-30", reason="x")


def test_a_closed_month_is_refused_or_moved_out_of(firm: Shop, at: Callable[[str], None]) -> None:
    at("2024-02-29T12:00:00+00:00")
    firm.post("/v1/journal-entries", **entry("2024-01-16", "1460", "1010", "12000.00"))
    firm.post("/v1/periods/per_2024-01/close")
    before = contents(firm.caller)

    refused = firm.caller.post(PATH, RENT)
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "period_closed")
    assert contents(firm.caller) == before
    made = firm.done(firm.caller.post(f"{PATH}?on_closed_period=next_open", RENT))
    first = firm.read(f"/v1/journal-entries/{made['rows'][0]['journal_entry_id']}")
    assert (first["date"], first["requested_date"]) == ("2024-02-01", "2024-01-31")


def test_what_the_clock_cannot_post_waits_and_says_why(firm: Shop, at: Callable[[str], None]) -> None:
    made = firm.post(PATH, **RENT)
    firm.caller.patch("/v1/accounts/acc_6110", {"is_active": False})
    at("2024-01-31T12:00:00+00:00")
    run_clock(firm.caller)

    waiting = firm.read(f"{PATH}/{made['id']}")
    assert (waiting["failure_reason"], waiting["next_date"]) == (
        "Account 6110 is inactive and cannot be posted to.", "2024-01-31",
    )  # fmt: skip
    firm.caller.patch("/v1/accounts/acc_6110", {"is_active": True})
    run_clock(firm.caller)
    posted = firm.read(f"{PATH}/{made['id']}")
    assert (posted["failure_reason"], posted["next_date"]) == (None, "2024-02-29")
    number_events(firm.caller)
    history = firm.read(f"{PATH}/{made['id']}/events")["data"]
    assert {event["type"] for event in history} == {"schedule.created", "schedule.updated", "schedule.posted"}
    assert {event["actor"] for event in history if event["type"] == "schedule.posted"} == {"system:schedules"}


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"amount": 0}, "amount", "required"),
        ({"amount": Decimal("1.005")}, "amount", "too_many_digits"),
        ({"amount": Decimal(-5)}, "amount", "too_small"),
        ({"amount": None}, "amount", "null"),
        ({"months": 0}, "months", "too_small"),
        ({"months": 121}, "months", "too_large"),
        ({"months": 12, "end_date": "2024-12-31"}, "months", "incompatible"),
        ({"months": None, "end_date": "2024-01-15"}, "months", "null"),
        ({"start_date": "2024-02-30"}, "start_date", "not_a_date"),
        ({"start_date": "9999-12-31"}, "start_date", "out_of_range"),
        ({"debit_account_id": "acc_none"}, "debit_account_id", "not_found"),
        ({"credit_account_id": "acc_6110"}, "credit_account_id", "incompatible"),
        ({"method": "weeks"}, "method", "not_a_choice"),
        ({"monthss": 3}, "monthss", "unknown_field"),
        ({"invoice_line_id": "invl_none"}, "amount", "incompatible"),
    ],
)
def test_bad_input_is_refused(firm: Shop, changed: dict[str, Any], field: str, code: str) -> None:
    before = contents(firm.caller)
    refused = firm.caller.post(PATH, RENT | changed)

    assert refused.status in (400, 404), refused.text
    assert (field, code) in [(one["field"], one["code"]) for one in refused.error["details"]], refused.text
    assert contents(firm.caller) == before


def test_one_that_begins_in_a_closed_month_is_refused_at_its_own_field(firm: Shop, at: Callable[[str], None]) -> None:
    at("2024-02-20T12:00:00+00:00")
    firm.post("/v1/journal-entries", date="2024-01-05", lines=[
        {"account_id": "acc_6110", "debit": 5}, {"account_id": "acc_1460", "credit": 5},
    ])  # fmt: skip
    firm.done(firm.caller.post("/v1/periods/per_2024-01/close", {}))
    before = contents(firm.caller)
    refused = firm.caller.post(PATH, RENT)

    assert [(one["field"], one["rule"]) for one in refused.error["details"]] == [("start_date", "period_closed")]
    assert contents(firm.caller) == before


def test_a_line_has_one_schedule(firm: Shop) -> None:
    invoice, schedule = subscription(firm)
    line = invoice["lines"][0]["id"]
    body = {"invoice_line_id": line, "debit_account_id": "acc_2310", "months": 12}
    before = contents(firm.caller)
    refused = firm.caller.post(PATH, body)
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "schedule_exists")
    assert contents(firm.caller) == before

    firm.post(f"{PATH}/{schedule['id']}/void", reason="By days")
    assert (balance(firm, "4010"), balance(firm, "2310")) == (1200, 0)
    assert firm.post(PATH, **body, method="days")["rows"][0]["amount"] == Decimal("101.64")
    found = firm.read(f"{PATH}?invoice_line_id={line}&status=active")["data"]
    assert len(found) == 1


def test_a_draft_has_nothing_to_spread(firm: Shop) -> None:
    draft = firm.post("/v1/invoices", customer_id="cust_123456", invoice_date="2024-01-01", lines=[YEAR])
    body = {"invoice_line_id": draft["lines"][0]["id"], "debit_account_id": "acc_2310", "months": 12}
    refused = firm.caller.post(PATH, body)
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "invoice_not_issued")
