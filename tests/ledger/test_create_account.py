"""create_account: POST /v1/accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.conftest import Caller

D = Decimal
PETTY_CASH = {
    "code": "1001",
    "name": "Petty Cash",
    "type": "asset",
    "subtype": "current_asset",
    "currency": "USD",
    "opening_balance": D("1000.00"),
    "description": "Petty cash fund",
}


def test_the_reference_example(acme: Caller) -> None:
    created = acme.post("/api/v1/accounts", PETTY_CASH)

    assert created.status == 201
    assert created.body | {"code": "1001", "normal_balance": "debit"} == created.body
    assert '"balance":1000.00' in created.text


@pytest.mark.parametrize(
    ("type_", "subtype", "given", "equity"),
    [
        ("asset", "current_asset", D("1000.00"), D("1000.00")),
        ("asset", "current_asset", D("-0.01"), D("-0.01")),
        ("liability", "current_liability", D("250.50"), D("-250.50")),
        ("liability", "current_liability", D("-250.50"), D("250.50")),
    ],
)
def test_the_opening_balance_is_posted_against_equity(
    acme: Caller, type_: str, subtype: str, given: Decimal, equity: Decimal
) -> None:
    body = PETTY_CASH | {"type": type_, "subtype": subtype, "opening_balance": given, "opening_date": "2024-01-01"}
    acme.post("/v1/accounts", body)

    account, against = (acme.get(f"/v1/accounts/acc_{code}").body for code in ("1001", "3900"))
    entries = acme.get("/v1/journal-entries").body["data"]

    assert (account["balance"], against["balance"]) == (given, equity)
    assert (against["name"], against["type"]) == ("Opening Balance Equity", "equity")
    assert [(entry["date"], entry["total_debit"]) for entry in entries] == [("2024-01-01", abs(given))]


def test_without_an_opening_balance_nothing_is_posted(acme: Caller) -> None:
    body = {name: value for name, value in PETTY_CASH.items() if name not in ("opening_balance", "currency")}
    created = acme.post("/v1/accounts", body)

    assert (created.body["balance"], created.body["currency"]) == (D("0.00"), "USD")
    assert acme.get("/v1/journal-entries").body["meta"]["total"] == 0
    assert acme.get("/v1/accounts").body["meta"]["total"] == 1


def test_an_account_stands_below_another(books: Caller) -> None:
    below = books.post("/v1/accounts", PETTY_CASH | {"parent_id": "acc_1000"}).body

    assert below["parent_id"] == books.get("/v1/accounts/acc_1000").body["id"]


def test_a_key_opens_it_once(acme: Caller) -> None:
    first, again = (acme.post("/v1/accounts", PETTY_CASH, idempotency_key="till") for _ in range(2))

    assert (first.status, again.status, again.text) == (201, 201, first.text)
    assert acme.get("/v1/accounts/acc_3900").body["balance"] == D("1000.00")


def test_a_code_is_taken_once(acme: Caller) -> None:
    acme.post("/v1/accounts", PETTY_CASH)
    before = contents(acme)

    again = acme.post("/v1/accounts", PETTY_CASH | {"opening_balance": D("7.00")})

    assert (again.status, again.error["code"], again.fields) == (409, "CONFLICT", ["code"])
    assert contents(acme) == before


@pytest.mark.parametrize(
    ("change", "status", "field", "code"),
    [
        ({"subtype": "equity"}, 400, "subtype", "not_a_choice"),
        ({"opening_balance": D("0.001")}, 400, "opening_balance", "too_many_digits"),
        ({"currency": "XXX"}, 400, "currency", "unknown_code"),
        ({"parent_id": "acc_9999"}, 404, "parent_id", "not_found"),
        ({"parent_id": "acc_4000"}, 400, "parent_id", "wrong_kind"),
        ({"parent_id": "acc_1000", "currency": "EUR"}, 400, "parent_id", "wrong_currency"),
    ],
)
def test_a_fault_is_named_and_nothing_is_created(
    books: Caller, change: dict[str, Any], status: int, field: str, code: str
) -> None:
    before = contents(books)

    refused = books.post("/v1/accounts", PETTY_CASH | change)

    assert (refused.status, refused.fields) == (status, [field])
    assert refused.error["details"][0]["code"] == code
    assert contents(books) == before


def test_a_viewer_may_not(acme_viewer: Caller) -> None:
    before = contents(acme_viewer)

    refused = acme_viewer.post("/v1/accounts", PETTY_CASH)

    assert (refused.status, refused.error["code"]) == (403, "PERMISSION_DENIED")
    assert contents(acme_viewer) == before
