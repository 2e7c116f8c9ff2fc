"""What generated clients need of the OpenAPI document: exact numbers, moments, closed lists, names, words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bigledger.events.registry import event_types
from tests.conftest import Caller
from tests.contract.described import document, faults
from tests.everything import one_of_everything

SCHEMAS = document()["components"]["schemas"]
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
]


def fields(place: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property, with its path."""
    for part in schema.get("allOf", ()):
        yield from fields(place, part)
    for name, field in schema.get("properties", {}).items():
        yield f"{place}.{name}", field
        yield from fields(f"{place}.{name}", field)
        yield from fields(f"{place}.{name}", field.get("items", {}))


FIELDS = dict(found for name, schema in SCHEMAS.items() for found in fields(name, schema))


def test_every_field_is_described() -> None:
    assert len(FIELDS) > 1400
    assert [place for place, field in FIELDS.items() if not field.get("description")] == []


def test_every_amount_is_a_number_that_keeps_its_digits() -> None:
    numbers = [field for field in FIELDS.values() if "number" in field.get("type", ())]
    assert len(numbers) > 150
    assert {field.get("format") for field in numbers} == {"decimal"}


def test_every_moment_is_a_moment() -> None:
    moments = {place: field for place, field in FIELDS.items() if place.endswith("_at")}
    assert len(moments) > 50
    assert {place for place, field in moments.items() if field.get("format") != "date-time"} == set()


def test_closed_lists_are_enums_in_answers() -> None:
    assert FIELDS["Invoice.status"]["enum"] == ["draft", "sent", "overdue", "paid", "written_off", "void", "deleted"]
    assert FIELDS["Payment.method"]["enum"] == FIELDS["PaymentInput.method"]["enum"]
    assert FIELDS["DocumentLine.tax_kind"]["enum"][0] == "standard"


def test_what_is_expanded_is_typed() -> None:
    assert FIELDS["Invoice.customer"]["anyOf"][0] == {"$ref": "#/components/schemas/Customer"}
    assert {"normal_balance", "balance"} <= SCHEMAS["AccountRef"]["properties"].keys()
    assert SCHEMAS["AccountRef"]["required"] == ["id", "code", "name"]


def test_a_dry_run_is_typed() -> None:
    create = dict(OPERATIONS)["POST /v1/invoices"]["responses"]
    shown = create["200"]["content"]["application/json"]["schema"]["allOf"]
    assert shown == [{"$ref": "#/components/schemas/Invoice"}, {"$ref": "#/components/schemas/DryRun"}]
    assert create["201"]["content"]["application/json"]["schema"] == shown[0]


def test_names_are_plain() -> None:
    names = {operation["operationId"] for _, operation in OPERATIONS}
    assert {"listInvoices", "createInvoice", "getInvoice", "updateInvoice", "deleteInvoice", "sendInvoice"} <= names
    assert {"listAccountEvents", "getInvoicePdf", "rotateInvoiceLink", "bulkInvoices", "getTenant"} <= names
    assert {"Invoice", "InvoiceInput", "InvoiceUpdate", "InvoiceList", "WebhookEndpoint"} <= SCHEMAS.keys()
    assert [name for name in SCHEMAS if name.endswith("Body") or name.startswith("Patched")] == []


def test_every_operation_says_what_it_does_and_who_may() -> None:
    assert [place for place, one in OPERATIONS if not one.get("summary") or not one.get("description")] == []
    assert {place for place, one in OPERATIONS if one["security"] == []} == {
        f"POST /v1/auth/{name}" for name in ("token", "token/refresh", "revoke", "verify")
    }
    invoices = dict(OPERATIONS)["POST /v1/invoices"]["security"]
    assert invoices == [{"bearer": []}, {"oauth2": ["write:invoices"]}]


def test_every_type_of_event_has_a_webhook() -> None:
    assert document()["webhooks"].keys() == {event.name for event in event_types()}
    paid = SCHEMAS["InvoicePaidEvent"]["allOf"][1]["properties"]
    assert paid["type"]["const"] == "invoice.paid"
    assert paid["data"]["properties"] == {
        "invoice": {"$ref": "#/components/schemas/Invoice", "description": "The invoice"}
    }


def test_objects_are_what_the_document_says(acme: Caller) -> None:
    one_of_everything(acme)
    lists = [
        (place, one["responses"]["200"]) for place, one in OPERATIONS if place.startswith("GET ") and "{" not in place
    ]
    seen = 0
    for place, answer in lists:
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if schema.get("$ref", "").endswith("List"):
            answered = acme.get(place.removeprefix("GET "))
            assert answered.status == 200
            assert (place, faults(schema["$ref"], answered.body)) == (place, [])
            seen += len(answered.body.get("data", ()))
    assert seen > 20
