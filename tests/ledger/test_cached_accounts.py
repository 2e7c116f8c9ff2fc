"""A process remembers accounts; what another process does to them counts from the next entry on (ADR 52)."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.db import transaction

from bigledger.postgres.statement import Statement
from bigledger.tenants.context import tenant_context
from ledger.models import Account, JournalEntry
from ledger.services import references
from ledger.services.posting import NewEntry, NewLine, post_journal_entry
from tests.api.conftest import open_chart, rent
from tests.committed import behind_its_back, number_all, tenant  # noqa: F401 - a fixture
from tests.conftest import Answer, Caller, Cast


@pytest.fixture
def caller(tenant: Caller) -> Caller:  # noqa: F811
    """Committed books, whose cash and rent this process remembers."""
    open_chart(tenant)
    assert tenant.post("/v1/journal-entries", rent()).status == 201
    return tenant


def change_cash(caller: Caller, assignment: str) -> None:
    statement = f"UPDATE ledger_account SET {assignment} WHERE tenant_id = %s AND code = '1000'"
    assert behind_its_back(statement, caller.tenant.id) == 1


def entries(caller: Caller) -> int:
    with tenant_context(caller.tenant):
        return JournalEntry.objects.count()


def account_names(posted: Answer) -> list[str]:
    return [line["account"]["name"] for line in posted.body["lines"]]


def test_the_new_name_is_in_the_entry_and_in_its_event(caller: Caller) -> None:
    change_cash(caller, "name = 'Cash at hand'")

    posted = caller.post("/v1/journal-entries", rent())

    assert posted.status == 201
    assert account_names(posted) == ["Rent Expense", "Cash at hand"]
    number_all()
    [*_, event] = caller.get("/v1/events?after=0&type=journal_entry.posted").body["data"]
    assert [line["account"]["name"] for line in event["data"]["journal_entry"]["lines"]] == account_names(posted)


def test_an_account_that_was_closed_takes_nothing_more_and_a_reopened_one_does(caller: Caller) -> None:
    before = entries(caller)
    change_cash(caller, "is_active = false")

    refused = caller.post("/v1/journal-entries", rent())

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "account_inactive")
    assert entries(caller) == before
    # Now it is remembered as closed, which refuses nothing by itself.
    change_cash(caller, "is_active = true")
    assert caller.post("/v1/journal-entries", rent()).status == 201
    assert entries(caller) == before + 1


def test_a_code_that_passed_to_another_account_means_that_one(caller: Caller) -> None:
    change_cash(caller, "code = '1009'")
    new = caller.post("/v1/accounts", {"code": "1000", "name": "Bank", "type": "asset", "subtype": "current_asset"})

    posted = caller.post("/v1/journal-entries", rent())

    assert account_names(posted) == ["Rent Expense", "Bank"]
    assert posted.body["lines"][1]["account"]["id"] == new.body["id"]
    assert caller.get("/v1/accounts/acc_1000").body["balance"] == Decimal("-5000.00")
    assert caller.get("/v1/accounts/acc_1009").body["balance"] == Decimal("-5000.00")


def test_an_account_that_is_gone_is_not_found(caller: Caller) -> None:
    unused = {"date": "2024-01-15", "lines": [{"account_id": "acc_4000", "credit": 1}, {"account_id": "acc_1000"}]}
    assert caller.post("/v1/journal-entries", unused).status == 400  # and yet acc_4000 is remembered
    before = entries(caller)
    assert behind_its_back("DELETE FROM ledger_account WHERE tenant_id = %s AND code = '4000'", caller.tenant.id) == 1

    sale = {"lines": [{"account_id": "acc_1000", "debit": 1}, {"account_id": "acc_4000", "credit": 1}]}
    refused = caller.post("/v1/journal-entries", rent(**sale))

    assert (refused.status, refused.fields) == (404, ["lines[1].account_id"])
    assert entries(caller) == before


def test_rows_of_a_rolled_back_transaction_are_not_trusted(caller: Caller) -> None:
    entry = NewEntry(
        date=caller.tenant.today(),
        lines=[NewLine("acc_6100", debit=Decimal(1)), NewLine("acc_1000", credit=Decimal(1))],
    )
    with tenant_context(caller.tenant):
        Account.objects.filter(code="1000").update(name="Never so")
        said = post_journal_entry(entry=entry, acting=caller.principal)
        transaction.set_rollback(True)
    assert said.lines[1].account.name == "Never so"

    assert account_names(caller.post("/v1/journal-entries", rent())) == ["Rent Expense", "Cash"]


def test_in_a_batch_one_changed_account_makes_all_be_looked_up_again(caller: Caller) -> None:
    change_cash(caller, "name = 'Till'")
    operations = [{"operation": "create", "data": json.loads(json.dumps(rent(), default=float))}] * 3

    answer = caller.post("/v1/journal-entries/bulk", {"operations": operations})

    assert answer.status == 200
    assert [r["data"]["lines"][1]["account"]["name"] for r in answer.body["results"]] == ["Till"] * 3


def test_one_account_remembered_by_code_and_by_id_is_shown_as_it_is_now(caller: Caller) -> None:
    first = caller.post("/v1/journal-entries", rent())
    change_cash(caller, "name = 'Till'")
    by_id = {"account_id": first.body["lines"][1]["account"]["id"], "credit": 5}
    assert caller.post("/v1/journal-entries", rent("5.00", lines=[rent("5.00")["lines"][0], by_id])).status == 201

    # The id is remembered as it is now, the code as it was.
    lines = [{"account_id": "acc_1000", "debit": 7}, by_id, {"account_id": "acc_6100", "credit": 2}]
    assert account_names(caller.post("/v1/journal-entries", rent(lines=lines)))[:2] == ["Till", "Till"]


def test_what_is_remembered_is_not_asked_for(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Statement] = []
    real = references.call
    monkeypatch.setattr(references, "call", lambda sql, *told: asked.append(sql) or real(sql, *told))

    assert caller.post("/v1/journal-entries", rent()).status == 201
    assert asked == []

    change_cash(caller, "name = 'Till'")
    assert caller.post("/v1/journal-entries", rent()).status == 201
    assert [statement.numbered for statement in asked] == ["SELECT ledger_resolve($1)"]


def test_another_tenants_account_is_never_meant(caller: Caller, cast: Cast) -> None:
    """The remembered accounts are this tenant's: an id of theirs is not found elsewhere, remembered or not."""
    mine = caller.post("/v1/journal-entries", rent()).body["lines"][1]["account"]["id"]
    lines = [{"account_id": mine, "debit": 1}, {"account_id": "acc_6100", "credit": 1}]

    assert cast.globex.post("/v1/journal-entries", rent(lines=lines)).status == 404
    assert caller.post("/v1/journal-entries", rent(lines=lines)).status == 201
    assert cast.globex.post("/v1/journal-entries", rent(lines=lines)).status == 404
