"""Each event says through what it came, and the chain holds over events of before that was kept."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import connection

from bigledger.events import chain
from bigledger.tenants.context import tenant_context
from bigledger.tenants.jobs import for_each_tenant
from ledger.services.accounts import create_account
from tests.backoffice.test_admin import staff
from tests.backoffice.test_operations import address
from tests.committed import number_all, tenant
from tests.conftest import Caller
from tests.sales import Shop, shop

__all__ = ["shop", "tenant"]


def till(code: str) -> dict[str, Any]:
    return {"code": code, "name": "Till", "type": "asset", "subtype": "current_asset"}


def test_the_event_names_it(tenant: Caller) -> None:
    assert tenant.post("/v1/accounts", till("1001")).status == 201
    mutation = """mutation { createAccount(input: {code: "1002", name: "Till", type: ASSET, subtype: CURRENT_ASSET})
        { id } }"""
    assert "errors" not in tenant.post("/graphql", {"query": mutation}).body
    with tenant_context(tenant.tenant):
        create_account(**till("1003"), acting=tenant.principal)

    def make_one() -> int:
        create_account(**till("1004"), acting=tenant.principal)
        return 1

    for_each_tenant([tenant.tenant.id], make_one, job="test", repeat=False)
    entry = [{"account_id": "acc_1001", "debit": 5}, {"account_id": "acc_1002", "credit": 5}]
    assert tenant.post("/v1/journal-entries", {"date": "2024-01-15", "lines": entry}).status == 201
    number_all()

    events = tenant.get("/v1/events").body["data"]
    assert [event["interface"] for event in events] == ["rest", "graphql", "command", "clock", "rest"]
    assert events[-1]["type"] == "journal_entry.posted"
    found = tenant.get("/v1/events?interface=clock").body["data"]
    assert [event["data"]["account"]["code"] for event in found] == ["1004"]
    history = tenant.get("/v1/accounts/acc_1002/events").body["data"]
    assert [event["interface"] for event in history] == ["graphql"]
    assert tenant.get("/v1/events?interface=telex").fields == ["interface"]


def test_what_is_done_in_the_back_office_says_so(shop: Shop) -> None:
    invoice = shop.sent()
    page = staff(shop.caller).post(
        address("invoices", "void", invoice["id"]), {"reason": "Sent twice", "confirmed": "1"}
    )
    assert page.status_code == 302

    shop.events()  # numbers them
    history = shop.read(f"/v1/invoices/{invoice['id']}/events")["data"]
    assert {event["type"]: event["interface"] for event in history} == {
        "invoice.created": "rest", "invoice.sent": "rest", "invoice.voided": "admin",
    }  # fmt: skip


def test_an_event_of_before_has_none_and_the_chain_holds(tenant: Caller) -> None:
    """As a writer of the release before inserts it, which does not know the column."""
    with tenant_context(tenant.tenant), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_pending (id, type, object_id, data, api_version, actor, request_id)"
            " VALUES (%s, 'account.created', %s, '{\"account\":{}}', '2024-01-01', 'user_x', '')",
            [uuid.uuid4(), uuid.uuid4()],
        )
    assert tenant.post("/v1/accounts", till("1001")).status == 201
    number_all()

    assert [event["interface"] for event in tenant.get("/v1/events").body["data"]] == [None, "rest"]
    with tenant_context(tenant.tenant):
        assert chain.first_fault() is None
