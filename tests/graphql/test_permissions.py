"""Who may use which field: every field of both roots, for every role and for scopes that suffice and that do not."""

from __future__ import annotations

from typing import Any

import pytest

from bigledger.access.models import Role
from bigledger.access.scopes import ROLE_WRITES
from bigledger.access.services import add_api_key, add_member, get_or_create_user
from bigledger.schema import SCHEMA
from bigledger.tenants.context import tenant_context
from tests.conftest import Answer, Caller
from tests.graphql.walk import MUTATION, QUERY, below, object_of, value_for
from tests.sales import Shop

FIELDS = [("Query", name) for name in QUERY.fields] + [("Mutation", name) for name in MUTATION.fields]


def _document(root: str, name: str) -> str:
    field = (QUERY if root == "Query" else MUTATION).fields[name]
    node = object_of(field)
    assert node is not None
    required = [f"{key}: {value_for(a.type)}" for key, a in field.args.items() if str(a.type).endswith("!")]
    arguments = f"({', '.join(required)})" if required else ""
    shown = "totalCount" if str(field.type).endswith("Connection") else below(node, ())
    return f"{root.lower()} {{ {name}{arguments} {{ {shown} }} }}"


def _ask(caller: Caller, role: str, scopes: tuple[str, ...], document: str) -> Answer:
    with tenant_context(caller.tenant):
        user = get_or_create_user(email=f"{role}@table.example")
        _, key = add_api_key(user=user, name="table", scopes=scopes)
    return caller.post("/graphql", {"query": document}, authorization=f"Bearer {key}")


def _refused(answer: Answer) -> bool:
    assert answer.status == 200, answer.text
    codes = [error["extensions"]["code"] for error in answer.body.get("errors", [])]
    assert "INTERNAL_ERROR" not in codes
    assert "VALIDATION_ERROR" not in codes or "path" in answer.body["errors"][0], answer.text
    return "PERMISSION_DENIED" in codes


@pytest.fixture
def members(acme: Caller) -> None:
    with tenant_context(acme.tenant):
        for role in Role.values:
            add_member(user=get_or_create_user(email=f"{role}@table.example"), role=role)


def test_every_field_of_a_root_names_its_scope() -> None:
    roots = {"Query": QUERY, "Mutation": MUTATION, "Subscription": SCHEMA.graphql.subscription_type}
    assert set(SCHEMA.scopes) == {(root, name) for root, type_ in roots.items() for name in type_.fields}  # type: ignore[union-attr]


@pytest.mark.parametrize("role", Role.values)
def test_the_table_of_roles(acme: Caller, members: None, role: str) -> None:
    wrong: dict[Any, bool] = {}
    for place in FIELDS:
        action, _, resource = SCHEMA.scopes[place].partition(":")
        writable = ROLE_WRITES[role]
        allowed = action == "read" or writable is None or resource in writable
        refused = _refused(_ask(acme, role, ("read", "write", "admin"), _document(*place)))
        if refused == allowed:
            wrong[place] = refused
    assert wrong == {}


@pytest.mark.parametrize("kind", ["exact", "other action", "other resource"])
def test_the_table_of_scopes(acme: Caller, members: None, kind: str) -> None:
    wrong: dict[Any, bool] = {}
    for place in FIELDS:
        scope = SCHEMA.scopes[place]
        action, _, resource = scope.partition(":")
        other = "read" if action == "write" else "write"
        foreign = "products" if resource == "accounts" else "accounts"
        scopes = {"exact": scope, "other action": f"{other}:{resource}", "other resource": f"{action}:{foreign}"}
        if resource == "reports" and kind == "other action":
            continue  # nobody writes a report
        refused = _refused(_ask(acme, Role.OWNER, (scopes[kind],), _document(*place)))
        if refused != (kind != "exact"):
            wrong[place] = refused
    assert wrong == {}


def test_an_object_behind_an_id_needs_its_own_scope(acme: Caller, members: None, shop: Shop) -> None:
    shop.invoice()
    document = "{ invoices { edges { node { total customer { name } } } } customers { totalCount } }"

    answer = _ask(acme, Role.OWNER, ("read:invoices",), document)

    (edge,) = answer.body["data"]["invoices"]["edges"]
    assert (edge["node"]["total"] is not None, edge["node"]["customer"]) == (True, None)
    assert answer.body["data"]["customers"] is None
    assert {tuple(error["path"]): error["extensions"]["code"] for error in answer.body["errors"]} == {
        ("invoices", "edges", 0, "node", "customer"): "PERMISSION_DENIED",
        ("customers",): "PERMISSION_DENIED",
    }
    assert answer.body["errors"][0]["extensions"]["details"][0]["scope"] == "read:customers"


def test_a_list_below_an_object_needs_its_own_scope(acme: Caller, members: None, shop: Shop) -> None:
    shop.sent()
    document = '{ customer(id: "cust_123456") { name invoices { totalCount } } }'

    answer = _ask(acme, Role.OWNER, ("read:customers",), document)

    assert answer.body["data"]["customer"] == {"name": "Acme Corporation", "invoices": None}
    assert answer.body["errors"][0]["path"] == ["customer", "invoices"]
