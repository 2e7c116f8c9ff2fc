"""post_draft_entry: POST /v1/journal-entries/{id}/post."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.api.conftest import rent
from tests.breaking import contents
from tests.conftest import Caller

D = Decimal
ENTRIES = "/v1/journal-entries"
RENT, CASH = {"account_id": "acc_6100"}, {"account_id": "acc_1000"}


def draft(books: Caller, **fields: Any) -> Any:
    return books.post(ENTRIES, rent("5000.00", status="draft") | fields).body


def test_it_is_posted_under_its_own_id_and_number(books: Caller) -> None:
    made = draft(books, description="Rent of January")

    posted = books.post(f"{ENTRIES}/{made['id']}/post")

    kept = ("id", "number", "date", "description", "total_debit", "total_credit", "created_by", "created_at")
    assert (posted.status, posted.body["status"], posted.body["is_balanced"]) == (200, "posted", True)
    assert {name: posted.body[name] for name in kept} == {name: made[name] for name in kept}
    assert posted.body["posted_at"] is not None
    assert books.get("/v1/accounts/acc_6100").body["balance"] == D("5000.00")
    assert books.get("/v1/accounts/acc_1000").body["balance"] == D("-5000.00")
    assert books.get(ENTRIES).body["meta"]["total"] == 1


def test_a_key_posts_it_once(books: Caller) -> None:
    path = f"{ENTRIES}/{draft(books)['id']}/post"

    first, again = (books.post(path, {}, idempotency_key="post") for _ in range(2))

    assert (first.status, again.status, again.text) == (200, 200, first.text)
    assert books.get("/v1/accounts/acc_6100").body["balance"] == D("5000.00")


def test_it_is_posted_once(books: Caller) -> None:
    path = f"{ENTRIES}/{draft(books)['id']}/post"
    books.post(path)
    before = contents(books)

    again = books.post(path)

    assert (again.status, again.error["details"][0]["rule"]) == (422, "entry_posted")
    assert contents(books) == before


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([RENT | {"debit": 5}, CASH | {"credit": 7}], "unbalanced"),
        ([RENT | {"debit": 5}], "too_few"),
    ],
)
def test_one_that_cannot_be_posted_stays_a_draft(books: Caller, lines: list[Any], code: str) -> None:
    path = f"{ENTRIES}/{draft(books, lines=lines)['id']}/post"
    before = contents(books)

    refused = books.post(path)

    assert (refused.status, refused.fields) == (400, ["lines"])
    assert refused.error["details"][0]["code"] == code
    assert contents(books) == before


def test_an_account_that_is_inactive_by_now_takes_no_line(books: Caller) -> None:
    path = f"{ENTRIES}/{draft(books)['id']}/post"
    books.patch("/v1/accounts/acc_6100", {"is_active": False})
    before = contents(books)

    refused = books.post(path)

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "account_inactive")
    assert contents(books) == before


def test_a_viewer_may_not(books: Caller, acme_viewer: Caller) -> None:
    path = f"{ENTRIES}/{draft(books)['id']}/post"
    before = contents(books)

    assert acme_viewer.post(path).status == 403
    assert contents(books) == before
