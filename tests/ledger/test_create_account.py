"""POST /v1/accounts."""

from __future__ import annotations

from decimal import Decimal

from tests.conftest import Caller

PETTY_CASH = {
    "code": "1001",
    "name": "Petty Cash",
    "type": "asset",
    "subtype": "current_asset",
    "currency": "USD",
    "opening_balance": Decimal("1000.00"),
    "description": "Petty cash fund",
}


def test_the_reference_example(acme: Caller) -> None:
    created = acme.post("/api/v1/accounts", PETTY_CASH)

    assert created.status == 201
    assert created.body | {"code": "1001", "normal_balance": "debit"} == created.body
    assert '"balance":1000.00' in created.text


def test_the_opening_balance_is_posted_against_equity(acme: Caller) -> None:
    acme.post("/v1/accounts", PETTY_CASH)

    equity = acme.get("/v1/accounts/acc_3900").body

    assert (equity["name"], equity["balance"]) == ("Opening Balance Equity", Decimal("1000.00"))


def test_a_code_is_taken_once(acme: Caller) -> None:
    acme.post("/v1/accounts", PETTY_CASH)

    again = acme.post("/v1/accounts", PETTY_CASH | {"opening_balance": Decimal("7.00")})

    assert (again.status, again.error["code"], again.fields) == (409, "CONFLICT", ["code"])
    assert acme.get("/v1/accounts/acc_3900").body["balance"] == Decimal("1000.00")


def test_a_viewer_may_not(acme_viewer: Caller) -> None:
    refused = acme_viewer.post("/v1/accounts", PETTY_CASH)

    assert (refused.status, refused.error["code"]) == (403, "PERMISSION_DENIED")
    assert acme_viewer.get("/v1/accounts").body["meta"]["total"] == 0
