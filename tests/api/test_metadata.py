"""`metadata`: what integrations keep with an object, on each that they can create, in every way out, and filterable.

Every resource that callers can create has it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from bigledger import exact_json
from bigledger.api.resource import Resource
from bigledger.api.shapes import MetadataField
from bigledger.api.views import ResourceViewSet
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from bigledger.tenants.metadata import WithMetadata
from tests.api.conftest import open_chart, rent
from tests.architecture.test_views import VIEWS
from tests.breaking import contents
from tests.conftest import Answer, Caller, host_of
from tests.ledger.raises import LONG_AGO, MONTHLY_RENT, SPREAD_RENT
from tests.sales import LINE, Shop, shop

__all__ = ["shop"]
OURS = {"order": "A-1 / 2024", "größe": "L", "note": ""}
CREATABLE = {view.of.name: view for view in VIEWS if issubclass(view, ResourceViewSet) and hasattr(view, "create")}
SALE: dict[str, Any] = {"customer_id": "cust_123456", "lines": [LINE]}


def in_a_week() -> dict[str, Any]:
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=6)
    return {"period_id": LONG_AGO, "expires_at": at.isoformat(), "reason": "x"}


def upload(caller: Caller, fields: dict[str, Any]) -> Answer:
    file = SimpleUploadedFile("a.txt", b"text")
    return caller.upload("/v1/documents", {"file": file, "metadata": exact_json.encode(fields["metadata"]).decode()})


# By resource, how one is made with what is given, and with the natural key `key`.
MAKES: dict[str, Callable[[Caller, str, dict[str, Any]], Answer]] = {
    "accounts": lambda c, key, md: c.post(
        "/v1/accounts", {"code": key, "name": "A", "type": "asset", "subtype": "current_asset", **md}
    ),
    "journal_entries": lambda c, key, md: c.post("/v1/journal-entries", rent(**md)),
    "recurring_journal_entries": lambda c, key, md: c.post("/v1/recurring-journal-entries", MONTHLY_RENT | md),
    "schedules": lambda c, key, md: c.post("/v1/schedules", SPREAD_RENT | md),
    "documents": lambda c, key, md: upload(c, md),
    "customers": lambda c, key, md: c.post("/v1/customers", {"name": "B", **md}),
    "products": lambda c, key, md: c.post(
        "/v1/products", {"sku": key, "name": "P", "unit_price": Decimal("1.00"), **md}
    ),
    "tax_rates": lambda c, key, md: c.post("/v1/tax-rates", {"code": key, "name": "T", "rate": 0, **md}),
    "invoices": lambda c, key, md: c.post("/v1/invoices", SALE | md),
    "credit_notes": lambda c, key, md: c.post("/v1/credit-notes", SALE | md),
    "recurring_invoices": lambda c, key, md: c.post("/v1/recurring-invoices", SALE | {"frequency": "monthly", **md}),
    "payments": lambda c, key, md: c.post(
        "/v1/payments", {"customer_id": "cust_123456", "amount": Decimal("1.00"), "method": "cash", **md}
    ),
    "webhook_endpoints": lambda c, key, md: c.post(
        "/v1/webhook-endpoints", {"url": f"https://{host_of(c)}/hook", "events": ["*"], **md}
    ),
    "exchange_rates": lambda c, key, md: c.post(
        "/v1/exchange-rates", {"currency": "EUR", "date": f"2024-01-0{key[-1]}", "rate": Decimal("1.1"), **md}
    ),
    "fx_revaluations": lambda c, key, md: c.post("/v1/fx-revaluations", {"as_of": "2024-01-31", **md}),
    "lock_exceptions": lambda c, key, md: c.post("/v1/lock-exceptions", in_a_week() | md),
    "api_keys": lambda c, key, md: c.post("/v1/api-keys", {"name": "A", "scopes": ["read"], **md}),
    "signing_secrets": lambda c, key, md: c.post("/v1/signing-secrets", md),
    "kiosk_links": lambda c, key, md: c.post("/v1/kiosk-links", {"name": "K", **md}),
    "oauth_applications": lambda c, key, md: c.post(
        "/v1/oauth-applications", {"name": "O", "grant_type": "client_credentials", **md}
    ),
    "invitations": lambda c, key, md: c.post(
        "/v1/invitations", {"email": f"{key}@example.com", "role": "viewer", **md}
    ),
}


@pytest.fixture
def books(shop: Shop) -> Caller:
    open_chart(shop.caller)
    shop.caller.post("/v1/journal-entries", rent(date="2019-01-15"))
    assert shop.caller.post(f"/v1/periods/{LONG_AGO}/close").status == 200
    return shop.caller


def make(caller: Caller, name: str, metadata: Any, key: str = "777") -> Answer:
    return MAKES[name](caller, key, {"metadata": metadata})


def listed(caller: Caller, resource: Resource, question: str) -> list[str]:
    answer = caller.get(f"/v1/{resource.name.replace('_', '-')}?{question}")
    assert answer.status == 200, answer.text
    return [row["id"] for row in answer.body["data"]]


def test_every_object_that_callers_create_has_it() -> None:
    having = {name for name, view in CREATABLE.items() if view.of.has_metadata}

    assert having == MAKES.keys() == CREATABLE.keys()
    for name in having:
        view: Any = CREATABLE[name]
        assert isinstance(view.create.operation.takes().fields.get("metadata"), MetadataField), name
        assert view.of.body.__annotations__.get("metadata") == "dict[str, str]", name
        assert view.of.listing.has_metadata, name


@pytest.mark.parametrize("name", MAKES)
def test_it_is_kept_shown_found_and_recorded(books: Caller, name: str) -> None:
    view = CREATABLE[name]
    resource, path = view.of, f"/v1/{name.replace('_', '-')}"
    assert make(books, name, {"order": "A-3"}, key="778").body["metadata"] == {"order": "A-3"}

    made = make(books, name, OURS)

    assert (made.status, made.body["metadata"]) == (201, OURS), made.text
    read = books.get(f"{path}/{made.body['id']}")
    assert read.body["metadata"] == OURS
    assert list(read.body["metadata"]) == list(made.body["metadata"])  # so the ETag of the answer holds
    assert listed(books, resource, "metadata[order]=A-1 / 2024&metadata[größe]=L") == [made.body["id"]]
    assert listed(books, resource, "metadata[note]=") == [made.body["id"]]
    assert listed(books, resource, "metadata[order]=A-2") == listed(books, resource, "metadata[toString]=L") == []
    history = books.get(f"{path}/{made.body['id']}/events").body["data"]
    shown = [next(iter(event["data"].values())) for event in history] if history else []
    assert all(body.get("metadata", OURS) == OURS for body in shown)
    if not hasattr(view, "partial_update") or name == "journal_entries":
        return
    changed = books.patch(f"{path}/{made.body['id']}", {"metadata": {"order": "A-2"}})
    assert (changed.status, changed.body["metadata"]) == (200, {"order": "A-2"}), changed.text
    assert listed(books, resource, "metadata[order]=A-2") == [made.body["id"]]


@pytest.mark.parametrize("name", MAKES)
def test_what_is_no_text_by_name_is_refused(books: Caller, name: str) -> None:
    before = contents(books)
    faults: list[tuple[Any, str]] = [
        ({"a": 1}, "metadata.a"), ({"a": None}, "metadata.a"), ({"a": "x" * 501}, "metadata.a"),
        ({"k" * 41: "x"}, f"metadata.{'k' * 40}"), ({"": "x"}, "metadata."), ({"a[b]": "x"}, "metadata.a[b]"),
        ({"a": "\0"}, "metadata.a"), ({f"k{n}": "" for n in range(51)}, "metadata"), ([], "metadata"),
    ]  # fmt: skip
    for metadata, field in faults:
        refused = make(books, name, metadata)
        assert (refused.status, refused.fields) == (400, [field]), (metadata, refused.text)
    assert contents(books) == before
    most = {f"{n:040}": "x" * 500 for n in range(50)}
    assert make(books, name, most).body["metadata"] == most


def test_every_table_with_it_has_its_index(acme: Caller) -> None:
    tables = {model._meta.db_table for model in apps.get_models() if issubclass(model, WithMetadata)}

    found = fetch_all("SELECT tablename, indexdef FROM pg_indexes WHERE indexname = tablename || '_metadata'")

    assert {table for table, index in found if "USING gin (app_metadata_tags(tenant_id, metadata))" in index} == tables


def test_nobody_finds_another_tenants_objects_by_it(books: Caller, globex: Caller) -> None:
    make(books, "customers", OURS)

    assert globex.get("/v1/customers?metadata[order]=A-1 / 2024").body["data"] == []
    with tenant_context(globex.tenant):
        found = fetch_all("SELECT app_metadata_find('customers_customer', '{\"order\": \"A-1 / 2024\"}')")
    assert found == []


def test_a_draft_keeps_it_when_it_is_posted_and_a_posted_entry_keeps_it_for_good(books: Caller) -> None:
    draft = books.post("/v1/journal-entries", rent(status="draft", metadata={"a": "1"})).body
    path = f"/v1/journal-entries/{draft['id']}"
    assert books.patch(path, {"metadata": {"a": "2"}}).body["metadata"] == {"a": "2"}
    assert books.post(f"{path}/post").body["metadata"] == {"a": "2"}
    assert books.patch(path, {"metadata": {}}).status == 422
    assert books.get(path).body["metadata"] == {"a": "2"}
    both = [rent(metadata={"n": str(n)}) for n in (1, 2)]
    bulk = books.post("/v1/journal-entries/bulk", {"operations": [{"operation": "create", "data": e} for e in both]})
    assert [row["data"]["metadata"] for row in bulk.body["results"]] == [{"n": "1"}, {"n": "2"}], bulk.text


def test_it_may_change_whatever_became_of_an_invoice(shop: Shop) -> None:
    invoice = shop.sent("10.00")
    shop.pay("10.00", invoice_id=invoice["id"])

    changed = shop.done(shop.caller.patch(f"/v1/invoices/{invoice['id']}", {"metadata": {"paid": "yes"}}))

    assert (changed["status"], changed["metadata"]) == ("paid", {"paid": "yes"})
    refused = shop.caller.patch(f"/v1/invoices/{invoice['id']}", {"metadata": {}, "notes": "x"})
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "invoice_closed")


def test_a_file_takes_it_out_and_brings_it_in(books: Caller) -> None:
    make(books, "customers", OURS)
    sheet = books.get("/v1/customers/export").text
    assert '"{""note"":"""",""order"":""A-1 / 2024"",""größe"":""L""}"' in sheet

    again = sheet.replace("123456", "777").replace("1001", "778")
    assert books.send_csv("/v1/customers/import", again).status == 201
    assert books.get("/v1/customers/cust_778").body["metadata"] == OURS


