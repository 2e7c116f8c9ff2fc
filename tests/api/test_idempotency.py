"""`Idempotency-Key`: a write that is sent twice is performed once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from bigledger.api.models import IdempotencyKey
from bigledger.api.tasks import prune_idempotency_keys
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller, make_tenant

CASH = {"code": "1000", "name": "Cash", "type": "asset", "subtype": "current_asset"}
RENT = {"code": "6100", "name": "Rent", "type": "expense", "subtype": "operating_expense"}
ENTRY = {
    "date": "2024-01-15",
    "lines": [{"account_id": "acc_6100", "debit": Decimal("5000.00")}, {"account_id": "acc_1000", "credit": 5000}],
}


def test_the_first_answer_is_replayed(acme: Caller) -> None:
    first = acme.post("/v1/accounts", CASH, idempotency_key="k-1")
    second = acme.post("/api/v1/accounts", CASH, idempotency_key="k-1")

    assert (first.status, second.status) == (201, 201)
    assert second.text == first.text
    assert second.response["ETag"] == first.response["ETag"]
    assert "Idempotent-Replayed" not in first.response
    assert second.response["Idempotent-Replayed"] == "true"
    assert acme.get("/v1/accounts").body["meta"]["total"] == 1


def test_a_failure_of_the_callers_is_replayed_too(acme: Caller) -> None:
    first = acme.post("/v1/accounts", CASH | {"type": "nonsense"}, idempotency_key="k-2")
    second = acme.post("/v1/accounts", CASH | {"type": "nonsense"}, idempotency_key="k-2")

    assert (first.status, second.status) == (400, 400)
    assert second.text == first.text
    assert second.response["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("path", "body"), [("/v1/accounts", RENT), ("/v1/journal-entries", CASH), ("/v1/accounts?expand=parent", CASH)]
)
def test_a_key_with_another_request_is_a_conflict(acme: Caller, path: str, body: dict[str, Any]) -> None:
    acme.post("/v1/accounts", CASH, idempotency_key="k-3")

    other = acme.post(path, body, idempotency_key="k-3")

    assert (other.status, other.error["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert acme.get("/v1/accounts").body["meta"]["total"] == 1


def test_keys_of_two_tenants_do_not_meet(acme: Caller, globex: Caller) -> None:
    acme.post("/v1/accounts", CASH, idempotency_key="k-4")

    theirs = globex.post("/v1/accounts", CASH, idempotency_key="k-4")

    assert theirs.status == 201
    assert "Idempotent-Replayed" not in theirs.response


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "schlüssel"])
def test_a_key_must_be_printable_and_short(acme: Caller, key: str) -> None:
    refused = acme.post("/v1/accounts", CASH, idempotency_key=key)

    assert (refused.status, refused.fields) == (400, ["Idempotency-Key"])
    assert acme.get("/v1/accounts").body["meta"]["total"] == 0


def test_a_failed_write_leaves_nothing_but_its_answer(acme: Caller) -> None:
    acme.post("/v1/accounts", CASH)
    refused = acme.post("/v1/accounts", CASH | {"opening_balance": 5}, idempotency_key="k-5")

    assert refused.status == 409
    assert acme.get("/v1/accounts").body["meta"]["total"] == 1


def test_a_server_error_is_not_remembered(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("disk on fire")

    with monkeypatch.context() as patch:
        patch.setattr("ledger.views.accounts.create_account", broken)
        assert acme.post("/v1/accounts", CASH, idempotency_key="k-6").status == 500

    assert acme.post("/v1/accounts", CASH, idempotency_key="k-6").status == 201


def test_a_key_is_free_again_after_a_day(acme: Caller) -> None:
    acme.post("/v1/accounts", CASH, idempotency_key="k-7")
    with tenant_context(acme.tenant):
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))

    again = acme.post("/v1/accounts", RENT, idempotency_key="k-7")

    assert (again.status, again.body["code"]) == (201, "6100")


def test_the_sweep_deletes_keys_older_than_a_day(committed: None) -> None:
    swept = make_tenant("Swept")
    swept.post("/v1/accounts", CASH, idempotency_key="old")
    with tenant_context(swept.tenant):
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    swept.post("/v1/accounts", RENT, idempotency_key="new")

    prune_idempotency_keys()

    with tenant_context(swept.tenant):
        assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]


def test_of_64_twins_at_once_one_works_and_all_get_its_answer(committed: None) -> None:
    twins = make_tenant("Twins")
    twins.post("/v1/accounts", CASH)
    twins.post("/v1/accounts", RENT)

    def send(_: int) -> tuple[int, str, str]:
        try:
            answer = twins.post("/v1/journal-entries", ENTRY, idempotency_key="twin")
            return answer.status, answer.text, answer.response.get("Idempotent-Replayed", "false")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(send, range(64)))

    assert {status for status, _, _ in answers} == {201}
    assert len({text for _, text, _ in answers}) == 1
    assert sorted(replayed for _, _, replayed in answers) == ["false"] + ["true"] * 63
    assert twins.get("/v1/journal-entries").body["meta"]["total"] == 1
