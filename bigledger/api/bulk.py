"""The shape of every `/bulk` endpoint: many operations in one request, results by index.

    {"operations": [{"operation": "create", "reference_id": "mine-1", "data": {…}}, …],
     "options": {"continue_on_error": false, "validate_only": false}}

All or nothing unless `continue_on_error` is true. See spec section 2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from msgspec import UNSET, Struct, UnsetType
from rest_framework import serializers

from bigledger.api.failures import to_catalogue
from bigledger.api.shapes import FlagField, Shape, TextField
from bigledger.errors import ApiError, ValidationFailed

MAX_OPERATIONS = 1000
_INDEX = re.compile(r"operations\[(\d+)\]")


class OperationInput(Shape):
    operation = TextField(max_length=20)
    reference_id = TextField(max_length=100, required=False)
    data = serializers.DictField(required=False)  # type: ignore[assignment] # the metaclass takes it out of the way


class OptionsInput(Shape):
    continue_on_error = FlagField(required=False)
    validate_only = FlagField(required=False)


class BulkInput(Shape):
    operations = serializers.ListField(child=OperationInput(), allow_empty=False, max_length=MAX_OPERATIONS)
    options = OptionsInput(required=False)


class BulkFailure(Struct):
    """The catalogue's code and details; the paths are those of the whole request."""

    code: str
    message: str
    details: list[dict[str, str]]


class BulkResult(Struct, omit_defaults=True):
    """`data` is the object, `error` what kept it from being made; one of them is there."""

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
    """One operation on its way to the service: `path` goes in front of the fields its faults name."""

    index: int
    data: Mapping[str, Any]

    @property
    def path(self) -> str:
        return f"operations[{self.index}].data."


@dataclass(frozen=True, slots=True)
class Operation:
    """How one kind of operation is done: its shape, the status of a success, and the service for many.

    `work` does all of the items or raises with details whose paths begin with the items' own.
    """

    shape: type[Shape]
    status: int
    work: Callable[[Sequence[Item]], Sequence[Any]]


def run(raw: Any, operations: Mapping[str, Operation]) -> BulkBody:
    """Does what `raw` asks for. Without `continue_on_error` the first kind of fault fails the whole request
    with the details of every operation; with it each operation succeeds or fails by itself."""
    request = BulkInput.read(raw)
    asked: list[dict[str, Any]] = request["operations"]
    faults: dict[int, ApiError] = {}
    items: dict[int, Item] = {}
    for index, operation in enumerate(asked):
        try:
            items[index] = Item(index, _checked(index, operation, operations))
        except ApiError as fault:
            faults[index] = fault
    if not request.get("options", {}).get("continue_on_error", False):
        _refuse(faults.values())
        done = _work(list(items.values()), asked, operations)
    else:
        done = _work_around_faults(items, faults, asked, operations)
    results = [_result(index, operation, operations, done, faults) for index, operation in enumerate(asked)]
    return BulkBody(results, BulkSummary(len(asked), len(done), len(faults)))


def _checked(index: int, operation: Mapping[str, Any], operations: Mapping[str, Operation]) -> dict[str, Any]:
    kind = operations.get(operation["operation"])
    if kind is None:
        valid = ", ".join(operations)
        raise ValidationFailed.at(f"operations[{index}].operation", f"Must be one of {valid}.")
    try:
        return kind.shape.read(operation.get("data", {}))
    except serializers.ValidationError as fault:
        error = to_catalogue(fault)
        prefix = f"operations[{index}].data"
        details = [replace(d, field=f"{prefix}.{d.field}" if d.field else prefix) for d in error.details]
        raise ValidationFailed(details=details) from None


def _refuse(faults: Any) -> None:
    if faults := list(faults):
        raise ValidationFailed(details=[detail for fault in faults for detail in fault.details])


def _work(
    items: Sequence[Item], asked: Sequence[Mapping[str, Any]], operations: Mapping[str, Operation]
) -> dict[int, Any]:
    """Neighbours of one kind together, in the order asked for."""
    done: dict[int, Any] = {}
    run_: list[Item] = []
    for position, item in enumerate(items):
        run_.append(item)
        kind = asked[item.index]["operation"]
        last = position + 1 == len(items)
        if last or asked[items[position + 1].index]["operation"] != kind:
            bodies = operations[kind].work(run_)
            done |= {one.index: body for one, body in zip(run_, bodies, strict=True)}
            run_ = []
    return done


def _work_around_faults(
    items: dict[int, Item],
    faults: dict[int, ApiError],
    asked: Sequence[Mapping[str, Any]],
    operations: Mapping[str, Operation],
) -> dict[int, Any]:
    """All that can be done. What a service says of some items takes those out, and the rest is tried again,
    so that one bad entry among a thousand costs one more statement, not a thousand."""
    while items:
        try:
            with transaction.atomic():
                return _work(list(items.values()), asked, operations)
        except ApiError as fault:
            blamed = _blamed(fault) & items.keys()
            if not blamed:
                raise
            for index in blamed:
                faults[index] = _own_fault(items.pop(index), fault, asked, operations)
    return {}


def _blamed(fault: ApiError) -> set[int]:
    return {int(match[1]) for detail in fault.details if (match := _INDEX.match(detail.field or ""))}


def _own_fault(
    item: Item, fault: ApiError, asked: Sequence[Mapping[str, Any]], operations: Mapping[str, Operation]
) -> ApiError:
    """What is wrong with this item by itself; the batch's fault when it is well except in that company."""
    try:
        with transaction.atomic():
            _work([item], asked, operations)
            transaction.set_rollback(True)
    except ApiError as own:
        return own
    return fault


def _result(
    index: int,
    operation: Mapping[str, Any],
    operations: Mapping[str, Operation],
    done: Mapping[int, Any],
    faults: Mapping[int, ApiError],
) -> BulkResult:
    reference_id = operation.get("reference_id", UNSET)
    if index in done:
        status = operations[operation["operation"]].status
        return BulkResult(index, operation["operation"], status, reference_id, data=done[index])
    fault = faults[index]
    failure = BulkFailure(fault.code, fault.message, [detail.as_dict() for detail in fault.details])
    return BulkResult(index, operation["operation"], fault.status, reference_id, error=failure)
