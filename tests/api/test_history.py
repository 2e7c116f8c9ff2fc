"""Each object lists its events: `GET /v1/{resource}/{id}/events`, and `history` in GraphQL."""

from __future__ import annotations

from typing import Any

import pytest

from bigledger.api.resource import Resource
from bigledger.api.views import ResourceViewSet
from bigledger.events.registry import event_types
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller, number_events
from tests.events.test_registry import RAISES
from tests.sales import Shop
from tests.world import OPERATIONS

TYPES = {event_type.name: event_type for event_type in event_types()}
ROUTES: dict[str, tuple[str, Resource]] = {
    operation.view.of.singular: (operation.route, operation.view.of)
    for operation in OPERATIONS
    if issubclass(operation.view, ResourceViewSet) and operation.action == "events"
}
# What is no resource with an id of its own, and so has its events in the log alone.
ELSEWHERE = {"exchange_rate_import", "fiscal_year", "tenant", "sales_settings", "mail"}
NOT_IN_THE_LOG = {"webhook_endpoint.test"}
IN_HISTORIES = sorted(name for name in set(TYPES) - NOT_IN_THE_LOG if TYPES[name].resource not in ELSEWHERE)


def test_every_resource_lists_the_events_of_its_objects() -> None:
    shown = {operation.view.of.singular for operation in OPERATIONS if issubclass(operation.view, ResourceViewSet)}

    assert shown - set(ROUTES) == {"event"}


def _object(name: str, payload: dict[str, Any]) -> tuple[str, str]:
    """Route and id of the object in whose history the event stands: its own, or that of which it is a part."""
    kind = TYPES[name].resource
    if kind in ROUTES:
        return ROUTES[kind][0], payload["id"]
    kind = name.partition(".")[0]
    return ROUTES[kind][0], payload[f"{kind}_id"]


@pytest.mark.parametrize("name", IN_HISTORIES)
def test_an_event_stands_in_the_history_of_its_object(acme: Caller, globex: Caller, name: str) -> None:
    RAISES[name](acme)
    number_events(acme)
    event = acme.get(f"/v1/events?type={name}&sort=seq:desc&limit=1").body["data"][0]
    route, pk = _object(name, event["data"][TYPES[name].resource])
    path = f"/v1/{route.format(pk=pk)}"

    history = acme.get(f"{path}?limit=100").body

    assert event in history["data"], "the event, with its request and its actor"
    assert [found["seq"] for found in history["data"]] == sorted(found["seq"] for found in history["data"])
    assert history["meta"]["total"] == len(history["data"])
    assert event["actor"]
    assert (globex.get(path).status, event["id"] in globex.get(path).text) == (404, False)


@pytest.fixture
def entry(acme: Caller) -> Any:
    """A draft, changed, posted and reversed, each by a request of its own."""
    open_chart(acme)
    entry = acme.post("/v1/journal-entries", rent(status="draft"), x_request_id="req_draft").body
    path = f"/v1/journal-entries/{entry['id']}"
    acme.patch(path, {"description": "Rent of January"}, x_request_id="req_change")
    acme.post(f"{path}/post", {}, x_request_id="req_post")
    acme.post(f"{path}/reverse", {"reason": "Twice"}, x_request_id="req_reverse")
    number_events(acme)
    return entry


def test_a_history_is_a_list_like_any_other(acme: Caller, entry: Any) -> None:
    path = f"/v1/journal-entries/{entry['id']}/events"

    whole = acme.get(path).body
    latest = acme.get(f"{path}?sort=seq:desc&limit=1&fields=type,request_id").body
    posted = acme.get(f"{path}?type=journal_entry.posted").body["data"]
    first = acme.get(f"{path}?cursor=&limit=3").body
    rest = acme.get(f"{path}?limit=3&cursor={first['meta']['next_cursor']}").body
    wrong = acme.get(f"{path}?typ=x&sort=type")

    assert [(event["type"], event["request_id"]) for event in whole["data"]] == [
        ("journal_entry.created", "req_draft"),
        ("journal_entry.updated", "req_change"),
        ("journal_entry.posted", "req_post"),
        ("journal_entry.reversed", "req_reverse"),
    ]
    assert {event["actor"] for event in whole["data"]} == {acme.principal.actor}
    assert whole["data"][1]["previous"]["description"] == entry["description"]
    assert latest == {
        "data": [{"type": "journal_entry.reversed", "request_id": "req_reverse"}],
        "meta": {"page": 1, "limit": 1, "total": 4, "pages": 4},
    }
    assert posted == whole["data"][2:3]
    assert first["data"] + rest["data"] == whole["data"]
    assert (wrong.status, wrong.fields) == (400, ["typ", "sort"])


