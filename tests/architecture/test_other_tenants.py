"""Two tenants: every endpoint of the URL conf, every method, with the other tenant's ids.

The answer is the one for an id that does not exist, and nothing changes. An endpoint that is added is
walked by itself; one that takes ids of a new kind has to say in `theirs` how the other tenant gets one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections

from bigledger import ids
from bigledger.tenants.context import tenant_context
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller
from tests.everything import one_of_everything
from tests.ledger.test_database_refusals import connect
from tests.world import OPERATIONS

# The `pk` of a report is its type, the same for all tenants.
NO_IDS = {"reports"}
# What an action needs in its body, so that the look-up is all that can fail.
BODIES: dict[str, dict[str, Any]] = {
    "reverse": {"reason": "mistake"},
    "reopen": {"reason": "mistake"},
    "stop": {"reason": "mistake"},
    "replay": {"from_seq": 1},
    "void": {"reason": "mistake"},
    "write_off": {"kind": "bad_debt", "reason": "mistake"},
    "apply": {"invoice_id": "inv_none"},
    "unapply": {"invoice_id": "inv_none"},
}
TENANT_TABLES = """
SELECT c.relname FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
ORDER BY c.relname
"""


def endpoints() -> Iterator[tuple[str, str, str, str]]:
    """(route, method, resource, action) of every route of the API."""
    for operation in OPERATIONS:
        yield operation.route, operation.method, operation.view.resource, operation.action


WITH_ID = [e for e in endpoints() if "{" in e[0] and e[2] not in NO_IDS]
LISTS = [e for e in endpoints() if "{" not in e[0] and e[3] == "list"]


@pytest.fixture
def theirs(globex: Caller) -> dict[str, str]:
    return one_of_everything(globex)


def _books(*callers: Caller) -> list[tuple[str, str]]:
    """Every row that each of these tenants has. Keys note when they were last used, so they stand apart."""
    found = []
    for caller in callers:
        with tenant_context(caller.tenant), connection.cursor() as cursor:
            cursor.execute(TENANT_TABLES)
            for (table,) in cursor.fetchall():
                if table != "access_apikey":
                    cursor.execute(f"SELECT string_agg(t::text, ',' ORDER BY t::text) FROM {table} t")
                    found.append((table, cursor.fetchone()[0]))
    return found


def test_the_walk_finds_the_endpoints() -> None:
    assert {(route, method) for route, method, *_ in WITH_ID} >= {
        ("accounts/{pk}", "GET"),
        ("accounts/{pk}", "PATCH"),
        ("accounts/{pk}", "DELETE"),
        ("accounts/{pk}/ledger", "GET"),
        ("journal-entries/{pk}/reverse", "POST"),
        ("journal-entries/{pk}/post", "POST"),
        ("documents/{pk}/content", "GET"),
    }
    assert {resource for _, _, resource, _ in LISTS} >= {"accounts", "journal_entries", "documents"}


@pytest.mark.parametrize(("route", "method", "resource", "action"), WITH_ID, ids=lambda value: str(value))
def test_another_tenants_id_is_as_good_as_none(
    acme: Caller, globex: Caller, theirs: dict[str, str], route: str, method: str, resource: str, action: str
) -> None:
    foreign = [theirs[resource]] + ([theirs["draft"]] if resource == "journal_entries" else [])
    absent = ids.encode(theirs[resource].partition("_")[0], ids.new_id())
    before = _books(acme, globex)

    for identifier in foreign:
        answer = acme.request(
            method, f"/v1/{route.format(pk=identifier, write_off=theirs['write_offs'])}", BODIES.get(action, {})
        )
        unknown = acme.request(method, f"/v1/{route.format(pk=absent, write_off=absent)}", BODIES.get(action, {}))

        assert (answer.status, answer.error["code"]) == (404, "RESOURCE_NOT_FOUND"), answer.text
        assert answer.error["message"].replace(identifier, absent) == unknown.error["message"]
        assert answer.error["details"] == unknown.error["details"]
    assert _books(acme, globex) == before


@pytest.mark.parametrize(("route", "method", "resource", "action"), LISTS, ids=lambda value: str(value))
def test_no_list_shows_another_tenants_rows(
    acme: Caller, globex: Caller, theirs: dict[str, str], route: str, method: str, resource: str, action: str
) -> None:
    mine, other = acme.get(f"/v1/{route}?limit=100"), globex.get(f"/v1/{route}?limit=100")

    assert (mine.status, other.status) == (200, 200)
    assert not {row["id"] for row in mine.body["data"]} & {row["id"] for row in other.body["data"]}
    assert not any(identifier in mine.text for identifier in theirs.values())


def test_another_tenants_ids_in_a_body_are_unknown(acme: Caller, globex: Caller, theirs: dict[str, str]) -> None:
    open_chart(acme)
    before = _books(acme, globex)
    account = {"code": "9", "name": "n", "type": "asset", "subtype": "other_asset"}
    foreign_line = rent()
    foreign_line["lines"][1]["account_id"] = theirs["accounts"]

    for path, body, field in (
        ("/v1/accounts", account | {"parent_id": theirs["accounts"]}, "parent_id"),
        ("/v1/journal-entries", foreign_line, "lines[1].account_id"),
        ("/v1/journal-entries", foreign_line | {"status": "draft"}, "lines[1].account_id"),
        ("/v1/journal-entries", rent(attachments=[theirs["documents"]]), "attachments[0]"),
        ("/v1/journal-entries", rent(attachments=["doc_secret"]), "attachments[0]"),
    ):
        answer = acme.post(path, body)
        assert (answer.status, answer.error["code"], answer.fields) == (404, "RESOURCE_NOT_FOUND", [field]), answer.text
    refused = acme.patch("/v1/accounts/acc_1000", {"parent_id": theirs["accounts"]})
    assert (refused.status, refused.fields) == (404, ["parent_id"])
    assert _books(acme, globex) == before


def test_filters_and_reports_know_nothing_of_other_tenants(acme: Caller, theirs: dict[str, str]) -> None:
    for query in (f"accounts?parent_id={theirs['accounts']}", f"journal-entries?account_id={theirs['accounts']}"):
        assert acme.get(f"/v1/{query}").body["meta"]["total"] == 0
    assert acme.get("/v1/reports/trial_balance").body["rows"] == []


def test_the_same_natural_keys_are_each_tenants_own(acme: Caller, globex: Caller, theirs: dict[str, str]) -> None:
    open_chart(acme)

    mine = acme.get("/v1/accounts/acc_1000").body

    assert mine["id"] != theirs["accounts"]
    assert (mine["balance"], globex.get("/v1/accounts/acc_1000").body["balance"]) == (0, -4999)
    assert acme.get("/v1/journal-entries/je_secret").status == 404


def test_without_a_tenant_the_application_sees_no_row(committed_demo: Any, cast: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), connections["owner"].cursor() as cursor:
        cursor.execute(TENANT_TABLES)
        tables = [row[0] for row in cursor.fetchall()] + ["tenants_tenant"]
        connections.close_all()
    with connect("owner") as owner, connect("default") as app:
        full = {table for table in tables if owner.execute(f"SELECT FROM {table} LIMIT 1").rowcount}
        seen = {table for table in tables if app.execute(f"SELECT FROM {table} LIMIT 1").rowcount}

    assert full >= {"ledger_account", "ledger_journalline", "ledger_accountbalance", "events_event", "access_apikey"}
    assert seen == set()
