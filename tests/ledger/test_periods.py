"""Periods: which months there are, who closes, reopens and locks them, and what is refused then, on every way in."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.access.services import add_api_key, add_member, get_or_create_user
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from ledger.models import JournalEntry
from ledger.services.posting import NewEntry, NewLine, post_journal_entry
from tests.api.conftest import open_chart, rent
from tests.breaking import contents
from tests.conftest import Caller, number_events
from tests.sales import Shop


@pytest.fixture
def books(acme: Caller) -> Caller:
    """Rent of January and March 2024."""
    open_chart(acme)
    for day in ("2024-01-15", "2024-03-15"):
        assert acme.post("/v1/journal-entries", rent("5000.00", date=day)).status == 201
    return acme


@pytest.fixture
def acme_accountant(acme: Caller) -> Caller:
    user = get_or_create_user(email="anna@example.com")
    with tenant_context(acme.tenant):
        add_member(user=user, role=Role.ACCOUNTANT)
        _, key = add_api_key(user=user, name="accountant", scopes=("read", "write"))
    principal = Principal(acme.tenant, user.id, Role.ACCOUNTANT, frozenset({"read", "write"}), "key_accountant")
    return Caller(acme.tenant, principal, key)


def post(caller: Caller, day: str, query: str = "") -> Any:
    return caller.post(f"/v1/journal-entries{query}", rent("7.00", date=day))


def states(caller: Caller) -> dict[str, Any]:
    """The closed scopes of the months of early 2024."""
    found = caller.get("/v1/periods?end[lte]=2024-04-30").body["data"]
    return {period["name"]: period["closed_scopes"] for period in found}


def refusal(answer: Any) -> tuple[int, str, str]:
    [detail] = answer.error["details"]
    return answer.status, detail["rule"], detail["message"]


def test_they_are_the_months_from_the_first_posting_to_the_present(books: Caller) -> None:
    periods = books.get("/v1/periods?limit=100").body["data"]

    today = books.tenant.today()
    assert len(periods) == (today.year - 2024) * 12 + today.month
    assert periods[-1]["id"] == f"per_{today:%Y-%m}"
    assert periods[1] == books.get("/v1/periods/per_2024-02").body == {
        "id": "per_2024-02", "name": "2024-02", "start": "2024-02-01", "end": "2024-02-29", "status": "open",
        "closed_scopes": [], "closed_at": None, "closed_by": None, "reopened_at": None, "reopened_by": None,
        "reopen_reason": None, "locked_at": None, "locked_by": None,
    }  # fmt: skip


def test_without_a_posting_there_are_none(acme: Caller) -> None:
    assert acme.get("/v1/periods").body["data"] == []


@pytest.mark.parametrize("name", ["2023-12", "2024-13", "2024-1", "9999-01", "x"])
def test_what_is_no_month_of_the_books_is_not_found(books: Caller, name: str) -> None:
    before = contents(books)

    for action, body in {"close": {}, "reopen": {"reason": "x"}, "lock": {}}.items():
        assert books.post(f"/v1/periods/per_{name}/{action}", body).status == 404
    assert books.get(f"/v1/periods/per_{name}/checklist").status == 404
    assert contents(books) == before


def test_closing_closes_every_earlier_month(books: Caller) -> None:
    closed = books.post("/v1/periods/per_2024-02/close", {})

    assert (closed.status, closed.body["status"], closed.body["closed_scopes"]) == (200, "closed", ["all"])
    assert closed.body["closed_by"] == books.principal.user_public_id
    assert states(books) == {"2024-01": ["all"], "2024-02": ["all"], "2024-03": [], "2024-04": []}
    number_events(books)
    told = books.get("/v1/events?type=period.closed").body["data"]
    assert [event["data"]["period"]["name"] for event in told] == ["2024-01", "2024-02"]


@pytest.mark.parametrize(
    ("day", "month"), [("2024-02-29", "2024-02"), ("2024-01-01", "2024-01"), ("2021-06-30", "2021-06")]
)
def test_a_closed_month_takes_no_posting(books: Caller, day: str, month: str) -> None:
    books.post("/v1/periods/per_2024-02/close", {})
    before = contents(books)

    assert refusal(post(books, day)) == (
        422, "period_closed", f"The period {month} is closed; the first open day is 2024-03-01.",
    )  # fmt: skip
    assert contents(books) == before
    assert post(books, "2024-03-01").status == 201


def test_it_is_moved_only_when_asked_for_and_says_so(books: Caller) -> None:
    books.post("/v1/periods/per_2024-02/close", {})

    moved = post(books, "2024-02-10", "?on_closed_period=next_open")

    assert (moved.status, moved.body["date"], moved.body["requested_date"]) == (201, "2024-03-01", "2024-02-10")
    assert books.get(f"/v1/journal-entries/{moved.body['id']}").body == moved.body
    assert post(books, "2024-04-10", "?on_closed_period=next_open").body["requested_date"] is None
    assert post(books, "2024-02-10", "?on_closed_period=refuse").status == 422
    assert post(books, "2024-02-10", "?on_closed_period=tomorrow").fields == ["on_closed_period"]


def test_the_year_of_the_number_follows_the_day(books: Caller) -> None:
    books.post("/v1/journal-entries", rent("1.00", date="2025-01-15"))
    books.post("/v1/periods/per_2024-12/close", {})

    assert post(books, "2024-12-31", "?on_closed_period=next_open").body["number"].startswith("JE-2025-")


def test_a_draft_and_a_reversal_are_held_too(books: Caller) -> None:
    draft = books.post("/v1/journal-entries", rent("7.00", date="2024-01-20", status="draft")).body["id"]
    books.post("/v1/periods/per_2024-02/close", {})
    march = books.get("/v1/journal-entries?date=2024-03-15").body["data"][0]["id"]

    assert refusal(books.post(f"/v1/journal-entries/{draft}/post", {}))[1] == "period_closed"
    asked = {"reason": "Mistake", "date": "2024-02-20"}
    before = JournalEntry.objects.count()
    assert books.post(f"/v1/journal-entries/{march}/reverse", asked).status == 422
    assert JournalEntry.objects.count() == before
    posted = books.post(f"/v1/journal-entries/{draft}/post?on_closed_period=next_open", {})
    assert (posted.body["date"], posted.body["requested_date"]) == ("2024-03-01", "2024-01-20")


def test_of_a_bulk_request_the_open_ones_are_posted(books: Caller) -> None:
    books.post("/v1/periods/per_2024-02/close", {})
    operations = [
        {"operation": "create", "data": rent("7.00", date=day)} for day in ("2024-02-10", "2024-03-01", "2024-01-10")
    ]
    wanted = {"operations": operations, "options": {"continue_on_error": True}}

    answer = books.post("/v1/journal-entries/bulk", wanted)
    moved = books.post("/v1/journal-entries/bulk?on_closed_period=next_open", wanted)

    assert [result["status"] for result in answer.body["results"]] == [422, 201, 422]
    assert [result["data"]["date"] for result in moved.body["results"]] == ["2024-03-01"] * 3


def test_one_month_is_reopened_and_the_others_stay_closed(books: Caller) -> None:
    books.post("/v1/periods/per_2024-03/close", {})

    reopened = books.post("/v1/periods/per_2024-02/reopen", {"reason": "The bank statement came late"})

    assert (reopened.status, reopened.body["status"]) == (200, "open")
    assert reopened.body["reopen_reason"] == "The bank statement came late"
    assert states(books) == {"2024-01": ["all"], "2024-02": [], "2024-03": ["all"], "2024-04": []}
    assert post(books, "2024-02-10").status == 201
    assert refusal(post(books, "2024-01-10"))[2] == "The period 2024-01 is closed; the first open day is 2024-02-01."
    assert refusal(post(books, "2024-03-10"))[2] == "The period 2024-03 is closed; the first open day is 2024-04-01."
    assert books.post("/v1/periods/per_2024-03/reopen", {"reason": "Also"}).status == 200
    assert post(books, "2024-03-10").status == 201


def test_a_locked_month_is_locked_for_ever(books: Caller) -> None:
    books.post("/v1/periods/per_2024-02/close", {})

    assert books.post("/v1/periods/per_2024-01/lock", {}).body["status"] == "locked"
    before = contents(books)
    assert refusal(books.post("/v1/periods/per_2024-01/reopen", {"reason": "Late"}))[1] == "period_locked"
    soon = (books.tenant.now() + datetime.timedelta(hours=1)).isoformat()
    wanted = {"period_id": "per_2024-01", "expires_at": soon, "reason": "Late"}
    assert refusal(books.post("/v1/lock-exceptions", wanted))[1] == "period_locked"
    assert contents(books) == before
    assert books.get("/v1/periods/per_2024-02").body["status"] == "closed"


def test_sales_alone_are_closed(books: Caller) -> None:
    shop = Shop(books)
    shop.customer(number="123456")
    books.post("/v1/periods/per_2024-02/close", {"scope": "sales"})

    assert states(books)["2024-02"] == ["sales"]
    assert books.get("/v1/periods/per_2024-02").body["status"] == "open"
    assert post(books, "2024-02-10").status == 201
    draft = books.post("/v1/invoices", {
        "customer_id": "cust_123456", "invoice_date": "2024-02-10",
        "lines": [{"description": "Work", "quantity": 1, "unit_price": 5}],
    }).body  # fmt: skip
    refused = books.post(f"/v1/invoices/{draft['id']}/send", {"to": ["a@example.com"]})
    assert refusal(refused)[1:] == ("period_closed", "The period 2024-02 is closed; the first open day is 2024-03-01.")
    assert books.get(f"/v1/invoices/{draft['id']}").body["status"] == "draft"


def test_the_books_alone_are_closed_for_everything(books: Caller) -> None:
    books.post("/v1/periods/per_2024-01/close", {"scope": "purchases"})
    books.post("/v1/periods/per_2024-01/close", {"scope": "sales"})

    assert states(books)["2024-01"] == ["sales", "purchases"]
    assert post(books, "2024-01-10").status == 201
    assert books.post("/v1/periods/per_2024-01/close", {}).body["closed_scopes"] == ["all"]
    assert post(books, "2024-01-10").status == 422


def test_an_exception_lets_one_member_post_for_a_time(books: Caller, acme_viewer: Caller) -> None:
    books.post("/v1/periods/per_2024-02/close", {})
    [me] = [one for one in books.get("/v1/members").body["data"] if one["user_id"] == books.principal.user_public_id]
    other = next(one for one in books.get("/v1/members").body["data"] if one["id"] != me["id"])
    soon = (books.tenant.now() + datetime.timedelta(hours=1)).isoformat()
    wanted = {"period_id": "per_2024-01", "expires_at": soon, "reason": "Adjustments of the auditor"}

    made = books.post("/v1/lock-exceptions", wanted | {"member_id": other["id"]})
    assert (made.status, made.body["member_id"], made.body["period_id"]) == (201, other["id"], "per_2024-01")
    assert post(books, "2024-01-10").status == 422

    mine = books.post("/v1/lock-exceptions", wanted | {"member_id": me["id"]}).body
    posted = post(books, "2024-01-10")
    assert (posted.status, posted.body["lock_exception_id"]) == (201, mine["id"])
    assert post(books, "2024-02-10").status == 422
    with transaction.atomic():
        fetch_all("UPDATE ledger_lockexception SET created_at = created_at - interval '3 days', "
                  "expires_at = now() - interval '1 minute' RETURNING 1")  # fmt: skip
    assert post(books, "2024-01-10").status == 422


@pytest.mark.parametrize(("hours", "field"), [(24 * 7 + 1, "expires_at"), (-1, "expires_at")])
def test_an_exception_ends_within_a_week(books: Caller, hours: int, field: str) -> None:
    books.post("/v1/periods/per_2024-01/close", {})
    before = contents(books)
    at = (books.tenant.now() + datetime.timedelta(hours=hours)).isoformat()

    refused = books.post("/v1/lock-exceptions", {"period_id": "per_2024-01", "expires_at": at, "reason": "x"})

    assert (refused.status, refused.fields) == (400, [field])
    assert contents(books) == before


def test_what_an_exception_names_must_exist(books: Caller) -> None:
    books.post("/v1/periods/per_2024-01/close", {})
    soon = (books.tenant.now() + datetime.timedelta(hours=1)).isoformat()
    wanted = {"period_id": "per_2024-01", "expires_at": soon, "reason": "x"}

    assert books.post("/v1/lock-exceptions", wanted | {"period_id": "per_2031-01"}).fields == ["period_id"]
    assert books.post("/v1/lock-exceptions", wanted | {"member_id": "mem_unknown"}).fields == ["member_id"]
    assert books.get("/v1/lock-exceptions").body["data"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/periods/per_2024-01/reopen", {"reason": "x"}),
        ("/v1/periods/per_2024-01/lock", {}),
        ("/v1/periods/reopen-year", {"year": 2024, "reason": "x"}),
        ("/v1/lock-exceptions", {"period_id": "per_2024-01", "expires_at": "2090-01-01T00:00:00Z", "reason": "x"}),
    ],
)
def test_only_owners_undo(books: Caller, acme_accountant: Caller, path: str, body: Any) -> None:
    books.post("/v1/periods/close-year", {"year": 2024})
    before = contents(books)

    refused = acme_accountant.post(path, body)

    assert (refused.status, refused.error["code"]) == (403, "PERMISSION_DENIED")
    assert contents(books) == before


def test_an_accountant_closes_and_a_viewer_does_not(
    books: Caller, acme_accountant: Caller, acme_viewer: Caller
) -> None:
    assert acme_viewer.post("/v1/periods/per_2024-01/close", {}).status == 403
    assert acme_viewer.get("/v1/periods/per_2024-01").body["status"] == "open"
    assert acme_accountant.post("/v1/periods/per_2024-01/close", {}).status == 200


def test_another_tenant_is_not_closed(books: Caller, globex: Caller) -> None:
    open_chart(globex)
    post(globex, "2024-01-15")
    books.post("/v1/periods/per_2024-02/close", {})

    assert globex.get("/v1/periods/per_2024-01").body["status"] == "open"
    assert post(globex, "2024-01-15").status == 201


def test_services_and_a_psql_prompt_are_held_as_well(books: Caller) -> None:
    books.post("/v1/periods/per_2024-02/close", {})
    before = contents(books)
    day = datetime.date(2024, 2, 10)
    lines = [NewLine("acc_6100", debit=Decimal(5)), NewLine("acc_1000", credit=Decimal(5))]

    with tenant_context(books.tenant):
        with pytest.raises(Exception, match="The period 2024-02 is closed"):
            post_journal_entry(entry=NewEntry(date=day, lines=lines), acting=books.principal)
        with pytest.raises(IntegrityError, match="the books are closed on 2024-02-10"), transaction.atomic():
            JournalEntry.objects.create(
                number="X", date=day, status="posted", currency="USD", total_debit=1, total_credit=1, line_count=2,
                created_by_id=books.principal.user_id, posted_at=books.tenant.now(),
            )  # fmt: skip
    assert contents(books) == before


def test_the_checklist_says_what_is_open(books: Caller) -> None:
    books.post("/v1/journal-entries", rent("7.00", date="2024-01-20", status="draft"))
    books.post("/v1/accounts", {"code": "1999", "name": "Suspense account", "type": "asset", "subtype": "other_asset"})
    lines = [{"account_id": "acc_1999", "debit": 5}, {"account_id": "acc_1000", "credit": 5}]
    books.post("/v1/journal-entries", {"date": "2024-01-21", "lines": lines})

    checklist = books.get("/v1/periods/per_2024-01/checklist").body

    assert (checklist["period_id"], checklist["can_close"]) == ("per_2024-01", False)
    assert [(item["name"], item["count"], item["blocking"]) for item in checklist["items"]] == [
        ("drafts", 1, False), ("suspense", 1, True),
    ]  # fmt: skip
    assert [books.get(item["url"]).body["meta"]["total"] for item in checklist["items"]] == [1, 1]
    assert refusal(books.post("/v1/periods/per_2024-01/close", {}))[1:] == (
        "checklist_open", "The period 2024-01 cannot be closed: A suspense account has a balance.",
    )  # fmt: skip
    assert states(books)["2024-01"] == []