def test_what_is_deleted_has_a_history_by_its_id(acme: Caller) -> None:
    open_chart(acme)
    draft = acme.post("/v1/journal-entries", rent(status="draft", reference="GONE")).body
    acme.delete(f"/v1/journal-entries/{draft['id']}")
    number_events(acme)

    history = acme.get(f"/v1/journal-entries/{draft['id']}/events").body["data"]

    assert [event["type"] for event in history] == ["journal_entry.created", "journal_entry.deleted"]
    assert acme.get("/v1/journal-entries/je_GONE/events").status == 404


def test_the_events_of_another_kind_of_object_are_not_reached_by_its_id(acme: Caller) -> None:
    key = acme.post("/v1/api-keys", {"name": "Shop", "scopes": ["read"]}).body["id"]
    number_events(acme)

    assert acme.get(f"/v1/api-keys/{key}/events").body["meta"]["total"] == 1
    assert acme.get(f"/v1/accounts/acc_{key.removeprefix('key_')}/events").status == 404


def test_a_figure_leads_to_the_request_that_caused_it(acme: Caller, entry: Any) -> None:
    """From the trial balance by its lines and their entry to the request, by links alone."""
    report = acme.get("/v1/reports/trial_balance?as_of=2024-01-31").body
    cash = next(row for row in report["rows"] if row["account"]["code"] == "1000")

    lines = acme.get(cash["lines_url"]).body["data"]
    events = [acme.get(line["events_url"]).body["data"] for line in lines]

    assert [[(event["type"], event["request_id"]) for event in several][-2:] for several in events] == [
        [("journal_entry.posted", "req_post"), ("journal_entry.reversed", "req_reverse")],
    ]


def test_graphql_has_the_same_history(acme: Caller, entry: Any) -> None:
    acme.post("/v1/periods/per_2024-01/close", {}, x_request_id="req_close")
    number_events(acme)
    document = """query ($id: ID!) {
        journalEntry(id: $id) { history(limit: 2) { totalCount edges { node { type requestId } } } }
        period(id: "per_2024-01") { history { edges { node { type requestId } } } }
    }"""

    found = acme.post("/graphql", {"query": document, "variables": {"id": entry["id"]}}).body["data"]

    assert found["journalEntry"]["history"] == {
        "totalCount": 4,
        "edges": [
            {"node": {"type": "journal_entry.created", "requestId": "req_draft"}},
            {"node": {"type": "journal_entry.updated", "requestId": "req_change"}},
        ],
    }
    assert found["period"]["history"]["edges"] == [{"node": {"type": "period.closed", "requestId": "req_close"}}]


def test_the_entry_of_a_document_has_a_history_of_its_own(acme: Caller) -> None:
    """It has the id of its document, which records events of another kind."""
    shop = Shop(acme)
    shop.customer(number="123456", currency="USD")
    invoice = shop.sent()
    payment = shop.pay("1458.00", invoice_id=invoice["id"])
    number_events(acme)

    def types(path: str) -> list[str]:
        return [event["type"] for event in acme.get(f"/v1/{path}/events").body["data"]]

    assert types(f"journal-entries/{invoice['journal_entry_id']}") == ["journal_entry.posted"]
    assert types(f"invoices/{invoice['id']}") == [
        "invoice.created", "invoice.sent", "payment.applied", "invoice.paid",
    ]  # fmt: skip
    assert types(f"payments/{payment['id']}") == ["payment.received", "payment.applied"]