def test_graphql_takes_shows_and_finds_it(books: Caller) -> None:
    document = """
        mutation ($m: JSON) { createCustomer(input: {name: "G", metadata: $m}) { id metadata } }"""
    made = books.post("/graphql", {"query": document, "variables": {"m": OURS}})
    assert made.body["data"]["createCustomer"]["metadata"] == OURS, made.text
    question = "query ($m: JSON) { customers(filter: {metadata: $m}) { edges { node { id } } } }"
    found = books.post("/graphql", {"query": question, "variables": {"m": {"order": "A-1 / 2024"}}})
    nodes = [edge["node"]["id"] for edge in found.body["data"]["customers"]["edges"]]
    assert nodes == [made.body["data"]["createCustomer"]["id"]]
    refused = books.post("/graphql", {"query": question, "variables": {"m": {"order": 1}}})
    assert refused.body["errors"][0]["extensions"]["code"] == "VALIDATION_ERROR"


def test_a_wrong_filter_is_named(acme: Caller) -> None:
    assert acme.get("/v1/periods?metadata[a]=b").fields == ["metadata[a]"]
    assert acme.get(f"/v1/customers?metadata[{'k' * 41}]=b").fields == [f"metadata[{'k' * 41}]"]
    assert acme.get("/v1/customers?metadata=b").fields == ["metadata"]
