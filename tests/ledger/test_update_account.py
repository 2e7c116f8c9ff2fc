"""update_account: PATCH /v1/accounts/{id}."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.api.conftest import rent
from tests.breaking import contents
from tests.conftest import Caller

PATH = "/v1/accounts/acc_1000"


def test_the_given_fields_change_and_no_other(books: Caller) -> None:
    books.post("/v1/journal-entries", rent("5000.00"))
    before = books.get(PATH).body

    changed = books.patch(PATH, {"name": "Till", "description": "In the shop", "is_reconcilable": True})

    given = {"name": "Till", "description": "In the shop", "is_reconcilable": True}
    assert changed.status == 200
    assert changed.body == before | given | {"updated_at": changed.body["updated_at"]}
    assert changed.body["updated_at"] > before["updated_at"]
    assert (changed.body["balance"], books.get(PATH).body) == (Decimal("-5000.00"), changed.body)


def test_a_new_code_is_the_name_from_now_on(books: Caller) -> None:
    changed = books.patch(PATH, {"code": "1099"})

    assert (changed.status, books.get(PATH).status) == (200, 404)
    assert books.get("/v1/accounts/acc_1099").body == changed.body


def test_what_changes_nothing_is_no_change(books: Caller) -> None:
    before = contents(books)

    same = books.patch(PATH, {"name": "Cash", "type": "asset"})

    assert (same.status, contents(books)) == (200, before)


def test_an_unused_account_may_be_redefined(books: Caller) -> None:
    changed = books.patch(PATH, {"type": "expense", "subtype": "other_expense", "currency": "EUR"})

    assert (changed.status, changed.body["type"], changed.body["currency"]) == (200, "expense", "EUR")


def test_an_inactive_account_keeps_its_balance_and_takes_no_posting(books: Caller) -> None:
    books.post("/v1/journal-entries", rent("5000.00"))
    changed = books.patch(PATH, {"is_active": False})
    before = contents(books)

    refused = books.post("/v1/journal-entries", rent("1.00"))

    assert (changed.body["is_active"], changed.body["balance"]) == (False, Decimal("-5000.00"))
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "account_inactive")
    assert contents(books) == before


def test_a_key_changes_it_once(books: Caller) -> None:
    first = books.patch(PATH, {"name": "Till"}, idempotency_key="rename")
    books.patch(PATH, {"name": "Drawer"})

    again = books.patch(PATH, {"name": "Till"}, idempotency_key="rename")

    assert (again.status, again.text) == (200, first.text)
    assert books.get(PATH).body["name"] == "Drawer"


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"currency": "EUR"}, ["currency"]),
        ({"type": "expense", "subtype": "other_expense"}, ["type", "subtype"]),
        ({"subtype": "other_asset"}, ["subtype"]),
    ],
)
def test_an_account_with_postings_is_what_it_was(books: Caller, change: dict[str, Any], fields: list[str]) -> None:
    books.post("/v1/journal-entries", rent())
    before = contents(books)

    refused = books.patch(PATH, change | {"name": "Till"})

    assert (refused.status, refused.fields) == (422, fields)
    assert {detail["rule"] for detail in refused.error["details"]} == {"account_in_use"}
    assert contents(books) == before


@pytest.mark.parametrize(
    ("change", "status", "field", "code"),
    [
        ({"code": "4000"}, 409, "code", None),
        ({"subtype": "equity"}, 400, "subtype", "not_a_choice"),
        ({"parent_id": "acc_9999"}, 404, "parent_id", "not_found"),
        ({"parent_id": "acc_1000"}, 400, "parent_id", "circular"),
        ({"parent_id": "acc_4000"}, 400, "parent_id", "wrong_kind"),
        ({"opening_balance": 5}, 400, "opening_balance", "unknown_field"),
    ],
)
def test_a_fault_is_named_and_nothing_changes(
    books: Caller, change: dict[str, Any], status: int, field: str, code: str | None
) -> None:
    before = contents(books)

    refused = books.patch(PATH, change)

    assert (refused.status, refused.fields) == (status, [field])
    assert code in (None, refused.error["details"][0]["code"])
    assert contents(books) == before


def test_a_viewer_may_not(books: Caller, acme_viewer: Caller) -> None:
    before = contents(books)

    assert acme_viewer.patch(PATH, {"name": "Till"}).status == 403
    assert contents(books) == before
