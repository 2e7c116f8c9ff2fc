"""Recurring journal entries: what is due is made once, by the clock, and as closed months allow."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from bigledger.tenants.context import tenant_context
from ledger.services.recurring.entries import claim_next_entry, make_claimed_entry
from tests.api.conftest import open_chart
from tests.breaking import contents
from tests.conftest import Caller, number_events
from tests.rates import keep_rate

PATH = "/v1/recurring-journal-entries"
LINES = [
    {"account_id": "acc_6100", "debit": Decimal("100.00"), "description": "Straight-line"},
    {"account_id": "acc_1000", "credit": Decimal("100.00")},
]
MONTHLY = {"template": {"description": "Depreciation", "lines": LINES}, "frequency": "monthly"}


@pytest.fixture
def firm(acme: Caller, at: Callable[[str], None]) -> Caller:
    at("2024-01-31T12:00:00+00:00")
    open_chart(acme)
    return acme


def run_clock(caller: Caller) -> int:
    """What the job does with this tenant; how many templates it claimed."""
    count = 0
    with tenant_context(caller.tenant):
        while claimed := claim_next_entry():
            make_claimed_entry(claimed)
            count += 1
    return count


def made(caller: Caller, **fields: Any) -> Any:
    answer = caller.post(PATH, MONTHLY | fields)
    assert answer.status == 201, answer.text
    return answer.body


def entries(caller: Caller) -> list[tuple[str, str, str]]:
    rows = caller.get("/v1/journal-entries?sort=date:asc&description=Depreciation").body["data"]
    return [(row["date"], row["status"], row["created_by"]) for row in rows]


def test_each_date_is_made_once_and_missed_ones_are_made_up_for(firm: Caller, at: Callable[[str], None]) -> None:
    template = made(firm)
    assert (template["next_date"], template["status"], template["auto_post"]) == ("2024-01-31", "active", True)
    assert run_clock(firm) == 1
    at("2024-04-01T12:00:00+00:00")

    assert (run_clock(firm), run_clock(firm)) == (2, 0)

    member = template["created_by"]
    days = ("2024-01-31", "2024-02-29", "2024-03-31")
    assert entries(firm) == [(day, "posted", member) for day in days]
    now = firm.get(f"{PATH}/{template['id']}").body
    assert (now["next_date"], now["occurrences"]) == ("2024-04-30", 3)
    latest = firm.get(f"/v1/journal-entries/{now['latest_entry_id']}").body
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in latest["lines"]] == [
        ("6100", 100, 0), ("1000", 0, 100),
    ]  # fmt: skip
    number_events(firm)
    history = firm.get(f"{PATH}/{template['id']}/events").body["data"]
    assert {event["actor"] for event in history[1:]} == {"system:recurring_entries"}


def test_without_auto_post_it_makes_drafts(firm: Caller) -> None:
    template = made(firm, auto_post=False)
    run_clock(firm)

    assert entries(firm) == [("2024-01-31", "draft", template["created_by"])]


def test_it_ends_after_its_end_date(firm: Caller, at: Callable[[str], None]) -> None:
    template = made(firm, end_date="2024-03-15")
    at("2024-12-31T12:00:00+00:00")

    assert run_clock(firm) == 2

    now = firm.get(f"{PATH}/{template['id']}").body
    assert (now["status"], now["next_date"]) == ("ended", None)
    again = firm.patch(f"{PATH}/{template['id']}", {"end_date": None}).body
    assert (again["status"], again["next_date"]) == ("active", "2024-12-31")


def test_a_closed_month_pauses_it_with_the_reason(firm: Caller, at: Callable[[str], None]) -> None:
    template = made(firm)
    assert run_clock(firm) == 1
    at("2024-04-15T12:00:00+00:00")
    assert firm.post("/v1/periods/per_2024-02/close", {}).status == 200

    run_clock(firm)

    now = firm.get(f"{PATH}/{template['id']}").body
    assert (now["status"], now["next_date"]) == ("paused", "2024-02-29")
    assert "2024-03-01" in now["pause_reason"], "the first open day"
    assert firm.post("/v1/periods/per_2024-02/reopen", {"reason": "Depreciation"}).status == 200
    assert firm.post(f"{PATH}/{template['id']}/resume").body["pause_reason"] is None
    assert run_clock(firm) == 2
    assert [day for day, _, _ in entries(firm)] == ["2024-01-31", "2024-02-29", "2024-03-31"]


def test_a_closed_month_is_left_for_the_first_open_day(firm: Caller, at: Callable[[str], None]) -> None:
    template = made(firm, on_closed_period="next_open")
    run_clock(firm)
    at("2024-03-15T12:00:00+00:00")
    assert firm.post("/v1/periods/per_2024-02/close", {}).status == 200
    run_clock(firm)

    now = firm.get(f"{PATH}/{template['id']}").body
    assert (now["status"], now["next_date"], now["on_closed_period"]) == ("active", "2024-03-31", "next_open")
    latest = firm.get(f"/v1/journal-entries/{now['latest_entry_id']}").body
    assert (latest["date"], latest["requested_date"]) == ("2024-03-01", "2024-02-29")
    assert firm.patch(f"{PATH}/{template['id']}", {"on_closed_period": "refuse"}).body["on_closed_period"] == "refuse"


def test_a_line_in_another_currency_is_worth_the_rate_of_its_day(firm: Caller, at: Callable[[str], None]) -> None:
    """100.00 EUR a month: 110.00 USD in January, 120.00 in February."""
    keep_rate(firm, "EUR", "1.10", "2024-01-31")
    keep_rate(firm, "EUR", "1.20", "2024-02-28")
    lines = [line | {"currency": "EUR"} for line in LINES]
    template = made(firm, template={"description": "Depreciation", "lines": lines})
    assert [line["currency"] for line in template["template"]["lines"]] == ["EUR", "EUR"]
    at("2024-02-29T12:00:00+00:00")
    run_clock(firm)

    rows = firm.get("/v1/journal-entries?sort=date:asc&description=Depreciation").body["data"]
    assert [(row["currency"], row["total_debit"], row["lines"][0]["base_debit"]) for row in rows] == [
        ("EUR", 100, 110), ("EUR", 100, 120),
    ]  # fmt: skip
    before = contents(firm)
    pounds = [line | {"currency": "GBP"} for line in LINES]
    refused = firm.post(PATH, MONTHLY | {"template": {"lines": pounds}})
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "rate_missing")
    assert refused.fields == ["template.lines[0].currency", "template.lines[1].currency"]
    assert contents(firm) == before


def test_in_graphql_too(firm: Caller) -> None:
    create = """mutation { createRecurringJournalEntry(input: {frequency: MONTHLY, template: {description: "G", lines: [
        {accountId: "acc_6100", debit: 5}, {accountId: "acc_1000", credit: 5}]}}) { id status } }"""
    made_ = answered(firm, create)["createRecurringJournalEntry"]
    named = {"id": made_["id"]}
    change = """mutation ($id: ID!) { updateRecurringJournalEntry(id: $id, input: {template: {lines: [
        {accountId: "acc_6100", debit: 7}, {accountId: "acc_1000", credit: 7}]}}) { template { lines { debit } } } }"""
    changed = answered(firm, change, named)["updateRecurringJournalEntry"]
    assert changed["template"]["lines"][0]["debit"] == 7
    pause = "mutation ($id: ID!) { pauseRecurringJournalEntry(id: $id) { status } }"
    assert answered(firm, pause, named) == {"pauseRecurringJournalEntry": {"status": "PAUSED"}}
    resume = "mutation ($id: ID!) { resumeRecurringJournalEntry(id: $id) { status } }"
    assert answered(firm, resume, named) == {"resumeRecurringJournalEntry": {"status": "ACTIVE"}}
    answered(firm, "mutation ($id: ID!) { deleteRecurringJournalEntry(id: $id) { id } }", named)
    assert firm.get(PATH).body["meta"]["total"] == 0


def answered(caller: Caller, query: str, variables: Any = None) -> Any:
    answer = caller.post("/graphql", {"query": query, "variables": variables}).body
    assert "errors" not in answer, answer
    return answer["data"]


def test_nothing_is_made_during_a_pause(firm: Caller, at: Callable[[str], None]) -> None:
    path = f"{PATH}/{made(firm)['id']}"
    assert firm.post(f"{path}/pause").body["status"] == "paused"
    at("2024-03-15T12:00:00+00:00")
    assert run_clock(firm) == 0

    resumed = firm.post(f"{path}/resume").body

    assert (resumed["status"], resumed["next_date"]) == ("active", "2024-03-31")


def test_a_template_changes_for_what_follows(firm: Caller, at: Callable[[str], None]) -> None:
    path = f"{PATH}/{made(firm)['id']}"
    run_clock(firm)
    lines = [LINES[0] | {"debit": Decimal("50.00")}, LINES[1] | {"credit": Decimal("50.00")}]
    changed = firm.patch(path, {"template": {"lines": lines}}).body
    assert (changed["template"]["description"], changed["template"]["lines"][0]["debit"]) == ("Depreciation", 50)
    at("2024-02-29T12:00:00+00:00")
    run_clock(firm)

    rows = firm.get("/v1/journal-entries?sort=date:asc&description=Depreciation").body["data"]
    assert [row["total_debit"] for row in rows] == [100, 50]


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"template": {"lines": [LINES[0], LINES[1] | {"credit": 99}]}}, ["template.lines"]),
        (
            {"template": {"lines": [LINES[0], LINES[1] | {"credit": Decimal("1.234")}]}},
            ["template.lines[1].credit", "template.lines"],
        ),
        ({"template": {"lines": [LINES[0], LINES[1] | {"account_id": "acc_none"}]}}, ["template.lines[1].account_id"]),
        ({"frequency": "daily"}, ["frequency"]),
        ({"end_date": "2024-01-30"}, ["end_date"]),
        ({"start_date": "2000-01-31"}, ["start_date"]),
        ({"template": {}}, ["template.lines"]),
        ({"templat": 1}, ["templat"]),
    ],
)
def test_what_could_not_be_posted_is_no_template(firm: Caller, fields: Any, faults: list[str]) -> None:
    before = contents(firm)

    refused = firm.post(PATH, MONTHLY | fields)

    assert 400 <= refused.status < 500
    assert refused.fields == faults
    assert contents(firm) == before


def test_others_see_nothing_and_viewers_only_read(firm: Caller, acme_viewer: Caller, globex: Caller) -> None:
    path = f"{PATH}/{made(firm)['id']}"

    assert (acme_viewer.get(path).status, acme_viewer.post(PATH, MONTHLY).status) == (200, 403)
    assert globex.get(path).status == 404


def test_graphql_reads_it(firm: Caller) -> None:
    template = made(firm)
    document = """query ($id: ID!) { recurringJournalEntry(id: $id) {
        frequency nextDate template { description lines { account { code } debit } }
    } }"""

    found = firm.post("/graphql", {"query": document, "variables": {"id": template["id"]}}).body

    assert found["data"]["recurringJournalEntry"] == {
        "frequency": "MONTHLY", "nextDate": "2024-01-31",
        "template": {"description": "Depreciation", "lines": [
            {"account": {"code": "6100"}, "debit": 100}, {"account": {"code": "1000"}, "debit": 0},
        ]},
    }  # fmt: skip
