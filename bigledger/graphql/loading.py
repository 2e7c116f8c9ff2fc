"""Everything that a selection shows, loaded breadth first: one batch for each field with objects in it.

GraphQL resolves depth first, an object at a time. Loaded so, a list of a hundred costs no query more than one of ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from graphql import FieldNode, GraphQLObjectType, GraphQLResolveInfo
from graphql.execution.collect_fields import collect_sub_fields
from graphql.execution.values import get_argument_values

from bigledger.graphql.context import Context
from bigledger.graphql.steps import Step

Steps = Mapping[tuple[str, str], Step]


def preload(steps: Steps, info: GraphQLResolveInfo, type_name: str, sources: Sequence[Any]) -> None:
    """Loads what is selected below the field that is being resolved, whose objects of this type are `sources`."""
    _load(steps, info, type_name, sources, info.field_nodes)


def selected(info: GraphQLResolveInfo, type_name: str, nodes: Sequence[FieldNode]) -> dict[str, list[FieldNode]]:
    """The fields selected below these nodes, fragments and directives heeded, by the names they are answered under."""
    found = object_type(info, type_name)
    return collect_sub_fields(info.schema, info.fragments, info.variable_values, found, list(nodes))


def object_type(info: GraphQLResolveInfo, name: str) -> GraphQLObjectType:
    return cast(GraphQLObjectType, info.schema.type_map[name])


def _load(
    steps: Steps, info: GraphQLResolveInfo, type_name: str, sources: Sequence[Any], nodes: Sequence[FieldNode]
) -> None:
    if not sources:
        return
    context: Context = info.context
    for several in selected(info, type_name, nodes).values():
        name = several[0].name.value
        step = steps.get((type_name, name))
        if step is None:
            continue
        definition = object_type(info, type_name).fields[name]
        arguments = get_argument_values(definition, several[0], info.variable_values)
        found = step.load(context, sources, arguments)
        _load(steps, info, step.type_name, found, several)
