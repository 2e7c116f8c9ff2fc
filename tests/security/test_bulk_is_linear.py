"""A bulk request with faults costs about what one without them does: every operation is tried once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from ledger.services.posting import rules
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller
from tests.sales import LINE, Shop, shop

__all__ = ["shop"]
SALE = {"customer_id": "cust_123456", "lines": [LINE], "invoice_date": "2024-01-15"}
ENTRIES, INVOICES = "/v1/journal-entries/bulk", "/v1/invoices/bulk"


class Statements:
    """How many statements went to the database, savepoints included."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._watch(monkeypatch, psycopg.Cursor, "execute")
        for name in ("_executed", "_send") if settings.FAST_PATH else ():
            self._watch(monkeypatch, type(connections["default"]), name)

    def _watch(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def counted(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            return original(*arguments, **options)

        monkeypatch.setattr(owner, name, counted)

    @contextmanager
    def counted(self) -> Iterator[list[int]]:
        before, found = self.count, [0]
        yield found
        found[0] = self.count - before


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Statements:
    return Statements(monkeypatch)


def body(kind: str, *data: dict[str, Any], goes_on: bool = True) -> dict[str, Any]:
    operations = [{"operation": kind, "data": one} for one in data]
    return {"operations": operations, "options": {"continue_on_error": goes_on}}


def unbalanced() -> dict[str, Any]:
    return rent() | {"lines": [{"account_id": "acc_1000", "debit": 5}, {"account_id": "acc_6100", "credit": 7}]}


def nowhere() -> dict[str, Any]:
    return rent() | {"lines": [{"account_id": "acc_9", "debit": 5}, {"account_id": "acc_1000", "credit": 5}]}


def test_invoices_that_fail_cost_no_more_than_those_that_are_made(shop: Shop, statements: Statements) -> None:
    shop.customer(number="b", status="blocked")
    good, bad = SALE, {**SALE, "customer_id": "cust_b"}
    shop.post(INVOICES, **body("create", good))
    costs = {}
    for faults in (0, 10, 20):
        mixed = [one for n in range(20) for one in ([good, bad] if n < faults else [good])]
        with statements.counted() as found:
            done = shop.post(INVOICES, **body("create", *mixed))
        assert (done["summary"]["succeeded"], done["summary"]["failed"]) == (20, faults)
        costs[faults] = found[0]

    assert costs[10] - costs[0] <= costs[0] / 2
    assert costs[20] - costs[10] == costs[10] - costs[0]


def test_numbers_events_and_results_are_those_of_the_good_ones(shop: Shop) -> None:
    shop.done(shop.caller.patch("/v1/sales-settings", {"number_drafts": True}))
    shop.customer(number="b", status="blocked")
    bad = {**SALE, "customer_id": "cust_b"}

    done = shop.post(INVOICES, **body("create", bad, SALE, bad, SALE, SALE, bad))

    assert [(r["index"], r["status"]) for r in done["results"]] == [
        (0, 422), (1, 201), (2, 422), (3, 201), (4, 201), (5, 422)
    ]  # fmt: skip
    numbers = [r["data"]["number"] for r in done["results"] if "data" in r]
    assert numbers == ["INV-2024-001", "INV-2024-002", "INV-2024-003"]
    with tenant_context(shop.caller.tenant):
        rows = fetch_all(
            "SELECT data::jsonb -> 'invoice' ->> 'number' FROM events_pending"
            " WHERE type = 'invoice.created' AND tenant_id = app_tenant()"
        )
    assert sorted(number for (number,) in rows) == numbers
    assert shop.invoice(invoice_date="2024-01-15")["number"] == "INV-2024-004"


def test_a_dry_run_shows_the_good_ones_alone(shop: Shop) -> None:
    shop.customer(number="b", status="blocked")
    steps = body("create", SALE, {**SALE, "customer_id": "cust_b"}, SALE)
    steps["options"]["validate_only"] = True

    shown = shop.post(INVOICES, **steps)

    assert [event["type"] for event in shown["events"]] == ["invoice.created"] * 2
    assert shop.read("/v1/invoices")["meta"]["total"] == 0


def test_all_or_nothing_names_every_fault(shop: Shop) -> None:
    shop.done(shop.caller.patch("/v1/sales-settings", {"number_drafts": True}))
    shop.customer(number="b", status="blocked")
    bad = {**SALE, "customer_id": "cust_b"}

    refused = shop.caller.post(INVOICES, body("create", bad, SALE, bad, goes_on=False))

    assert refused.status == 422
    assert refused.fields == ["operations[0].data.customer_id", "operations[2].data.customer_id"]
    assert shop.read("/v1/invoices")["meta"]["total"] == 0
    assert shop.invoice(invoice_date="2024-01-15")["number"] == "INV-2024-001"


def test_all_or_nothing_lists_a_hundred_faults(shop: Shop) -> None:
    shop.customer(number="b", status="blocked")

    refused = shop.caller.post(INVOICES, body("create", *[{**SALE, "customer_id": "cust_b"}] * 130, goes_on=False))

    assert (len(refused.error["details"]), refused.error["details_omitted"]) == (100, 30)


def test_entries_that_fail_cost_nothing(acme: Caller, statements: Statements) -> None:
    open_chart(acme)
    acme.post(ENTRIES, body("create", rent()))
    costs = []
    for faults in (0, 20, 200):
        bad = [unbalanced() if n % 2 else nowhere() for n in range(faults)]
        with statements.counted() as found:
            done = acme.post(ENTRIES, body("create", rent(), *bad, rent())).body
        assert done["summary"] == {"total": faults + 2, "succeeded": 2, "failed": faults}
        costs.append(found[0])

    assert costs[2] == costs[1] <= costs[0] + 2  # the accounts are looked up once more


def test_an_entry_refused_only_by_the_database_is_found_one_by_one(
    acme: Caller, statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here an entry that does not balance, which Python lets pass."""
    open_chart(acme)
    monkeypatch.setattr(rules, "_check_lines", lambda *_, **__: [])
    costs = []
    for faults in (1, 20):
        with statements.counted() as found:
            done = acme.post(ENTRIES, body("create", *[rent("1.00")] * 20, *[unbalanced()] * faults)).body
        assert [r["status"] for r in done["results"]] == [201] * 20 + [409] * faults
        costs.append(found[0])

    assert costs[1] < costs[0] * 2
    assert acme.get("/v1/accounts/acc_6100").body["balance"] == Decimal("40.00")


def test_a_refused_batch_takes_no_numbers(acme: Caller) -> None:
    open_chart(acme)
    assert acme.post(ENTRIES, body("create", *[rent()] * 5, unbalanced(), goes_on=False)).status == 400

    assert acme.post("/v1/journal-entries", rent()).body["number"] == "JE-2024-001"
