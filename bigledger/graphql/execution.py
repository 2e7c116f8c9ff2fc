"""One document, executed for one caller: over HTTP, and by whoever else has a caller and a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationType, execute

from bigledger.access.principal import Principal
from bigledger.graphql import limits
from bigledger.graphql.building import Schema
from bigledger.graphql.context import Context
from bigledger.graphql.documents import Refused
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
        prepared = schema.documents.prepare(text)
        operation = prepared.operation(operation_name)
        given = prepared.variables(operation, variables or {})
        limits.check_cost(schema.graphql, prepared.document, operation, given, schema.weights)
        if operation.operation == OperationType.SUBSCRIPTION:
            raise GraphQLError(_NOT_HERE)
    except Refused as refusal:
        return _failed(refusal.errors, context)
    except GraphQLError as fault:
        return _failed([fault], context)
    result = execute(
        schema.graphql,
        prepared.document,
        context_value=context,
        variable_values=given,
        operation_name=operation_name,
        is_awaitable=_never,
    )
    if not isinstance(result, ExecutionResult):
        raise TypeError("a resolver of this schema is asynchronous")
    errors = result.errors or []
    status = max((error_of(error).status for error in errors), default=200)
    if status >= 500:
        return Answer({"data": None, "errors": _shown(errors, context)}, status)
    body: dict[str, Any] = {"data": result.data}
    if errors:
        body["errors"] = _shown(errors, context)
    if context.rehearsed:
        body["extensions"] = {"validateOnly": context.rehearsed}
    return Answer(body, 200)


def _failed(errors: list[GraphQLError], context: Context) -> Answer:
    return Answer({"data": None, "errors": _shown(errors, context)}, 200)


def _shown(errors: list[GraphQLError], context: Context) -> list[dict[str, Any]]:
    return [formatted(error, context.request_id) for error in errors[:_MOST_ERRORS]]


def _never(_: Any) -> bool:
    """No resolver is asynchronous; asking of each value takes a tenth of the time."""
    return False
