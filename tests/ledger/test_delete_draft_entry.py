"""delete_draft_entry: DELETE /v1/journal-entries/{id}."""

from __future__ import annotations

from decimal import Decimal

from tests.api.conftest import rent
from tests.breaking import contents
from tests.conftest import Caller

ENTRIES = "/v1/journal-entries"


def test_a_draft_goes_with_its_lines(books: Caller) -> None:
    draft = books.post(ENTRIES, rent(status="draft", reference="rent")).body

    assert books.delete(f"{ENTRIES}/{draft['id']}").status == 204

    assert books.get(f"{ENTRIES}/{draft['id']}").status == 404
    assert books.get(ENTRIES).body["meta"]["total"] == 0
    assert books.delete("/v1/accounts/acc_6100").status == 204, "no line of the draft is left on the account"


def test_its_reference_is_free_again(books: Caller) -> None:
    draft = books.post(ENTRIES, rent(status="draft", reference="rent")).body
    books.delete(f"{ENTRIES}/{draft['id']}")

    assert books.post(ENTRIES, rent(reference="rent")).body["number"] == "rent"


def test_what_is_posted_is_not_deleted(books: Caller) -> None:
    entry = books.post(ENTRIES, rent("5000.00")).body
    before = contents(books)

    refused = books.delete(f"{ENTRIES}/{entry['id']}")

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "entry_posted")
    assert contents(books) == before
    assert books.get("/v1/accounts/acc_6100").body["balance"] == Decimal("5000.00")


def test_a_viewer_may_not(books: Caller, acme_viewer: Caller) -> None:
    draft = books.post(ENTRIES, rent(status="draft")).body
    before = contents(books)

    assert acme_viewer.delete(f"{ENTRIES}/{draft['id']}").status == 403
    assert contents(books) == before
