"""The columns of a sheet, from the fields of a shape; and a cell as what JSON would hold, both ways."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from bigledger import exact_json
from bigledger.api.resource import Resource
from bigledger.api.shapes import (
    DescribedField,
    FlagField,
    ListField,
    MoneyField,
    ObjectField,
    Shape,
    TextField,
    WholeNumberField,
)
from bigledger.tables import guarded, unguarded

Kind = Literal["text", "plain", "number", "flag", "list", "json"]
_KINDS: Mapping[str, Kind] = {"number": "number", "integer": "number", "boolean": "flag", "string": "text"}
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_FLAGS = {"true": True, "false": False}
_BETWEEN = ","  # no natural key has one
_LONGEST_KEY = 100


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, and where its cells stand in the object. In a list (`part`), the path is that of an
    element. There is none for the column that only says which lines are of one object."""

    name: str
    path: tuple[str, ...]
    field: Any
    part: str | None = None

    @property
    def kind(self) -> Kind:
        return kind_of(self.field)

    def value_of(self, cell: str) -> Any:
        """What JSON would hold for the cell; the text itself when it is none of that, for the field to refuse."""
        match self.kind:
            case "text":
                return unguarded(cell)
            case "number":
                return _number(cell.strip())
            case "flag":
                return _FLAGS.get(cell.strip().lower(), cell)
            case "list":
                return [part.strip() for part in cell.split(_BETWEEN)]
            case "json":
                return _json(unguarded(cell))
        return cell.strip()

    def cell_of(self, value: Any) -> str:
        """The cell that `value_of` gives the value for; nothing for null and for an empty list or object."""
        if value is None or (isinstance(value, list | dict) and not value):
            return ""
        match value:
            case bool():
                return "true" if value else "false"
            case Decimal():
                return f"{value:f}"
            case datetime.date():
                return value.isoformat()
            case list() if self.kind == "list":
                return guarded(_BETWEEN.join(value))
            case str():
                return guarded(value)
        return guarded(exact_json.encode(value).decode())


def kind_of(field: Any) -> Kind:
    """What the cells of a field hold."""
    match field:
        case FlagField():
            return "flag"
        case MoneyField() | WholeNumberField():
            return "number"
        case ListField():
            return "list" if kind_of(field.child) == "text" else "json"
        case ObjectField() | Shape():
            return "json"
        case DescribedField():
            return _KINDS.get(field.schema().get("type", "object"), "json")
        case TextField():
            return "text"
    return "plain"


def _number(text: str) -> Any:
    if not _NUMBER.fullmatch(text):
        return text
    return Decimal(text) if "." in text else int(text)


def _json(text: str) -> Any:
    try:
        return exact_json.decode_request(text.encode())
    except (exact_json.MalformedJson, exact_json.RepeatedKeys, UnicodeEncodeError):
        return text


@dataclass(frozen=True)
class Sheet:
    """How the objects of a resource stand in a CSV file: in the columns of `shape`, which creates them.

    `key` is the column that is the same on all lines of one object; None when an object has one line. `names` are
    columns called otherwise than their field (`{"number": "reference"}`). `shown` gives the fields of the shape for a
    body, where they are not simply those of the body. `most` is how many objects a file may have.
    """

    resource: Resource
    shape: type[Shape]
    key: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    shown: Callable[[Any], Mapping[str, Any]] | None = None
    most: int = 1000

    @cached_property
    def columns(self) -> list[Column]:
        """In the order of the shape; those of lists at the end."""
        called = {field_name: column for column, field_name in self.names.items()}
        own: list[Column] = []
        parts: list[Column] = []
        for name, found in self.shape().fields.items():
            inner: Any = found.child if isinstance(found, ListField) else found
            if not isinstance(inner, Shape):
                own.append(Column(called.get(name, name), (name,), found))
                continue
            is_part = inner is not found
            for inner_name, inner_field in inner.fields.items():
                path = (inner_name,) if is_part else (name, inner_name)
                (parts if is_part else own).append(
                    Column(f"{name}.{inner_name}", path, inner_field, name if is_part else None)
                )
        if self.key and all(column.name != self.key for column in own):
            own.insert(0, Column(self.key, (), TextField(max_length=_LONGEST_KEY)))
        own.sort(key=lambda column: column.name != self.key)
        return own + parts

    @cached_property
    def required(self) -> list[str]:
        """The columns without which no object can be made."""
        fields = self.shape().fields
        found = [c.name for c in self.columns if c.part is None and len(c.path) == 1 and c.field.required]
        return found + [c.name for c in self.columns if c.part and fields[c.part].required and c.field.required]

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]
