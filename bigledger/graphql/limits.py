"""How much one document may ask for: its depth, its cost, and how often a field stands in one selection.

The cost is the number of objects that the answer can have: a list counts as many as its `limit` says, a list within an
object `EMBEDDED`, a report `REPORT`. Fields that are no objects cost nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from bigledger.api.listing import DEFAULT_LIMIT, MAX_LIMIT

MAX_DEPTH = 10
MAX_COST = 5_000
MAX_ALIASES = 20
EMBEDDED = 10
MAX_FIELDS = 3_000  # of a document, each counted as often as fragments put it somewhere
_MAX_INTROSPECTION_DEPTH = 16

Fragments = Mapping[str, FragmentDefinitionNode]


class TooMuch(GraphQLError):
    """A document over a limit; `limit` names it."""

    def __init__(self, message: str, limit: str, node: Any = None) -> None:
        super().__init__(message, node)
        self.limit = limit


def check_size(document: DocumentNode) -> None:
    """Depth, aliases and number of fields, of every operation. Raises TooMuch; needs no schema, and fragments
    that hold themselves end at the depth."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    left = [MAX_FIELDS]
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            _check(node.selection_set, fragments, 1, MAX_DEPTH, left)
        elif isinstance(node, FragmentDefinitionNode):  # one that nobody uses is validated all the same
            _check(node.selection_set, fragments, 1, _MAX_INTROSPECTION_DEPTH, left)


def _check(selection: SelectionSetNode, fragments: Fragments, depth: int, most: int, left: list[int]) -> None:
    counted: Counter[str] = Counter()
    for field in _fields(selection, fragments, left):
        name = field.name.value
        counted[name] += 1
        if counted[name] > MAX_ALIASES:
            raise TooMuch(f"A field may stand {MAX_ALIASES} times in a selection; {name} stands more often.", "aliases")
        within = _MAX_INTROSPECTION_DEPTH if name in ("__schema", "__type") else most
        if depth > within:
            raise TooMuch(f"A document may be {MAX_DEPTH} fields deep; at {name} it is deeper.", "depth", field)
        if field.selection_set:
            _check(field.selection_set, fragments, depth + 1, within, left)


def _fields(
    selection: SelectionSetNode, fragments: Fragments, left: list[int], inside: frozenset[str] = frozenset()
) -> Iterator[FieldNode]:
    """The fields of a selection with those of its fragments."""
    for node in selection.selections:
        left[0] -= 1
        if left[0] < 0:
            raise TooMuch(f"A document may have {MAX_FIELDS:,} fields.", "fields")
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(node.selection_set, fragments, left, inside)
        elif isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name in fragments and name not in inside:
                yield from _fields(fragments[name].selection_set, fragments, left, inside | {name})


def check_cost(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    weights: Mapping[tuple[str, str], int],
) -> int:
    """The cost of a validated document. Raises TooMuch. `weights` are of fields whose size their type does not say."""
    root = schema.get_root_type(operation.operation)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    defaults = {
        definition.variable.name.value: definition.default_value
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }
    cost = _cost(root, operation.selection_set, fragments, {**defaults, **variables}, weights) if root else 0
    if cost > MAX_COST:
        raise TooMuch(
            f"A document may cost {MAX_COST:,}; this one costs {cost:,}. Ask for fewer objects (limit).", "cost"
        )
    return cost


def _cost(
    parent: GraphQLObjectType,
    selection: SelectionSetNode,
    fragments: Fragments,
    variables: Mapping[str, Any],
    weights: Mapping[tuple[str, str], int],
) -> int:
    found = 0
    for field in _fields(selection, fragments, [MAX_FIELDS]):
        definition = parent.fields.get(field.name.value)
        inner = get_named_type(definition.type) if definition else None
        weight = weights.get((parent.name, field.name.value), 0)
        if not isinstance(inner, GraphQLObjectType) or not field.selection_set:
            found += weight
            continue
        below = _cost(inner, field.selection_set, fragments, variables, weights)
        if inner.name.endswith("Connection"):
            found += _limit(field, variables) * below
        elif parent.name.endswith("Connection") or parent.name.endswith("Edge"):
            found += below + (1 if field.name.value == "node" else 0)
        elif isinstance(_bare(definition.type), GraphQLList):
            found += EMBEDDED * (1 + below)
        else:
            found += 1 + below + weight
    return found


def _bare(type_: Any) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_


def _limit(field: FieldNode, variables: Mapping[str, Any]) -> int:
    """How many objects a list has at most; what is no number is refused later."""
    for argument in field.arguments or ():
        if argument.name.value == "limit":
            value: Any = argument.value
            if isinstance(value, VariableNode):
                value = variables.get(value.name.value)
            if isinstance(value, IntValueNode):
                value = int(value.value) if len(value.value) < 10 else MAX_LIMIT
            if isinstance(value, int) and value > 0:
                return min(value, MAX_LIMIT)
    return DEFAULT_LIMIT
