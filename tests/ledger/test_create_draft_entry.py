"""create_draft_entry: POST /v1/journal-entries with `"status": "draft"`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.api.conftest import rent
from tests.breaking import contents
from tests.conftest import Caller

D = Decimal
PATH = "/v1/journal-entries"
RENT, CASH = {"account_id": "acc_6100"}, {"account_id": "acc_1000"}


def draft(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return rent(status="draft", **fields) | ({"lines": list(lines)} if lines else {})


def test_it_has_its_figures_and_is_in_no_balance(books: Caller) -> None:
    created = books.post(PATH, draft(reference="rent"))

    entry = created.body
    assert (created.status, entry["status"], entry["number"], entry["posted_at"]) == (201, "draft", "rent", None)
    assert (entry["total_debit"], entry["total_credit"], entry["is_balanced"]) == (D("5000.00"), D("5000.00"), True)
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in entry["lines"]] == [
        ("6100", D("5000.00"), D("0.00")), ("1000", D("0.00"), D("5000.00")),
    ]  # fmt: skip
    assert books.get(f"{PATH}/{entry['id']}").body == entry
    assert {row["balance"] for row in books.get("/v1/accounts").body["data"]} == {D("0.00")}
    assert books.get("/v1/reports/trial_balance").body["rows"] == []


def test_it_need_not_balance(books: Caller) -> None:
    created = books.post(PATH, draft(RENT | {"debit": D("5.25")}, CASH | {"credit": D("7.00")}))

    assert (created.status, created.body["is_balanced"]) == (201, False)
    assert (created.body["total_debit"], created.body["total_credit"]) == (D("5.25"), D("7.00"))


def test_a_key_stores_it_once(books: Caller) -> None:
    first, again = (books.post(PATH, draft(), idempotency_key="draft") for _ in range(2))

    assert (first.status, again.text) == (201, first.text)
    assert books.get(PATH).body["meta"]["total"] == 1


@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        (draft({"account_id": "acc_9", "debit": 5}), 404, "lines[0].account_id", "not_found"),
        (draft(attachments=["doc_none"]), 404, "attachments[0]", "not_found"),
        (draft(RENT | {"debit": D("0.001")}), 400, "lines[0].debit", "too_many_digits"),
        (draft(RENT | {"debit": D(10) ** 15}), 400, "lines[0].debit", None),
        (draft(*[RENT | {"debit": D("6e14")}] * 2), 400, "lines", "too_large"),
    ],
)
def test_a_fault_is_named_and_nothing_is_stored(
    books: Caller, body: dict[str, Any], status: int, field: str, code: str | None
) -> None:
    before = contents(books)

    refused = books.post(PATH, body)

    assert (refused.status, refused.fields) == (status, [field])
    assert code in (None, refused.error["details"][0]["code"])
    assert contents(books) == before


def test_a_viewer_may_not(books: Caller, acme_viewer: Caller) -> None:
    before = contents(books)

    assert acme_viewer.post(PATH, draft()).status == 403
    assert contents(books) == before
