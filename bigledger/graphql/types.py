"""Object types from bodies, with the objects that ids in them name, and connections of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import graphene
from msgspec import Struct, structs

from bigledger.api.bodies import secret_fields
from bigledger.api.resource import Resource
from bigledger.graphql.connections import Connection
from bigledger.graphql.declared import Below, Node
from bigledger.graphql.enums import Enums
from bigledger.graphql.kinds import Kind, described, kind_of
from bigledger.graphql.names import camel, capital
from bigledger.graphql.steps import Counted, Embedded, Related, Step, node_of, reader, shown


class PageInfo(graphene.ObjectType):
    """Where a page stands in its list; `endCursor` is what `after` takes."""

    hasNextPage = graphene.Boolean(required=True, resolver=lambda page, info: page.has_next_page)  # noqa: N815
    hasPreviousPage = graphene.Boolean(required=True, resolver=lambda page, info: page.has_previous_page)  # noqa: N815
    startCursor = graphene.String(resolver=lambda page, info: page.start_cursor)  # noqa: N815
    endCursor = graphene.String(resolver=lambda page, info: page.end_cursor)  # noqa: N815


def _meta(name: str, description: str | None = None) -> type:
    return type("Meta", (), {"name": name, "description": description, "default_resolver": shown})


def _edges(connection: Connection) -> Any:
    return connection.edges


@dataclass
class Types:
    """The object types by the struct that they show. `steps` says how each field with objects in it is loaded."""

    nodes: Mapping[type[Struct], Node]
    enums: Enums
    made: dict[type[Struct], Any] = field(default_factory=dict)
    names: dict[str, type[Struct]] = field(default_factory=dict)
    connections: dict[str, Any] = field(default_factory=dict)
    steps: dict[tuple[str, str], Step] = field(default_factory=dict)
    below: dict[type[Struct], list[tuple[Below, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._parts = {struct: name for node in self.nodes.values() for struct, name in node.parts.items()}
        self._singulars = {node.singular: node.resource for node in self.nodes.values() if node.is_root}
        self._bases = set(self._singulars)
        self._related: dict[type[Struct], dict[str, Resource]] = {}
        for node in self.nodes.values():
            for path, resource in node.resource.expansions().items():
                *way, name = path.split(".")
                struct: type[Struct] = node.resource.body
                for step in way:
                    inner = kind_of(_annotations(struct)[step]).struct
                    if inner is None:
                        raise TypeError(f"{path} of {node.resource.name} leads through no object")
                    struct = inner
                self._related.setdefault(struct, {})[name] = resource
                self._bases.add(name)

    def name_of(self, struct: type[Struct]) -> str:
        node = self.nodes.get(struct)
        if node:
            return node.type_name
        return self._parts.get(struct) or struct.__name__.removesuffix("Body").removesuffix("Ref")

    def of(self, struct: type[Struct]) -> Any:
        """The type that shows a struct, made at first use. Raises TypeError for a name that another struct has."""
        if struct not in self.made:
            name = self.name_of(struct)
            if self.names.setdefault(name, struct) is not struct:
                raise TypeError(f"{name} is the type of {self.names[name]} and of {struct}")
            self.made[struct] = None  # a struct may hold itself
            attributes: dict[str, Any] = dict(self._fields(name, struct))
            attributes["Meta"] = _meta(name, described(struct))
            self.made[struct] = type(name, (graphene.ObjectType,), attributes)
        return self.made[struct]

    def node(self, resource: Resource) -> Any:
        return self.of(self.nodes[resource.body].resource.body)

    def connection(self, resource: Resource) -> Any:
        """`AccountConnection`, with its edges."""
        name = self.nodes[resource.body].type_name
        if name not in self.connections:
            edge = type(
                f"{name}Edge",
                (graphene.ObjectType,),
                {
                    "node": graphene.Field(lambda: self.node(resource), required=True),
                    "cursor": graphene.String(required=True),
                    "Meta": _meta(f"{name}Edge"),
                },
            )
            attributes = {
                "edges": _listed(edge),
                "pageInfo": graphene.Field(PageInfo, required=True, resolver=lambda page, info: page.page_info),
                "totalCount": graphene.Int(required=True, resolver=lambda page, info: page.count()),
                "Meta": _meta(f"{name}Connection"),
            }
            self.connections[name] = type(f"{name}Connection", (graphene.ObjectType,), attributes)
            self.steps[f"{name}Connection", "edges"] = Embedded(f"{name}Edge", _edges)
            self.steps[f"{name}Connection", "totalCount"] = Counted()
            self.steps[f"{name}Edge", "node"] = Embedded(name, node_of)
        return self.connections[name]

    def enum(self, node: Node | None, name: str) -> Any:
        """The enum of a field whose values the resource's list knows; None for any other."""
        found = node.resource.listing.filters.get(name) if node else None
        if node is None or found is None or found.kind != "enum":
            return None
        return self.enums.of(f"{node.type_name}{capital(name)}", found.values)

    def _fields(self, type_name: str, struct: type[Struct]) -> Iterator[tuple[str, Any]]:
        node = self.nodes.get(struct)
        annotations = _annotations(struct)
        related = dict(self._related.get(struct, {}))
        for name in annotations:
            base = name.removesuffix("_id")
            if base != name and base not in annotations and base in self._singulars:
                related.setdefault(base, self._singulars[base])
        secrets = secret_fields(struct)
        for name, annotation in annotations.items():
            if name not in secrets and name not in related:
                yield camel(name), self._field(type_name, node, name, kind_of(annotation))
        for name, resource in related.items():
            yield camel(name), self._relation(type_name, name, resource)
        if node is None:
            return
        for alias, name in node.aliases.items():
            yield alias, self._field(type_name, node, name, kind_of(annotations[name]))
        for below, made in self.below.get(struct, ()):
            yield camel(below.name), made

    def _field(self, type_name: str, node: Node | None, name: str, kind: Kind) -> Any:
        required = not kind.is_optional

        read = reader(name)

        if kind.struct:
            inner = kind.struct
            self.steps[type_name, camel(name)] = Embedded(self.name_of(inner), read)
            if kind.is_list:
                return _listed(lambda: self.of(inner), required=required, resolver=read)
            return graphene.Field(lambda: self.of(inner), required=required, resolver=read)
        is_id = name == "id" or (name.endswith("_id") and self._names_an_object(node, name))
        closed = self.enums.of(kind.one_of.enum, kind.one_of.values) if kind.one_of else self.enum(node, name)
        found = graphene.ID if is_id else closed or kind.scalar
        if kind.is_list:
            return _listed(found, required=required, resolver=read)
        return graphene.Field(found, required=required, resolver=read)

    def _names_an_object(self, node: Node | None, name: str) -> bool:
        """Whether `<x>_id` is the id of an object of the API; `tax_id` is not."""
        known = node.resource.listing.filters.get(name) if node else None
        return name.removesuffix("_id") in self._bases or (known is not None and known.kind == "id")

    def _relation(self, type_name: str, name: str, resource: Resource) -> Any:
        step = Related(self.nodes[resource.body].type_name, resource, name)
        self.steps[type_name, camel(name)] = step
        return graphene.Field(lambda: self.node(resource), resolver=step.resolve)


def _annotations(struct: type[Struct]) -> dict[str, Any]:
    return {found.name: found.type for found in structs.fields(struct)}


def _listed(of: Any, *, required: bool = True, **options: Any) -> Any:
    return graphene.Field(graphene.List(graphene.NonNull(of)), required=required, **options)
