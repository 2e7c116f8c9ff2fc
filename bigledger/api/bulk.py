"""The shape of every `/bulk` endpoint: many operations in one request, results by index.

    {"operations": [{"operation": "create", "reference_id": "mine-1", "data": {…}}, …],
     "options": {"continue_on_error": false, "validate_only": false}}

All operations succeed or none does, unless `continue_on_error` is true. See spec section 2.

Every operation is tried once, in its own savepoint, whether others fail or not: a failure costs as much as a success.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.db import DataError, IntegrityError
from msgspec import UNSET, Struct, UnsetType
from rest_framework import serializers

from bigledger.api.failures import to_catalogue
from bigledger.api.patience import looking_for, most_faults
from bigledger.api.shapes import FlagField, ListField, ObjectField, Shape, TextField
from bigledger.dry_run import current_dry_run
from bigledger.errors import MAX_DETAILS, ApiError, Detail, ValidationFailed, combined, listed

MAX_OPERATIONS = 1000


class OperationInput(Shape):
    operation = TextField(max_length=20)
    reference_id = TextField(max_length=100, required=False)
    data = ObjectField(required=False)  # type: ignore[assignment] # the metaclass takes it out of the way


class OptionsInput(Shape):
    continue_on_error = FlagField(required=False)
    validate_only = FlagField(required=False)


class BulkInput(Shape):
    operations = ListField(child=OperationInput(), allow_empty=False, max_length=MAX_OPERATIONS)
    options = OptionsInput(required=False)


class BulkFailure(Struct, omit_defaults=True):
    """The catalogue's code and details; the paths are those of the whole request."""

    code: str
    message: str
    details: list[dict[str, str]]
    details_omitted: int | UnsetType = UNSET


class BulkResult(Struct, omit_defaults=True):
    """`data` is the created object, `error` the reason why it was not created; exactly one of them is present."""

    index: int
    operation: str
    status: int
    reference_id: str | UnsetType = UNSET
    data: Any | UnsetType = UNSET
    error: BulkFailure | UnsetType = UNSET


class BulkSummary(Struct):
    total: int
    succeeded: int
    failed: int


class BulkBody(Struct):
    results: list[BulkResult]
    summary: BulkSummary


@dataclass(frozen=True, slots=True)
class Item:
    """One operation to be passed to the service."""

    index: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """How one kind of operation is done: its shape, the status of a success, and the service for many.

    `work(items, goes_on=…)` returns for each item its body, or the error because of which it was rolled back. Unless
    the request `goes_on` after an error, an error rolls back all items.
    """

    shape: type[Shape]
    status: int
    work: Callable[..., Sequence[Any]]


def run(raw: Any, operations: Mapping[str, Operation]) -> BulkBody:
    """Does what `raw` asks for. Without `continue_on_error`, faults of shape fail the whole request with the details of
    every operation, and so do faults that services find; with it each operation succeeds or fails by itself."""
    request = BulkInput.read(raw)
    requested: list[dict[str, Any]] = request["operations"]
    goes_on = request.get("options", {}).get("continue_on_error", False)
    faults: dict[int, ApiError] = {}
    items = _items(requested, operations, faults)
    if faults and not goes_on:
        raise combined(list(faults.values()))
    done = _work(items, requested, operations, faults, goes_on=goes_on)
    if faults and not goes_on:
        raise combined([faults[index] for index in sorted(faults)])
    results = [
        _result(index, operation, operations, done) for index, operation in enumerate(requested) if index in done
    ]
    results += _failures(requested, faults)
    results.sort(key=lambda result: result.index)
    return BulkBody(results, BulkSummary(len(requested), len(done), len(faults)))


def _items(
    requested: Sequence[Mapping[str, Any]], operations: Mapping[str, Operation], faults: dict[int, ApiError]
) -> list[Item]:
    """The operations whose shape is right; the others are in `faults`. Once there are more faults than are shown, the
    first of each further operation is enough."""
    items: list[Item] = []
    left = most_faults()
    for index, operation in enumerate(requested):
        try:
            with looking_for(max(left, 1)):
                items.append(Item(index, _checked(operation, operations)))
        except ApiError as fault:
            faults[index] = _placed(fault, index)
            left -= len(fault.details)
    return items


def _checked(operation: Mapping[str, Any], operations: Mapping[str, Operation]) -> dict[str, Any]:
    kind = operations.get(operation["operation"])
    if kind is None:
        raise _UnknownOperation(details=[Detail(f"Must be one of {', '.join(operations)}.", code="not_a_choice")])
    try:
        return kind.shape.read(operation.get("data", {}))
    except serializers.ValidationError as fault:
        raise to_catalogue(fault) from None


class _UnknownOperation(ValidationFailed):
    """An item whose error is in `operation`, not in `data`."""


def _placed(fault: ApiError, index: int) -> ApiError:
    """The fault with the paths of the whole request."""
    if isinstance(fault, _UnknownOperation):
        return ValidationFailed(details=[replace(d, field=f"operations[{index}].operation") for d in fault.details])
    whole = f"operations[{index}].data"
    details = fault.details or [Detail(fault.message)]
    fault.details = [replace(d, field=f"{whole}.{d.field}" if d.field else whole) for d in details]
    return fault


def _work(
    items: Sequence[Item],
    requested: Sequence[Mapping[str, Any]],
    operations: Mapping[str, Operation],
    faults: dict[int, ApiError],
    *,
    goes_on: bool,
) -> dict[int, Any]:
    """The results of the operations, in their order; neighbours of one kind are performed together."""
    done: dict[int, Any] = {}
    for kind, neighbours in groupby(items, key=lambda item: requested[item.index]["operation"]):
        together = list(neighbours)
        for item, outcome in zip(together, operations[kind].work(together, goes_on=goes_on), strict=True):
            if isinstance(outcome, ApiError):
                faults[item.index] = _placed(outcome, item.index)
            else:
                done[item.index] = outcome
    return done


def attempt(work: Callable[[], Any]) -> Any:
    """Returns the result of `work`, or the error that it raised; in that case `work` is rolled back.

    `work` is atomic by itself: its own savepoint is the one that is rolled back.
    """
    left = current_dry_run()
    lengths = (len(left.journal_lines), len(left.events)) if left else (0, 0)
    try:
        return work()
    except (ApiError, IntegrityError, DataError) as fault:
        if left:
            del left.journal_lines[lengths[0] :], left.events[lengths[1] :]
        return to_catalogue(fault)


def _result(
    index: int, operation: Mapping[str, Any], operations: Mapping[str, Operation], done: Mapping[int, Any]
) -> BulkResult:
    kind = operation["operation"]
    reference_id = operation.get("reference_id", UNSET)
    return BulkResult(index, kind, operations[kind].status, reference_id, data=done[index])


def _failures(requested: Sequence[Mapping[str, Any]], faults: Mapping[int, ApiError]) -> list[BulkResult]:
    """The errors, in an answer of limited size: at first all details, then one for each further operation."""
    found: list[BulkResult] = []
    left = most_faults()
    for index, fault in sorted(faults.items()):
        details, omitted = listed(fault, MAX_DETAILS if left > 0 else 1)
        left -= len(details)
        failure = BulkFailure(fault.code, fault.message, details, omitted or UNSET)
        reference_id = requested[index].get("reference_id", UNSET)
        found.append(BulkResult(index, requested[index]["operation"], fault.status, reference_id, error=failure))
    return found
