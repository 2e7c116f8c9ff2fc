"""A credential that one member made for another names both in every event that comes of it."""

from __future__ import annotations

import pytest

from bigledger.access.models import Role
from tests.conftest import Caller, number_events
from tests.security.people import bearer, member, signed

ACCOUNT = {"code": "1000", "name": "Cash", "type": "asset", "subtype": "current_asset"}
RENT = ACCOUNT | {"code": "6100", "name": "Rent", "type": "expense", "subtype": "operating_expense"}
ENTRY = {
    "date": "2024-01-15",
    "lines": [{"account_id": "acc_6100", "debit": 50}, {"account_id": "acc_1000", "credit": 50}],
}


@pytest.mark.parametrize("kind", ["key", "secret"])
def test_both_are_named(acme: Caller, kind: str) -> None:
    accountant = member(acme, "books@acme.example", Role.ACCOUNTANT).user
    body = {"user_id": accountant.public_id, "scopes": ["read", "write"]}
    if kind == "key":
        made = acme.post("/v1/api-keys", body | {"name": "x"}).body
        credential = made["key"]
    else:
        made = acme.post("/v1/signing-secrets", body).body
        credential = signed(made["secret"], accountant.public_id)
    assert (made["user_id"], made["created_by"]) == (accountant.public_id, acme.principal.user_public_id)

    for path, what in (("accounts", ACCOUNT), ("accounts", RENT), ("journal-entries", ENTRY)):
        assert acme.post(f"/v1/{path}", what, **bearer(credential)).status == 201

    number_events(acme)
    events = [e for e in acme.get("/v1/events?limit=100").body["data"] if e["type"] != f"{kind}.created"]
    mine = [e for e in events if e["type"].startswith(("account.", "journal_entry."))]
    assert len(mine) >= 3
    assert {(e["actor"], e["made_by"]) for e in mine} == {(accountant.public_id, acme.principal.user_public_id)}


def test_who_acts_for_themselves_is_named_alone(acme: Caller) -> None:
    acme.post("/v1/accounts", ACCOUNT)
    number_events(acme)

    event = acme.get("/v1/events").body["data"][-1]
    assert (event["actor"], "made_by" in event) == (acme.principal.user_public_id, False)
