"""`?validate_only=true`: everything is checked and computed, and nothing is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from tests.api.conftest import rent
from tests.conftest import Caller

TABLES = (
    "ledger_account", "ledger_journalentry", "ledger_journalline", "ledger_accountbalance", "ledger_journalcounter",
    "ledger_draftline", "events_pending", "api_idempotencykey",
)  # fmt: skip


def everything(caller: Caller) -> dict[str, list[Any]]:
    """Every row of the tenant, as the owner of the tables sees them in this very transaction."""
    rows: dict[str, list[Any]] = {}
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(caller.tenant.id)])
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            rows[table] = cursor.fetchall()
    return rows


def test_the_would_be_entry_is_shown_with_its_lines_and_events(books: Caller) -> None:
    answer = books.post("/v1/journal-entries?validate_only=true", rent(reference="JE-2024-001"))

    assert answer.status == 200
    assert answer.body["number"] == "JE-2024-001"
    assert answer.body["total_debit"] == Decimal("5000.00")
    assert [line["debit"] for line in answer.body["journal_lines"]] == [Decimal("5000.00"), Decimal("0.00")]
    assert [event["type"] for event in answer.body["events"]] == ["journal_entry.posted"]


def test_the_number_shown_is_the_one_that_comes(books: Caller) -> None:
    shown = books.post("/v1/journal-entries?validate_only=true", rent()).body["number"]

    assert books.post("/v1/journal-entries", rent()).body["number"] == shown


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/accounts", {"code": "1", "name": "n", "type": "asset", "subtype": "fixed_asset",
                                  "opening_balance": 7}),
        ("PATCH", "/v1/accounts/acc_1000", {"name": "Till"}),
        ("DELETE", "/v1/accounts/acc_4000", None),
        ("POST", "/v1/journal-entries", rent()),
        ("POST", "/v1/journal-entries", rent(status="draft")),
        ("POST", "/v1/journal-entries/je_posted/reverse", {"reason": "typo"}),
        ("POST", "/v1/journal-entries/je_draft/post", None),
        ("PATCH", "/v1/journal-entries/je_draft", {"description": "later"}),
        ("DELETE", "/v1/journal-entries/je_draft", None),
    ],
)  # fmt: skip
def test_not_a_row_a_number_or_an_event_differs(books: Caller, method: str, path: str, body: Any) -> None:
    books.post("/v1/journal-entries", rent(reference="posted"))
    books.post("/v1/journal-entries", rent(reference="draft", status="draft"))
    before = everything(books)

    answer = books.request(method, f"{path}?validate_only=true", body, idempotency_key="dry")

    assert answer.status == 200
    assert answer.body["events"]
    assert everything(books) == before


def test_a_fault_is_a_fault(books: Caller) -> None:
    refused = books.post("/v1/journal-entries?validate_only=true", rent() | {"date": "soon"})

    assert (refused.status, refused.fields) == (400, ["date"])


def test_any_other_value_is_refused(books: Caller) -> None:
    refused = books.post("/v1/journal-entries?validate_only=yes", rent())

    assert (refused.status, refused.fields) == (400, ["validate_only"])
    assert books.get("/v1/journal-entries").body["meta"]["total"] == 0


def test_it_is_for_writes(books: Caller) -> None:
    refused = books.get("/v1/accounts/acc_1000?validate_only=true")

    assert (refused.status, refused.fields) == (400, ["validate_only"])
