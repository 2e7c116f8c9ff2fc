"""Objects of the API: attributes by the types that the OpenAPI document declares, numbers exact."""

from __future__ import annotations

import functools
import json
import types
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints


class Object:
    """An answer. A field that is declared but absent is None; one that this SDK does not know yet is there as it came.
    `to_dict()` gives the answer as it was received."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        hints = _hints(type(self))  # type: ignore[arg-type] # mypy takes the hash of objects for that of the class
        if name not in self._raw and name not in hints:
            raise AttributeError(f"{type(self).__name__} has no field {name}")
        value = converted(hints.get(name, Any), self._raw.get(name))
        self.__dict__[name] = value
        return value

    def __getitem__(self, name: str) -> Any:
        if name not in self._raw:
            raise KeyError(name)
        return getattr(self, name)

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._raw == self._raw

    def __hash__(self) -> int:
        return hash(dumps(self._raw))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dumps(self._raw)})"

    def to_dict(self) -> dict[str, Any]:
        return dict(self._raw)


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def converted(hint: Any, value: Any) -> Any:
    """A value of JSON as the type that is declared for it. What does not fit the declaration stays as it came."""
    origin = get_origin(hint)
    if value is None:
        return None
    if origin in (Union, types.UnionType):
        return converted(next(part for part in get_args(hint) if part is not type(None)), value)
    if origin is list and isinstance(value, list):
        return [converted(get_args(hint)[0], item) for item in value]
    if origin is dict and isinstance(value, dict):
        return {name: converted(get_args(hint)[1], item) for name, item in value.items()}
    if hint is Decimal and isinstance(value, int | Decimal):
        return Decimal(value)
    if hint in (date, datetime) and isinstance(value, str):
        return hint.fromisoformat(value.replace("Z", "+00:00"))
    if isinstance(hint, type) and issubclass(hint, Object) and isinstance(value, dict):
        return hint(value)
    return value


def loads(text: bytes | str) -> Any:
    """JSON with every fraction as a Decimal."""
    return json.loads(text, parse_float=Decimal)


def dumps(value: Any) -> str:
    """JSON with a Decimal as a number of exactly its digits, dates as texts, and a float as Python prints it."""
    if isinstance(value, Object):
        value = value.to_dict()
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(name))}:{dumps(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no number of JSON")
        return format(value, "f")
    if isinstance(value, datetime | date):
        return json.dumps(value.isoformat())
    return json.dumps(value, allow_nan=False)
