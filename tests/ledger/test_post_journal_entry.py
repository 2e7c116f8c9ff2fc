"""post_journal_entry and post_journal_entries: POST /v1/journal-entries, all of what a call is given or none."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from bigledger.errors import ApiError
from bigledger.tenants.context import tenant_context
from ledger.services.posting import NewEntry, NewLine, post_journal_entries, post_journal_entry
from tests.api.conftest import rent
from tests.breaking import contents
from tests.conftest import Caller

D = Decimal
PATH = "/v1/journal-entries"
DAY = datetime.date(2024, 1, 15)


def balances(books: Caller) -> dict[str, Decimal]:
    return {row["code"]: row["balance"] for row in books.get("/v1/accounts").body["data"]}


def test_it_is_in_the_books(books: Caller) -> None:
    posted = books.post(PATH, rent("5000.00", reference="JE-7", description="Rent of January"))

    entry = posted.body
    assert (posted.status, entry["status"], entry["number"], entry["is_balanced"]) == (201, "posted", "JE-7", True)
    assert (entry["total_debit"], entry["total_credit"], entry["currency"]) == (D("5000.00"), D("5000.00"), "USD")
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in entry["lines"]] == [
        ("6100", D("5000.00"), D("0.00")), ("1000", D("0.00"), D("5000.00")),
    ]  # fmt: skip
    assert balances(books) == {"1000": D("-5000.00"), "4000": D("0.00"), "6100": D("5000.00")}
    assert books.get(f"{PATH}/je_JE-7").body == entry


def test_entries_without_a_reference_are_numbered_in_turn(books: Caller) -> None:
    assert [books.post(PATH, rent()).body["number"] for _ in range(3)] == [
        "JE-2024-001", "JE-2024-002", "JE-2024-003",
    ]  # fmt: skip


def test_a_key_posts_it_once(books: Caller) -> None:
    first, again = (books.post(PATH, rent("5000.00"), idempotency_key="rent") for _ in range(2))

    assert (first.status, again.status, again.text) == (201, 201, first.text)
    assert again.response["Idempotent-Replayed"] == "true"
    assert balances(books)["6100"] == D("5000.00")
    assert books.get(PATH).body["meta"]["total"] == 1


def _lines(*lines: dict[str, Any]) -> dict[str, Any]:
    return rent() | {"lines": list(lines)}


RENT, CASH = {"account_id": "acc_6100"}, {"account_id": "acc_1000"}


@pytest.mark.parametrize(
    ("body", "status", "faults"),
    [
        (_lines(RENT | {"debit": 5}, CASH | {"credit": 7}), 400, [("lines", "unbalanced")]),
        (_lines(RENT | {"debit": 5}), 400, [("lines", "too_few")]),
        (_lines(RENT | {"debit": 5, "credit": 5}, CASH | {"credit": 5}), 400, [("lines[0]", "incompatible")]),
        (_lines(RENT, CASH | {"credit": 5}), 400, [("lines[0]", "required")]),
        (
            _lines({"account_id": "acc_9", "debit": 5}, CASH | {"credit": 5}),
            404,
            [("lines[0].account_id", "not_found")],
        ),
        (rent(attachments=["doc_none"]), 404, [("attachments[0]", "not_found")]),
        (rent(date="2024-02-30"), 400, [("date", "not_a_date")]),
    ],
)
def test_it_is_refused_and_nothing_is_posted(
    books: Caller, body: dict[str, Any], status: int, faults: list[tuple[str, str]]
) -> None:
    before = contents(books)

    refused = books.post(PATH, body)

    assert refused.status == status
    found = [(detail["field"], detail["code"]) for detail in refused.error["details"]]
    assert set(faults) <= set(found)
    assert contents(books) == before


def test_lines_in_two_currencies_need_a_rate(books: Caller) -> None:
    euro = {"code": "1010", "name": "Euros", "type": "asset", "subtype": "current_asset", "currency": "EUR"}
    books.post("/v1/accounts", euro)
    before = contents(books)

    refused = books.post(PATH, _lines({"account_id": "acc_1010", "debit": 5}, CASH | {"credit": 5}))

    assert (refused.status, refused.fields) == (422, ["lines[0].exchange_rate"])
    assert refused.error["details"][0]["rule"] == "rate_missing"
    assert contents(books) == before


def test_an_inactive_account_takes_no_line(books: Caller) -> None:
    books.patch("/v1/accounts/acc_6100", {"is_active": False})
    before = contents(books)

    refused = books.post(PATH, rent())

    assert (refused.status, refused.fields) == (422, ["lines[0].account_id"])
    assert refused.error["details"][0]["rule"] == "account_inactive"
    assert contents(books) == before


def test_a_viewer_may_not(books: Caller, acme_viewer: Caller) -> None:
    before = contents(books)

    assert acme_viewer.post(PATH, rent()).status == 403
    assert contents(books) == before


def entry(debit: str, credit: str | None = None) -> NewEntry:
    return NewEntry(DAY, [NewLine("acc_6100", debit=D(debit)), NewLine("acc_1000", credit=D(credit or debit))])


def test_the_service_posts_one(books: Caller) -> None:
    with tenant_context(books.tenant):
        body = post_journal_entry(entry=entry("12.34"), acting=books.principal)

    assert (body.total_debit, body.status) == (D("12.34"), "posted")
    assert balances(books)["6100"] == D("12.34")


def test_the_service_posts_many_at_once(books: Caller) -> None:
    with tenant_context(books.tenant):
        bodies = post_journal_entries(entries=[entry("1.00"), entry("0.50")], acting=books.principal)

    assert [body.number for body in bodies] == ["JE-2024-001", "JE-2024-002"]
    assert balances(books) == {"1000": D("-1.50"), "4000": D("0.00"), "6100": D("1.50")}


def test_one_fault_keeps_all_of_a_call_from_the_books(books: Caller) -> None:
    before = contents(books)

    with tenant_context(books.tenant), pytest.raises(ApiError) as raised:
        post_journal_entries(entries=[entry("1.00"), entry("1.00", "2.00")], acting=books.principal)

    assert [(detail.field, detail.code) for detail in raised.value.details] == [("lines", "unbalanced")]
    assert contents(books) == before
