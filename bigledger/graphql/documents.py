"""Documents: parsed and validated once, and the variable that the reference's example leaves undeclared.

In a mutation, an undeclared `$invoiceId` is the id of the invoice that an earlier field of the same document gave; with
a value in `variables` it is that.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    parse,
    validate,
)
from graphql.language import ast
from graphql.language.visitor import Visitor, visit
from graphql.validation import MaxIntrospectionDepthRule, specified_rules

from bigledger.graphql import limits

MAX_TOKENS = 4_000
_MOST_KEPT = 500
_LONGEST_KEPT = 10_000
_RULES = [*specified_rules, MaxIntrospectionDepthRule]


class Earlier(str):
    """The value of a bound variable until the field that it stands for has given an id."""

    variable: str
    type_name: str

    @classmethod
    def of(cls, variable: str, type_name: str) -> Earlier:
        found = cls(f"${variable}")
        found.variable, found.type_name = variable, type_name
        return found


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document in order. `loose` are the undeclared variables of each operation (by name) and the type whose id
    each one is."""

    document: DocumentNode
    loose: Mapping[str, Mapping[str, str]]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Raises GraphQLError as GraphQL words it."""
        found = [node for node in self.document.definitions if isinstance(node, OperationDefinitionNode)]
        if name is None:
            if len(found) != 1:
                raise GraphQLError(
                    "Must provide operation name if query contains multiple operations." if found
                    else "Must provide an operation."
                )  # fmt: skip
            return found[0]
        for operation in found:
            if operation.name and operation.name.value == name:
                return operation
        raise GraphQLError(f"Unknown operation named '{name}'.")

    def variables(self, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> dict[str, Any]:
        """Those given, and a mark for each loose one that is not."""
        loose = self.loose.get(_name(operation), {})
        marks = {name: Earlier.of(name, type_name) for name, type_name in loose.items()}
        return {**marks, **given}


class Refused(Exception):
    """A document that is not executed: not GraphQL, not of this schema, or over a limit."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(str(errors))
        self.errors = errors


class Documents:
    """The documents of one schema. The same text is prepared once; the longest are not kept."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._prepare = lru_cache(maxsize=_MOST_KEPT)(self._prepared)

    def prepare(self, text: str) -> Prepared:
        """Raises Refused."""
        return self._prepare(text) if len(text) <= _LONGEST_KEPT else self._prepared(text)

    def _prepared(self, text: str) -> Prepared:
        try:
            document = parse(text, max_tokens=MAX_TOKENS)
            limits.check_size(document)  # before validation, which takes the square of some sizes
            document, loose = _with_loose_variables(self.schema, document)
            errors = validate(self.schema, document, _RULES, max_errors=100)
        except GraphQLError as fault:
            raise Refused([fault]) from None
        except RecursionError:
            raise Refused([GraphQLError("The document is nested too deeply.")]) from None
        if errors:
            raise Refused(errors)
        return Prepared(document, loose)


def _with_loose_variables(
    schema: GraphQLSchema, document: DocumentNode
) -> tuple[DocumentNode, Mapping[str, Mapping[str, str]]]:
    """The document with the undeclared variables of its mutations declared."""
    if schema.mutation_type is None:
        return document, {}
    found: dict[str, Mapping[str, str]] = {}
    definitions = []
    for node in document.definitions:
        is_mutation = isinstance(node, OperationDefinitionNode) and node.operation == OperationType.MUTATION
        loose = _loose(schema.mutation_type, cast(OperationDefinitionNode, node)) if is_mutation else {}
        if loose:
            operation = cast(OperationDefinitionNode, copy(node))
            operation.variable_definitions = (*(operation.variable_definitions or ()), *map(_required_id, loose))
            found[_name(operation)], node = loose, operation
        definitions.append(node)
    if not found:
        return document, {}
    changed = copy(document)
    changed.definitions = tuple(definitions)
    return changed, found


def _loose(mutations: GraphQLObjectType, operation: OperationDefinitionNode) -> dict[str, str]:
    """The undeclared variables of a mutation that are called after the type of an earlier field: `invoiceId`."""
    declared = {definition.variable.name.value for definition in operation.variable_definitions or ()}
    earlier: dict[str, str] = {}
    loose: dict[str, str] = {}
    for field in operation.selection_set.selections:
        if not isinstance(field, FieldNode) or field.name.value not in mutations.fields:
            continue
        for name in _variables_in(field) - declared:
            if name in earlier:
                loose[name] = earlier[name]
        type_name = get_named_type(mutations.fields[field.name.value].type).name
        earlier[f"{type_name[0].lower()}{type_name[1:]}Id"] = type_name
    return loose


def _variables_in(field: FieldNode) -> set[str]:
    """Those among the field's own arguments."""
    found: set[str] = set()

    class Finder(Visitor):
        def enter_variable(self, node: ast.VariableNode, *_: Any) -> None:
            found.add(node.name.value)

    for argument in field.arguments or ():
        visit(argument, Finder())
    return found


def _required_id(name: str) -> ast.VariableDefinitionNode:
    named = ast.NamedTypeNode(name=ast.NameNode(value="ID"))
    return ast.VariableDefinitionNode(
        variable=ast.VariableNode(name=ast.NameNode(value=name)),
        type=ast.NonNullTypeNode(type=named),
        default_value=None,
        directives=(),
    )


def _name(operation: OperationDefinitionNode) -> str:
    return operation.name.value if operation.name else ""
