"""What stands in a field of a body, and which field of a schema shows it."""

from __future__ import annotations

import datetime
import inspect
import types
from dataclasses import dataclass, replace
from decimal import Decimal as PythonDecimal
from typing import Annotated, Any, Union, get_args, get_origin

import graphene
from msgspec import Raw, Struct, UnsetType

from bigledger.closed_lists import OneOf
from bigledger.graphql.scalars import JSON, Date, DateTime, Decimal

_SCALARS: dict[Any, Any] = {
    str: graphene.String,
    int: graphene.Int,
    bool: graphene.Boolean,
    PythonDecimal: Decimal,
    datetime.date: Date,
    datetime.datetime: DateTime,
    Raw: JSON,
    Any: JSON,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """`of` is a struct, or what `scalar` stands for. `is_list` of them; `is_optional` for null; `one_of` for text of a
    closed list."""

    of: Any
    is_list: bool
    is_optional: bool
    one_of: OneOf | None = None

    @property
    def struct(self) -> type[Struct] | None:
        return self.of if isinstance(self.of, type) and issubclass(self.of, Struct) else None

    @property
    def scalar(self) -> Any:
        return JSON if get_origin(self.of) is dict else _SCALARS[self.of]


def kind_of(annotation: Any) -> Kind:
    """Raises TypeError for a union of several types, which no body has."""
    optional = False
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        found = next((mark for mark in marks if isinstance(mark, OneOf)), None)
        return replace(kind_of(inner), one_of=found)
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part not in (type(None), UnsetType)]
        if len(parts) != 1:
            raise TypeError(f"{annotation} has several types")
        inner = kind_of(parts[0])
        return replace(inner, is_optional=True)
    if get_origin(annotation) is list:
        return replace(kind_of(get_args(annotation)[0]), is_list=True, is_optional=optional)
    return Kind(annotation, is_list=False, is_optional=optional)


def described(cls: type) -> str | None:
    """The class's own docstring; msgspec gives one to none, DRF to all that derive from it."""
    text = cls.__dict__.get("__doc__")
    return inspect.cleandoc(text) if text else None
