"""Numbers without the relay: for large postings, and for a report that others' events wait for."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from bigledger.events import numbering, relay, wake
from bigledger.tenants.context import tenant_context
from ledger.services.accounts import create_account
from tests.committed import tenant
from tests.conftest import Caller

__all__ = ["tenant"]


def _operations(count: int) -> list[dict[str, Any]]:
    lines = [{"account_id": "acc_1000", "debit": 5}, {"account_id": "acc_4000", "credit": 5}]
    return [{"operation": "create", "data": {"date": "2024-03-05", "lines": lines}} for _ in range(count)]


def _waiting(tenant: Caller) -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM events_pending WHERE tenant_id = %s", [tenant.tenant.id])
        return int(cursor.fetchone()[0])


def test_a_large_posting_leaves_no_event_waiting(tenant: Caller) -> None:
    for code, type_, subtype in [("1000", "asset", "current_asset"), ("4000", "revenue", "operating_revenue")]:
        tenant.post("/v1/accounts", {"code": code, "name": code, "type": type_, "subtype": subtype})
    assert _waiting(tenant) == 2
    few, many = numbering.MANY_EVENTS - 1, numbering.MANY_EVENTS

    assert tenant.post("/v1/journal-entries/bulk", {"operations": _operations(few)}).status == 200
    assert _waiting(tenant) == 2 + few  # the relay's, which does not run here

    assert tenant.post("/v1/journal-entries/bulk", {"operations": _operations(many)}).status == 200
    assert _waiting(tenant) == 0
    assert tenant.get("/v1/audit/head").body["seq"] == 2 + few + many


def test_a_report_numbers_all_that_it_shows(tenant: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering, "_AT_ONCE", 3)
    with tenant_context(tenant.tenant):
        for code in range(1001, 1008):
            create_account(
                code=str(code), name=str(code), type="asset", subtype="current_asset", acting=tenant.principal
            )
    connections["default"].close()
    assert _waiting(tenant) == 7

    report = tenant.get("/v1/reports/trial_balance").body

    assert report["as_of_seq"] == 7
    again = tenant.get(f"/v1/reports/trial_balance?known_at={report['generated_at']}").body
    assert {**again, "generated_at": ""} == {**report, "generated_at": ""}


def test_the_relay_wakes_whoever_waits_when_another_process_has_numbered(tenant: Caller) -> None:
    stop, told = threading.Event(), threading.Event()

    def run() -> None:
        try:
            relay.run(stop, told.set)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        with connections["owner"].cursor() as cursor:
            while not told.wait(0.1):  # until it listens
                cursor.execute("SELECT pg_notify(%s, %s)", [wake.PENDING_CHANNEL, wake.NUMBERED])
    finally:
        stop.set()
        thread.join()
