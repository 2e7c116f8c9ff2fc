"""One document, executed for one caller: over HTTP, and by whoever else has a caller and a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType, execute

from bigledger.access.principal import Principal
from bigledger.graphql import limits
from bigledger.graphql.building import Schema
from bigledger.graphql.context import Context
from bigledger.graphql.documents import Prepared, Refused
from bigledger.graphql.failures import error_of, formatted

_MOST_ERRORS = 100
_NOT_HERE = "Subscriptions are not answered over HTTP."


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` as it goes out. `status` is 200, or that of a failure of ours (500, 503): then nothing may be kept."""

    body: dict[str, Any]
    status: int


def answer(
    schema: Schema,
    principal: Principal,
    request_id: str,
    text: str,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
) -> Answer:
    """Executes a query or a mutation, in the transaction and the tenant of the caller of this.

    Faults are in the answer's `errors`, never raised. A failure that is nobody's but ours makes the whole answer one,
    so that no mutation stands of which the caller was not told.
    """
    context = Context(principal, request_id)
    try:
        asked = ask(schema, text, variables, operation_name)
        if asked.is_subscription:
            raise GraphQLError(_NOT_HERE)
    except Refused as refusal:
        return _failed(refusal.errors, context)
    except GraphQLError as fault:
        return _failed([fault], context)
    return asked.answer(context)


@dataclass(frozen=True, slots=True)
class Asked:
    """A document that was found in order, with its variables; executed once, or for each event."""

    schema: Schema
    prepared: Prepared
    operation: OperationDefinitionNode
    operation_name: str | None
    variables: Mapping[str, Any]

    @property
    def is_subscription(self) -> bool:
        return self.operation.operation == OperationType.SUBSCRIPTION

    def answer(self, context: Context, root: Any = None) -> Answer:
        """As `answer` says. `root` is what a subscription shows."""
        result = execute(
            self.schema.graphql,
            self.prepared.document,
            root_value=root,
            context_value=context,
            variable_values=dict(self.variables),
            operation_name=self.operation_name,
            is_awaitable=_never,
        )
        if not isinstance(result, ExecutionResult):
            raise TypeError("a resolver of this schema is asynchronous")
        errors = result.errors or []
        status = max((error_of(error).status for error in errors), default=200)
        if status >= 500:
            return Answer({"data": None, "errors": shown(errors, context.request_id)}, status)
        body: dict[str, Any] = {"data": result.data}
        if errors:
            body["errors"] = shown(errors, context.request_id)
        if context.rehearsed:
            body["extensions"] = {"validateOnly": context.rehearsed}
        return Answer(body, 200)


def ask(
    schema: Schema, text: str, variables: Mapping[str, Any] | None = None, operation_name: str | None = None
) -> Asked:
    """Raises Refused or GraphQLError."""
    prepared = schema.documents.prepare(text)
    operation = prepared.operation(operation_name)
    given = prepared.variables(operation, variables or {})
    limits.check_cost(schema.graphql, prepared.document, operation, given, schema.weights)
    return Asked(schema, prepared, operation, operation_name, given)


def _failed(errors: list[GraphQLError], context: Context) -> Answer:
    return Answer({"data": None, "errors": shown(errors, context.request_id)}, 200)


def shown(errors: Sequence[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """The errors as they go out, the first hundred of them."""
    return [formatted(error, request_id) for error in errors[:_MOST_ERRORS]]


def _never(_: Any) -> bool:
    """No resolver is asynchronous; asking of each value takes a tenth of the time."""
    return False
