"""Every way through the schema, as documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLScalarType, get_named_type, is_leaf_type

from bigledger.schema import SCHEMA
from tests.conftest import Answer, Caller

QUERY: GraphQLObjectType = SCHEMA.graphql.query_type  # type: ignore[assignment]
MUTATION: GraphQLObjectType = SCHEMA.graphql.mutation_type  # type: ignore[assignment]
Path = tuple[str, ...]


def ask(caller: Caller, query: str, **variables: Any) -> Answer:
    return caller.post("/graphql", {"query": query, "variables": variables})


def object_of(field: GraphQLField) -> GraphQLObjectType | None:
    """The type of the objects that a field shows, the nodes of a connection; None for a field without any."""
    found = get_named_type(field.type)
    if not isinstance(found, GraphQLObjectType) or found.name == "PageInfo":
        return None
    if is_list(field):
        return get_named_type(get_named_type(found.fields["edges"].type).fields["node"].type)
    return found


def is_list(field: GraphQLField) -> bool:
    return get_named_type(field.type).name.endswith("Connection")


def lists() -> list[str]:
    return [name for name, field in QUERY.fields.items() if is_list(field)]


def paths(root: GraphQLObjectType, most: int, inside: tuple[str, ...] = ()) -> Iterator[Path]:
    """Every sequence of fields with objects from a type on, at most so long, no type twice."""
    if most == 0:
        return
    for name, field in root.fields.items():
        found = object_of(field)
        if found is not None and found.name not in inside:
            yield (name,)
            for rest in paths(found, most - 1, (*inside, found.name)):
                yield (name, *rest)


def depth(root: GraphQLObjectType, path: Path) -> int:
    """How deep a document is that follows a path from the nodes of a list on, to a field of the last."""
    found, current = 4, root
    for name in path:
        field = current.fields[name]
        found += 3 if is_list(field) else 1
        current = object_of(field)  # type: ignore[assignment]
    return found


def leaves(type_: GraphQLObjectType) -> str:
    """All fields of a type that are no objects."""
    return " ".join(name for name, field in type_.fields.items() if is_leaf_type(get_named_type(field.type)))


def below(type_: GraphQLObjectType, path: Path, *, full: bool = False) -> str:
    """The selection that follows a path."""
    own = leaves(type_) if full else "__typename"
    if not path:
        return own
    name, *rest = path
    field = type_.fields[name]
    found = object_of(field)
    assert found is not None
    inner = below(found, tuple(rest), full=full)
    if is_list(field):
        return f"{own} {name}(limit: 3) {{ totalCount pageInfo {{ endCursor }} edges {{ cursor node {{ {inner} }} }} }}"
    return f"{own} {name} {{ {inner} }}"


def list_query(name: str, path: Path = (), *, limit: int = 20, full: bool = False) -> str:
    node = object_of(QUERY.fields[name])
    assert node is not None
    inner = below(node, path, full=full)
    return f"{{ {name}(limit: {limit}) {{ totalCount edges {{ cursor node {{ {inner} }} }} }} }}"


def nodes(answer: Answer, name: str) -> list[Any]:
    assert "errors" not in answer.body, answer.text
    return [edge["node"] for edge in answer.body["data"][name]["edges"]]


def value_for(type_: Any) -> str:
    """A literal of an argument's type that is in order in form."""
    named = get_named_type(type_)
    if isinstance(named, GraphQLScalarType):
        return {"Int": "1", "Boolean": "true", "Decimal": "1", "Date": '"2024-01-15"'}.get(named.name, '"none"')
    if hasattr(named, "values"):
        return next(iter(named.values))
    required = {name: field for name, field in named.fields.items() if field.type is not None and _needed(field)}
    inner = ", ".join(f"{name}: {value_for(field.type)}" for name, field in required.items())
    return f"[{{{inner}}}]" if str(type_).startswith("[") else f"{{{inner}}}"


def _needed(field: Any) -> bool:
    return str(field.type).endswith("!")
