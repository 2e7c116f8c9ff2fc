"""The reference's GraphQL: its schema is in ours, and its documents work letter for letter."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from graphql import parse, print_ast
from graphql.language import ast

from bigledger.schema import SCHEMA
from tests.conftest import Answer, Caller, number_events
from tests.contract.reference import blocks

_INPUT = {
    "customerId": "cust_123456",
    "invoiceDate": "2024-01-15",
    "dueDate": "2024-02-15",
    "currency": "USD",
    "lines": [
        {
            "productId": "prod_789",
            "description": "Consulting Services",
            "quantity": 10,
            "unitPrice": Decimal("150.00"),
            "taxRate": Decimal("0.08"),
            "discountPercentage": 10,
        }
    ],
    "paymentTerms": "net_30",
    "notes": "Thank you for your business",
}


def printed(section: str) -> str:
    (text,) = [block.text for block in blocks() if block.section == section and block.language == "graphql"]
    return text


def ask(caller: Caller, query: str, **variables: Any) -> Answer:
    return caller.post("/graphql", {"query": query, "variables": variables})


def _differences(theirs: ast.DocumentNode, ours: ast.DocumentNode) -> list[str]:
    """What is printed and is not in ours, and what ours asks for beyond it."""
    found: list[str] = []
    fields_of = {
        definition.name.value: {field.name.value: field for field in definition.fields}
        for definition in ours.definitions
        if isinstance(definition, ast.ObjectTypeDefinitionNode)
    }
    for definition in theirs.definitions:
        assert isinstance(definition, ast.ObjectTypeDefinitionNode)
        for field in definition.fields:
            place = f"{definition.name.value}.{field.name.value}"
            mine = fields_of.get(definition.name.value, {}).get(field.name.value)
            if mine is None:
                found.append(f"{place} is missing")
                continue
            if print_ast(mine.type) != print_ast(field.type):
                found.append(f"{place} is {print_ast(mine.type)}, not {print_ast(field.type)}")
            arguments = {argument.name.value: argument for argument in mine.arguments}
            for argument in field.arguments:
                known = arguments.pop(argument.name.value, None)
                if known is None or print_ast(known.type) != print_ast(argument.type):
                    found.append(f"{place}({argument.name.value}) is another")
            required = [
                a for a in arguments.values() if isinstance(a.type, ast.NonNullTypeNode) and not a.default_value
            ]
            found += [f"{place}({argument.name.value}) is required" for argument in required]
    return found


def test_the_printed_schema_is_in_ours() -> None:
    theirs, ours = parse(printed("Schema")), parse(SCHEMA.text())

    assert _differences(theirs, ours) == []
    # Every type that is printed by name alone is one of ours.
    named = {node.name.value for node in ours.definitions if hasattr(node, "name")}
    assert set(re.findall(r"\b[A-Z]\w+", printed("Schema"))) - {"ID", "Int", "String"} <= named


def test_a_loss_is_seen() -> None:
    theirs = parse("type Query { a(x: Int, y: ID!): A b: B c: C }")
    ours = parse("type Query { a(x: ID, y: ID!, z: Int!): A b: B! }")

    assert _differences(theirs, ours) == [
        "Query.a(x) is another",
        "Query.a(z) is required",
        "Query.b is B!, not B",
        "Query.c is missing",
    ]


def test_the_customer_with_invoices(demo: Caller) -> None:
    made = demo.post("/v1/invoices", {"customer_id": "cust_123456", "lines": [_line("700.00")]}).body
    demo.post("/v1/invoices", {"customer_id": "cust_123456", "lines": [_line("1.00")]})  # a draft
    assert demo.post(f"/v1/invoices/{made['id']}/send", {}).status == 200

    answer = ask(demo, printed("Get Customer with Invoices"), customerId="cust_123456")

    assert answer.status == 200
    assert "errors" not in answer.body, answer.text
    customer = answer.body["data"]["customer"]
    assert (customer["name"], customer["email"]) == ("Acme Corporation", "accounts@acme.com")
    nodes = [edge["node"] for edge in customer["invoices"]["edges"]]
    assert list(nodes[0]) == ["id", "number", "date", "dueDate", "total", "amountDue", "status"]
    assert made["id"] in [node["id"] for node in nodes]
    assert {node["status"] for node in nodes} <= {"SENT", "OVERDUE"}
    assert all(node["amountDue"] > 0 for node in nodes)
    assert sum(node["amountDue"] for node in nodes) == customer["balance"]
    assert customer["invoices"]["pageInfo"]["hasNextPage"] is False


def test_create_and_send_with_its_undeclared_variable(demo: Caller) -> None:
    answer = ask(demo, printed("Create and Send Invoice"), input=_INPUT)

    assert answer.status == 200
    assert "errors" not in answer.body, answer.text
    created, sent = answer.body["data"]["createInvoice"], answer.body["data"]["sendInvoice"]
    assert '"total":1458.00' in answer.text
    assert (created["number"], created["total"], created["status"]) == ("INV-2024-001", Decimal("1458.00"), "DRAFT")
    assert (sent["id"], sent["status"], sent["sentAt"][-1]) == (created["id"], "SENT", "Z")
    assert demo.get("/v1/invoices/inv_INV-2024-001").body["status"] in ("sent", "overdue")


def test_the_undeclared_variable_can_be_given(demo: Caller) -> None:
    other = demo.post("/v1/invoices", {"customer_id": "cust_123456", "lines": [_line("5.00")]}).body

    answer = ask(demo, printed("Create and Send Invoice"), input=_INPUT, invoiceId=other["id"])

    assert answer.body["data"]["sendInvoice"]["id"] == other["id"]
    assert answer.body["data"]["createInvoice"]["status"] == "DRAFT"
    assert demo.get("/v1/invoices/inv_INV-2024-001").body["status"] == "draft"


def test_when_the_first_fails_the_second_does(demo: Caller) -> None:
    number_events(demo)
    before = demo.get("/v1/events?sort=seq:desc&limit=1").body

    answer = ask(demo, printed("Create and Send Invoice"), input={**_INPUT, "customerId": "cust_nobody"})

    assert answer.status == 200
    assert answer.body["data"] == {"createInvoice": None, "sendInvoice": None}
    first, second = answer.body["errors"]
    assert (first["path"], first["extensions"]["code"]) == (["createInvoice"], "RESOURCE_NOT_FOUND")
    assert [detail["field"] for detail in first["extensions"]["details"]] == ["input.customerId"]
    assert (second["path"], second["extensions"]["code"]) == (["sendInvoice"], "RESOURCE_NOT_FOUND")
    number_events(demo)
    assert demo.get("/v1/events?sort=seq:desc&limit=1").body == before


def _line(price: str) -> dict[str, Any]:
    return {"description": "Work", "quantity": 1, "unit_price": Decimal(price)}
