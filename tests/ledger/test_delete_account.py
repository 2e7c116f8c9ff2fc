"""delete_account: DELETE /v1/accounts/{id}."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.conftest import rent
from tests.breaking import contents
from tests.conftest import Caller

PATH = "/v1/accounts/acc_6100"


def test_an_unused_account_goes(books: Caller) -> None:
    assert books.delete(PATH).status == 204

    assert books.get(PATH).status == 404
    assert [row["code"] for row in books.get("/v1/accounts").body["data"]] == ["1000", "4000"]


def test_its_code_is_free_again(books: Caller) -> None:
    books.delete(PATH)

    account = {"code": "6100", "name": "Rent", "type": "expense", "subtype": "operating_expense"}
    assert books.post("/v1/accounts", account).status == 201


def _posting(books: Caller) -> None:
    books.post("/v1/journal-entries", rent())


def _draft(books: Caller) -> None:
    books.post("/v1/journal-entries", rent(status="draft"))


def _child(books: Caller) -> None:
    body = {"code": "6110", "name": "Shop", "type": "expense", "subtype": "operating_expense", "parent_id": "acc_6100"}
    books.post("/v1/accounts", body)


@pytest.mark.parametrize(("use", "named"), [(_posting, "journal lines"), (_draft, "draft lines"), (_child, "accounts")])
def test_an_account_that_is_used_stays(books: Caller, use: Callable[[Caller], None], named: str) -> None:
    use(books)
    before = contents(books)

    refused = books.delete(PATH)

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "account_in_use")
    assert refused.error["message"] == f"Account 6100 is used by {named}; deactivate it instead."
    assert contents(books) == before


def test_a_viewer_may_not(books: Caller, acme_viewer: Caller) -> None:
    before = contents(books)

    assert acme_viewer.delete(PATH).status == 403
    assert contents(books) == before
