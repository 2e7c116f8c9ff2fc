"""update_draft_entry: PATCH /v1/journal-entries/{id}."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.api.conftest import rent
from tests.breaking import contents
from tests.conftest import Caller

D = Decimal
RENT, CASH = {"account_id": "acc_6100"}, {"account_id": "acc_1000"}


@pytest.fixture
def path(books: Caller) -> str:
    """The address of a draft."""
    return f"/v1/journal-entries/{books.post('/v1/journal-entries', rent('5000.00', status='draft')).body['id']}"


def test_the_given_fields_change_and_the_number_stays(books: Caller, path: str) -> None:
    before = books.get(path).body

    changed = books.patch(path, {"description": "Rent of January", "date": "2025-01-31", "reference": "rent"})

    given = {"description": "Rent of January", "date": "2025-01-31", "reference": "rent"}
    assert changed.status == 200
    assert changed.body == before | given | {"updated_at": changed.body["updated_at"]}
    assert books.get(path).body == changed.body


def test_lines_are_replaced_as_a_whole(books: Caller, path: str) -> None:
    lines = [RENT | {"debit": D("3.00")}, RENT | {"debit": D("4.50")}, CASH | {"credit": D("7.00")}]

    changed = books.patch(path, {"lines": lines}).body

    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in changed["lines"]] == [
        ("6100", D("3.00"), D("0.00")), ("6100", D("4.50"), D("0.00")), ("1000", D("0.00"), D("7.00")),
    ]  # fmt: skip
    assert (changed["total_debit"], changed["total_credit"], changed["is_balanced"]) == (D("7.50"), D("7.00"), False)


def test_the_same_content_is_no_change(books: Caller, path: str) -> None:
    before = contents(books)

    same = books.patch(path, {"lines": rent("5000.00")["lines"], "description": ""})

    assert (same.status, contents(books)) == (200, before)


def test_a_key_changes_it_once(books: Caller, path: str) -> None:
    first = books.patch(path, {"description": "One"}, idempotency_key="change")
    books.patch(path, {"description": "Two"})

    again = books.patch(path, {"description": "One"}, idempotency_key="change")

    assert (again.status, again.text) == (200, first.text)
    assert books.get(path).body["description"] == "Two"


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"lines": [{"account_id": "acc_9", "debit": 5}]}, 404, "lines[0].account_id"),
        ({"attachments": ["doc_none"]}, 404, "attachments[0]"),
        ({"lines": [RENT | {"debit": D("0.001")}]}, 400, "lines[0].debit"),
        ({"date": "soon"}, 400, "date"),
        ({"status": "posted"}, 400, "status"),
    ],
)
def test_a_fault_is_named_and_nothing_changes(
    books: Caller, path: str, change: dict[str, Any], status: int, field: str
) -> None:
    before = contents(books)

    refused = books.patch(path, {"description": "Changed"} | change)

    assert (refused.status, refused.fields) == (status, [field])
    assert contents(books) == before


def test_what_is_posted_is_not_edited(books: Caller, path: str) -> None:
    books.post(f"{path}/post")
    before = contents(books)

    refused = books.patch(path, {"description": "Changed"})

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "entry_posted")
    assert contents(books) == before


def test_a_viewer_may_not(books: Caller, acme_viewer: Caller, path: str) -> None:
    before = contents(books)

    assert acme_viewer.patch(path, {"description": "Changed"}).status == 403
    assert contents(books) == before
