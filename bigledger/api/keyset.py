"""Cursors: pages that follow the rows themselves, so that a long export neither skips nor repeats a row.

A cursor is the sort key of the last row seen. It comes back from the caller, so it is input like any other: each of
its values is read as what its column holds, and anything else is refused. Rows are in the database's own order: NULL
is after every value, so last going up and first going down.
"""

from __future__ import annotations

import base64
import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Model, Q
from django.db.models.expressions import OrderBy
from django.utils.dateparse import parse_datetime

from bigledger import exact_json
from bigledger.api.storable import storable
from bigledger.tenants.natural_order import column_of

_MAX_CURSOR_LENGTH = 4000
_MAX_INTEGER = 2**63 - 1
_MAX_DECIMAL_TEXT = 40


def fields_on(model: type[Model], path: str) -> list[Any]:
    """The fields along an ORM path (`customer__number`), the column's own last."""
    found: list[Any] = []
    meta = model._meta
    for part in path.split("__"):
        try:
            field: Any = meta.pk if part == "pk" else meta.get_field(part)
        except FieldDoesNotExist:  # a comparison (`seq__gt`)
            break
        found.append(field)
        if field.is_relation and field.related_model is not None:
            meta = field.related_model._meta
    return found


@dataclass(frozen=True)
class SortKey:
    """One key of an order: its public name and its column, an ORM path from `model`."""

    name: str
    column: str
    descending: bool
    model: type[Model]

    @cached_property
    def _fields(self) -> list[Any]:
        *path, last = fields_on(self.model, self.column)
        return [*path, last.output_field if isinstance(last, models.GeneratedField) else last]

    @cached_property
    def is_nullable(self) -> bool:
        """A twin in natural order is null where the column that it is computed from is."""
        last = fields_on(self.model, self.column)[-1]
        twin_of = fields_on(self.model, column_of(self.column)) if isinstance(last, models.GeneratedField) else []
        return any(field.null for field in (*self._fields, *twin_of))

    @property
    def signature(self) -> str:
        return f"{self.name}:{'desc' if self.descending else 'asc'}"

    def order_by(self) -> OrderBy:
        return F(self.column).desc() if self.descending else F(self.column).asc()

    def value_of(self, row: Model) -> Any:
        value: Any = row
        for part in self.column.split("__"):
            value = None if value is None else getattr(value, part)
        return value

    def read(self, given: Any) -> Any:
        """The value in a cursor, as the column holds it. Raises ValueError."""
        if given is None:
            if not self.is_nullable:
                raise ValueError("null")
            return None
        return _read(self._fields[-1], given)

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.column}__isnull": True}) if value is None else Q(**{self.column: value})

    def after(self, value: Any) -> Q:
        """What comes after `value` in the order."""
        if value is None:
            return Q(**{f"{self.column}__isnull": False}) if self.descending else Q(pk__in=[])
        if self.descending:
            return Q(**{f"{self.column}__lt": value})
        found = Q(**{f"{self.column}__gt": value})
        return found | Q(**{f"{self.column}__isnull": True}) if self.is_nullable else found


def _read(field: Any, given: Any) -> Any:
    if isinstance(field, models.BooleanField | models.IntegerField):
        wanted = bool if isinstance(field, models.BooleanField) else int
        if type(given) is wanted and -_MAX_INTEGER <= given <= _MAX_INTEGER:
            return given
        raise ValueError("another type")
    if not isinstance(given, str):
        raise ValueError("another type")
    if isinstance(field, models.UUIDField):
        return uuid.UUID(given)
    if isinstance(field, models.DateTimeField):
        moment = parse_datetime(given)
        if moment is None or moment.tzinfo is None:
            raise ValueError("no moment")
        return moment.astimezone(datetime.UTC)
    if isinstance(field, models.DateField):
        return datetime.date.fromisoformat(given)
    if isinstance(field, models.DecimalField):
        return _decimal(given)
    if isinstance(field, models.CharField | models.TextField):
        return storable(given)
    raise TypeError(f"a cursor cannot hold a {type(field).__name__}")


def _decimal(text: str) -> Decimal:
    if len(text) > _MAX_DECIMAL_TEXT or not text.isascii():
        raise ValueError("too long")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("no number") from None
    if not number.is_finite() or abs(number.adjusted()) > _MAX_DECIMAL_TEXT:
        raise ValueError("out of range")
    return number


def decode(text: str, order: Sequence[SortKey]) -> list[Any]:
    """The values of a cursor that belongs to this order. Raises ValueError for anything else."""
    if len(text) > _MAX_CURSOR_LENGTH:
        raise ValueError("too long")
    try:
        content = exact_json.decode(base64.b64decode(text.encode(), altchars=b"-_", validate=True))
    except (TypeError, OverflowError) as fault:
        raise ValueError(str(fault)) from None
    if not isinstance(content, list) or len(content) != 2:
        raise ValueError("another shape")
    names, values = content
    if names != [key.signature for key in order] or not isinstance(values, list) or len(values) != len(order):
        raise ValueError("another sort")
    try:
        return [key.read(value) for key, value in zip(order, values, strict=True)]
    except OverflowError as fault:
        raise ValueError(str(fault)) from None


def encode(order: Sequence[SortKey], row: Model) -> str:
    values = [key.value_of(row) for key in order]
    shown = [value if value is None or isinstance(value, bool | int) else str(value) for value in values]
    return base64.urlsafe_b64encode(exact_json.encode([[key.signature for key in order], shown])).decode()


def after(order: Sequence[SortKey], values: Sequence[Any]) -> Q:
    """The rows behind the one with these values."""
    found = Q()
    for position, (key, value) in enumerate(zip(order, values, strict=True)):
        tied = Q()
        for earlier, same in zip(order[:position], values[:position], strict=True):
            tied &= earlier.same(same)
        found |= tied & key.after(value)
    first, value = order[0], values[0]
    if value is not None and not first.is_nullable:
        # Follows from the rest, and is what an index on the first column can begin from.
        found &= Q(**{f"{first.column}__{'lte' if first.descending else 'gte'}": value})
    return found
