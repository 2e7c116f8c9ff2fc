"""reverse_journal_entry: POST /v1/journal-entries/{id}/reverse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.api.conftest import rent
from tests.breaking import contents
from tests.conftest import Caller

D = Decimal
ENTRIES = "/v1/journal-entries"


def posted(books: Caller, **fields: Any) -> str:
    return f"{ENTRIES}/{books.post(ENTRIES, rent('5000.00', **fields)).body['id']}"


def balances(books: Caller) -> dict[str, Decimal]:
    return {row["code"]: row["balance"] for row in books.get("/v1/accounts").body["data"]}


def test_the_mirror_is_posted_and_the_entry_stays(books: Caller) -> None:
    path = posted(books)
    before = books.get(path).body

    reversed_ = books.post(f"{path}/reverse", {"reason": "Entered twice", "date": "2024-02-01"})

    mirror, original = reversed_.body, books.get(path).body
    assert (reversed_.status, mirror["date"], mirror["status"]) == (201, "2024-02-01", "posted")
    assert (mirror["total_debit"], mirror["total_credit"]) == (D("5000.00"), D("5000.00"))
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in mirror["lines"]] == [
        ("6100", D("0.00"), D("5000.00")), ("1000", D("5000.00"), D("0.00")),
    ]  # fmt: skip
    assert (mirror["reversal_of"], mirror["reversal_reason"]) == (original["id"], "Entered twice")
    assert original == before | {"reversed_by": mirror["id"]}
    assert balances(books) == {"1000": D("0.00"), "4000": D("0.00"), "6100": D("0.00")}


def test_the_mirror_can_be_reversed(books: Caller) -> None:
    mirror = books.post(f"{posted(books)}/reverse", {"reason": "Mistake"}).body

    again = books.post(f"{ENTRIES}/{mirror['id']}/reverse", {"reason": "It was right"})

    assert again.status == 201
    assert balances(books) == {"1000": D("-5000.00"), "4000": D("0.00"), "6100": D("5000.00")}


def test_a_key_reverses_it_once(books: Caller) -> None:
    path = f"{posted(books)}/reverse"

    first, again = (books.post(path, {"reason": "Mistake"}, idempotency_key="undo") for _ in range(2))

    assert (first.status, again.status, again.text) == (201, 201, first.text)
    assert balances(books)["6100"] == D("0.00")
    assert books.get(ENTRIES).body["meta"]["total"] == 2


def test_it_is_reversed_once(books: Caller) -> None:
    path = f"{posted(books)}/reverse"
    books.post(path, {"reason": "Mistake"})
    before = contents(books)

    again = books.post(path, {"reason": "Again"})

    assert (again.status, again.error["details"][0]["rule"]) == (422, "entry_already_reversed")
    assert contents(books) == before


def test_a_draft_is_not_reversed(books: Caller) -> None:
    path = f"{posted(books, status='draft')}/reverse"
    before = contents(books)

    refused = books.post(path, {"reason": "Mistake"})

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "entry_not_posted")
    assert contents(books) == before


def test_an_account_that_is_inactive_by_now_takes_no_mirror(books: Caller) -> None:
    path = f"{posted(books)}/reverse"
    books.patch("/v1/accounts/acc_6100", {"is_active": False})
    before = contents(books)

    refused = books.post(path, {"reason": "Mistake"})

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "account_inactive")
    assert contents(books) == before


@pytest.mark.parametrize(
    ("body", "field"), [({}, "reason"), ({"reason": ""}, "reason"), ({"reason": "r", "date": "soon"}, "date")]
)
def test_a_fault_is_named_and_nothing_is_posted(books: Caller, body: dict[str, Any], field: str) -> None:
    path = f"{posted(books)}/reverse"
    before = contents(books)

    refused = books.post(path, body)

    assert (refused.status, refused.fields) == (400, [field])
    assert contents(books) == before


def test_a_viewer_may_not(books: Caller, acme_viewer: Caller) -> None:
    path = f"{posted(books)}/reverse"
    before = contents(books)

    assert acme_viewer.post(path, {"reason": "Mistake"}).status == 403
    assert contents(books) == before
