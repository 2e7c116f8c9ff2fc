"""The schema of everything that is declared: one list of declarations in, one executable schema out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import graphene
from graphql import GraphQLSchema, print_schema

from bigledger.api.lookup import find
from bigledger.graphql import loading
from bigledger.graphql.connections import page_of
from bigledger.graphql.context import Context
from bigledger.graphql.declared import EVERY_EVENT, Below, Declaration, Node, Single, Subscription, Write
from bigledger.graphql.documents import Documents
from bigledger.graphql.enums import Enums
from bigledger.graphql.inputs import Inputs
from bigledger.graphql.names import camel, capital
from bigledger.graphql.queries import question
from bigledger.graphql.reporting import ReportFields, Reports
from bigledger.graphql.steps import Listed, Step
from bigledger.graphql.types import Types
from bigledger.graphql.writes import Mutation


class DeleteResult(graphene.ObjectType):
    """What is gone, and its id."""

    id = graphene.ID(required=True)
    deleted = graphene.Boolean(required=True)


@dataclass(frozen=True, eq=False)
class Schema:
    """An executable schema. `subscriptions` are served by sockets; `scopes` says of each field of a root
    which scope it needs (`read:accounts`)."""

    graphql: GraphQLSchema
    documents: Documents
    weights: Mapping[tuple[str, str], int]
    subscriptions: Mapping[str, Subscription]
    scopes: Mapping[tuple[str, str], str]

    def text(self) -> str:
        """The schema in its own language, always in the same order."""
        return print_schema(self.graphql) + "\n"


def build(declarations: Sequence[Declaration], reports: Reports) -> Schema:
    """Raises ValueError or TypeError for declarations that do not fit together."""
    return _Building(declarations, reports).schema()


@dataclass
class _Building:
    declarations: Sequence[Declaration]
    reports: Reports
    roots: dict[str, dict[str, Any]] = field(default_factory=lambda: {"Query": {}, "Mutation": {}, "Subscription": {}})
    scopes: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes = {found.resource.body: found for found in self._all(Node)}
        self.enums = Enums()
        self.types = Types(self.nodes, self.enums)
        self.inputs = Inputs(self.enums)
        self._arguments = {body: self.inputs.list_arguments(node) for body, node in self.nodes.items()}

    def _all(self, kind: type[Any]) -> list[Any]:
        return [declaration for declaration in self.declarations if isinstance(declaration, kind)]

    def schema(self) -> Schema:
        for below in self._all(Below):
            self.types.below.setdefault(below.above.body, []).append((below, self._below(below)))
        for node in self.nodes.values():
            if node.is_root:
                self._reads(node)
        for single in self._all(Single):
            self._single(single)
        reports = ReportFields(self.reports, self.enums, self.inputs, self.types)
        self._put("Query", "reports", "read:reports", reports.field())
        for write in self._all(Write):
            self._write(write)
        for subscription in self._all(Subscription):
            self._subscription(subscription)
        made = {name: type(name, (graphene.ObjectType,), dict(fields)) for name, fields in self.roots.items() if fields}
        schema = graphene.Schema(
            query=made["Query"],
            mutation=made.get("Mutation"),
            subscription=made.get("Subscription"),
            auto_camelcase=False,
        ).graphql_schema
        subscriptions = {camel(found.name): found for found in self._all(Subscription)}
        return Schema(schema, Documents(schema), reports.weights(), subscriptions, self.scopes)

    def _put(self, root: str, name: str, scope: str, made: Any) -> None:
        if camel(name) in self.roots[root]:
            raise ValueError(f"{root}.{camel(name)} is declared twice")
        self.roots[root][camel(name)] = made
        self.scopes[root, camel(name)] = scope

    def _reads(self, node: Node) -> None:
        resource, type_name = node.resource, node.type_name
        scope = f"read:{resource.name}"
        connection_name = f"{type_name}Connection"
        arguments, filters = self._arguments[resource.body]

        def one(_: Any, info: Any, id: str) -> Any:
            context: Context = info.context
            context.principal.require("read", resource.name)
            (body,) = resource.bodies([find(resource.all(), id)])
            loading.preload(self.types.steps, info, type_name, [body])
            return body

        def page(_: Any, info: Any, **given: Any) -> Any:
            context: Context = info.context
            context.principal.require("read", resource.name)
            found = page_of(resource, question(filters, given))
            loading.preload(self.types.steps, info, connection_name, [found])
            return found

        by_id = {"id": graphene.Argument(graphene.ID, required=True)}
        self._put("Query", node.singular, scope, graphene.Field(self.types.node(resource), by_id, resolver=one))
        connection = self.types.connection(resource)
        self._put("Query", resource.name, scope, graphene.Field(connection, arguments, resolver=page))

    def _below(self, below: Below) -> Any:
        resource = below.resource
        arguments, filters = self._arguments[resource.body]
        node = self.nodes[resource.body]
        if "status" in filters:
            kind = self.enums.named(f"{node.type_name}StatusFilter") or self.enums.named(f"{node.type_name}Status")
            arguments = {**arguments, "status": graphene.Argument(kind)}
        step = Listed(f"{node.type_name}Connection", below, lambda given: question(filters, given))
        above = self.nodes[below.above.body].type_name
        self.types.steps[above, camel(below.name)] = step
        return graphene.Field(lambda: self.types.connection(resource), arguments, resolver=step.resolve)

    def _single(self, single: Single) -> None:
        type_name = self.types.name_of(single.body)

        def read(_: Any, info: Any) -> Any:
            context: Context = info.context
            context.principal.require("read", single.scope)
            found = single.read()
            loading.preload(self.types.steps, info, type_name, [found])
            return found

        made = graphene.Field(self.types.of(single.body), resolver=read)
        self._put("Query", single.name, f"read:{single.scope}", made)

    def _write(self, write: Write) -> None:
        node = self.nodes[write.of.body]
        name = write.name.replace("*", node.singular)
        prefix = node.type_name
        arguments: dict[str, Any] = {}
        if write.names_row:
            key = write.id_name
            arguments[key] = graphene.Argument(graphene.ID, required=True, name=camel(key))
        if write.takes and write.flat:
            arguments.update(self.inputs.arguments(write.takes, prefix))
        elif write.takes:
            made = self.inputs.of(f"{capital(name)}Input", write.takes, prefix, partial=write.partial)
            arguments["input"] = graphene.Argument(made, required=True)
        arguments["validate_only"] = graphene.Argument(graphene.Boolean, name="validateOnly")
        gives = self.types.of(write.gives) if write.gives else DeleteResult
        type_name = self.types.name_of(write.gives) if write.gives else "DeleteResult"
        row_name = write.row_name or node.singular
        mutation = Mutation(write, row_name, type_name, _loader(self.types.steps, type_name))
        self._put(
            "Mutation", name, f"write:{write.of.name}", graphene.Field(gives, arguments, resolver=mutation.resolve)
        )

    def _subscription(self, subscription: Subscription) -> None:
        """Its object is the root of the execution; where it resumes, and which events it is about, sockets read."""
        resource = subscription.of
        type_name = self.nodes[resource.body].type_name
        arguments: dict[str, Any] = {}
        if subscription.by_id:
            arguments["id"] = graphene.Argument(graphene.ID, required=True)
        if subscription.event == EVERY_EVENT:
            arguments["types"] = graphene.Argument(graphene.List(graphene.NonNull(graphene.String)))
        arguments["after"] = graphene.Argument(graphene.Int, description="The seq of the last event that you have.")

        def show(body: Any, info: Any, **_: Any) -> Any:
            context: Context = info.context
            if subscription.event != EVERY_EVENT:
                context.principal.require("read", resource.name)
            loading.preload(self.types.steps, info, type_name, [body])
            return body

        made = graphene.Field(self.types.node(resource), arguments, resolver=show)
        self._put("Subscription", subscription.name, f"read:{resource.name}", made)


def _loader(steps: Mapping[tuple[str, str], Step], type_name: str) -> Callable[[Any, Any], None]:
    return lambda info, body: loading.preload(steps, info, type_name, [body])
