"""ensure_purpose_account: the account that the system itself posts to, found, adopted or made."""

from __future__ import annotations

from typing import Any

import pytest

from bigledger.tenants.context import tenant_context
from ledger.models import Account, AccountPurpose
from ledger.services.accounts import ensure_purpose_account
from tests.breaking import contents
from tests.conftest import Caller

CASH = {"code": "1000", "name": "Cash", "type": "asset", "subtype": "current_asset"}


def wanted(caller: Caller, currency: str = "USD") -> Account:
    with tenant_context(caller.tenant):
        return ensure_purpose_account(AccountPurpose.CASH_RECEIPTS, currency, acting=caller.principal)


def test_it_is_made_when_there_is_none(acme: Caller) -> None:
    account = wanted(acme)

    assert (account.code, account.name, account.type, account.currency) == ("1000", "Cash", "asset", "USD")
    assert [row["code"] for row in acme.get("/v1/accounts").body["data"]] == ["1000"]


def test_it_is_found_from_then_on_whatever_it_is_called(acme: Caller) -> None:
    account = wanted(acme)
    acme.patch("/v1/accounts/acc_1000", {"code": "1234", "name": "Till"})
    before = contents(acme)

    assert (wanted(acme).pk, contents(acme)) == (account.pk, before)


def test_the_tenants_own_is_adopted(acme: Caller) -> None:
    own = acme.post("/v1/accounts", CASH | {"name": "CASH"}).body

    assert wanted(acme).public_id == own["id"]
    assert acme.get("/v1/accounts").body["meta"]["total"] == 1


@pytest.mark.parametrize(
    "other", [{"name": "Petty Cash"}, {"type": "expense", "subtype": "other_expense"}, {"is_active": False}]
)
def test_another_account_with_its_code_is_left_alone(acme: Caller, other: dict[str, Any]) -> None:
    own = acme.post("/v1/accounts", CASH | other).body

    account = wanted(acme)

    assert (account.code, account.name) == ("1000-1", "Cash")
    assert acme.get("/v1/accounts/acc_1000").body == own


def test_each_currency_has_its_own(acme: Caller) -> None:
    dollars, euros = wanted(acme), wanted(acme, "EUR")

    assert (euros.code, euros.name, euros.currency) == ("1000-EUR", "Cash (EUR)", "EUR")
    assert dollars.pk != euros.pk
