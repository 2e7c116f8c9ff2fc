"""Subscriptions: what a document subscribes to, and what it shows of an event. Sockets bring the events."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from graphql import FragmentDefinitionNode, GraphQLError, GraphQLObjectType
from graphql.execution.collect_fields import collect_fields
from graphql.execution.values import get_argument_values, get_variable_values

from bigledger.api.events import EventBody
from bigledger.api.lookup import find
from bigledger.graphql.context import Context
from bigledger.graphql.declared import EVERY_EVENT, Subscription
from bigledger.graphql.documents import Refused
from bigledger.graphql.execution import Answer, Asked


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription with its arguments. `object_id` is the object that it is about, None for all."""

    asked: Asked
    declared: Subscription
    arguments: Mapping[str, Any]
    object_id: uuid.UUID | None

    def answer(self, context: Context, event: EventBody) -> Answer:
        """What the document shows of this event; in a transaction of the caller's tenant."""
        return self.asked.answer(context, self._shown(event))

    def _shown(self, event: EventBody) -> Any:
        """The object as the event has it. One of an older form, which lacks what was added since, is read anew."""
        if self.declared.event == EVERY_EVENT:
            return event
        of = self.declared.of
        try:
            (body,) = msgspec.json.decode(event.data, type=dict[str, of.body]).values()  # type: ignore[name-defined]
        except msgspec.ValidationError:
            (frozen,) = msgspec.json.decode(event.data, type=dict[str, _Named]).values()
            body = of.expansion.load([frozen.id]).get(frozen.id)
        return body


class _Named(msgspec.Struct):
    id: str


def subscribed(asked: Asked, context: Context) -> Subscribed:
    """What a document subscribes to; in a transaction of the caller's tenant.

    Raises GraphQLError or Refused for wrong arguments, PermissionDenied, and ResourceNotFound for an `id` that names
    nothing.
    """
    schema = asked.schema.graphql
    variables = get_variable_values(schema, asked.operation.variable_definitions or (), dict(asked.variables))
    if isinstance(variables, list):
        raise Refused(variables)
    root = schema.subscription_type
    assert isinstance(root, GraphQLObjectType)  # noqa: S101 - the document was validated against it
    fragments = {
        node.name.value: node
        for node in asked.prepared.document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    fields = collect_fields(schema, fragments, variables, root, asked.operation.selection_set)
    if len(fields) != 1:
        raise GraphQLError("A subscription must select one field.")
    ((node, *_),) = fields.values()
    declared = asked.schema.subscriptions[node.name.value]
    arguments = get_argument_values(root.fields[node.name.value], node, variables)
    if declared.event != EVERY_EVENT:
        context.principal.require("read", declared.of.name)
    wanted = find(declared.of.all(), arguments["id"]).pk if declared.by_id else None
    return Subscribed(asked, declared, arguments, wanted)
