"""A form for a whole body of the API: its plain fields, lists of lines, parts, values by name, and attached files.

Each part of it says what was filled in (`members`), whether that differs from what there was (`is_changed`), and takes
the faults that the API finds (`add_fault`), so that each is shown where it was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.http import QueryDict

from bigledger.api.shapes import ListField, ReferenceField, Shape
from bigledger.backoffice.choices import named, text_of
from bigledger.backoffice.entry_fields import Amount, Kept, Reference, columns_of, entry_form_of, is_entered, is_object
from bigledger.backoffice.shape_forms import ShapeForm

_UNKNOWN = "Nothing has this number, code or name."
_STEPS = re.compile(r"[^.\[\]]+")
_EMPTY_ROWS = 2  # of a list that begins


def takes(field: Any) -> bool:
    """Whether a form can take the field."""
    return is_entered(field) or _group_of(field) is not None


def _group_of(field: Any) -> type[Any] | None:
    if isinstance(field, Shape):
        return Part
    if isinstance(field, ListField) and isinstance(field.child, Shape):
        return Lines
    if isinstance(field, ListField) and isinstance(field.child, ReferenceField) and upload_address(field.child.model):
        return Files
    return Pairs if is_object(field) else None


def upload_address(model: Any) -> str | None:
    """Where a file becomes such a row; None for rows that are no files."""
    address: str | None = getattr(admin.site._registry.get(model), "upload_address", None)
    return address


def path_of(text: str) -> list[str]:
    """`lines[2].debit` as `lines`, `2`, `debit`."""
    return _STEPS.findall(text)


class BodyForm:
    """`initial` is a body as the API shows it, `first` the columns of its lines that are always shown."""

    def __init__(
        self, shape: type[Shape], data: QueryDict | None, initial: Mapping[str, Any], *, prefix: str = "",
        first: Sequence[str] = (), without: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.form = entry_form_of(shape, without=without)(data, initial=as_shown(initial), prefix=prefix or None)
        self.groups: dict[str, Any] = {}
        for name, field in shape().fields.items():
            if name not in without and (kind := _group_of(field)):
                address = f"{prefix}-{name}" if prefix else name
                self.groups[name] = kind(field, data, initial.get(name), prefix=address, first=first)
                self.groups[name].label = name.replace("_", " ").capitalize()

    @property
    def forms(self) -> Iterator[ShapeForm]:
        yield self.form
        for group in self.groups.values():
            yield from group.forms

    def is_valid(self) -> bool:
        """Checks the forms, and finds the rows that their references name: a query for each model."""
        for form in self.forms:
            form.full_clean()
        for model, cells in _references(self.forms, lambda form, name: form.cleaned_data.get(name)).items():
            found = named(model, {text for _, _, text in cells})
            for form, name, text in cells:
                if text in found:
                    form.cleaned_data[name] = found[text].public_id
                else:
                    form.add_error(name, _UNKNOWN)
        return all(not form.errors for form in self.forms)

    def name_rows(self) -> None:
        """Shows the rows of references by number and name, not by id. Call it before the form is read."""
        for model, cells in _references(self.forms, lambda form, name: form.initial.get(name)).items():
            found = named(model, {str(text) for _, _, text in cells})
            for form, name, text in cells:
                form.initial[name] = text_of(found[text]) if text in found else text
        for model, cells in _references(self.forms, lambda form, name: form[name].value(), Kept).items():
            found = named(model, {str(text) for _, _, text in cells})
            for form, name, text in cells:
                form.said = {name: found[text].description if text in found else ""}  # type: ignore[attr-defined]

    def members(self) -> dict[str, Any]:
        """What was filled in."""
        found = self.form.members()
        for name, group in self.groups.items():
            if (value := group.members()) not in (None, [], {}):
                found[name] = value
        return found

    def changes(self) -> dict[str, Any]:
        """What was filled in otherwise than it was, also with nothing."""
        given = self.form.members()
        found = {name: given.get(name, self.form.nothing(name)) for name in self.form.changed_data}
        return found | {name: group.members() for name, group in self.groups.items() if group.is_changed}

    @property
    def is_changed(self) -> bool:
        return bool(self.form.changed_data) or any(group.is_changed for group in self.groups.values())

    def add_fault(self, path: Sequence[str], message: str) -> None:
        if path and path[0] in self.groups:
            self.groups[path[0]].add_fault(path[1:], message)
        else:
            self.form.add_error(path[0] if path and path[0] in self.form.fields else None, message)


def as_shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a body as the fields of a form show them."""
    return {name: _shown(value) for name, value in values.items()}


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        "\n".join(map(str, value)) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value
    )


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _references(
    found: Iterable[ShapeForm], text_in: Any, kind: type[Any] = Reference
) -> dict[Any, list[tuple[ShapeForm, str, str]]]:
    """By model, every cell that names a row of it, with the text."""
    cells: dict[Any, list[tuple[ShapeForm, str, str]]] = {}
    for form in found:
        for name, field in form.fields.items():
            if isinstance(field, kind) and (text := text_in(form, name)):
                cells.setdefault(field.model, []).append((form, name, text))
    return cells


class Part(BodyForm):
    """An object in the body, such as an address. Left empty, it is not there."""

    template = "backoffice/entry/part.html"

    def __init__(
        self, field: Shape, data: QueryDict | None, initial: Any, *, prefix: str, first: Sequence[str]
    ) -> None:
        super().__init__(type(field), data, initial or {}, prefix=prefix, first=first)
        self.is_empty = data is not None and not any(
            value.strip() for name in data if name.startswith(f"{prefix}-") for value in data.getlist(name)
        )

    @property
    def forms(self) -> Iterator[ShapeForm]:
        return iter(()) if self.is_empty else super().forms

    def members(self) -> Any:
        return None if self.is_empty else super().members()

    @property
    def is_changed(self) -> bool:
        return bool(self.form.initial) if self.is_empty else super().is_changed


@dataclass(frozen=True)
class Cell:
    """A field of a row. The first of a row also shows the faults that are of no field."""

    field: forms.BoundField
    is_more: bool
    row: ShapeForm | None

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def label(self) -> str:
        return str(self.field.label)

    @property
    def is_figure(self) -> bool:
        return isinstance(self.field.field, Amount)

    @property
    def said(self) -> str:
        said: Mapping[str, str] = getattr(self.field.form, "said", {})
        return said.get(self.field.name, "")

    @property
    def faults(self) -> list[str]:
        of_row = self.row.non_field_errors() if self.row is not None and self.row.is_bound else []
        return [str(fault) for fault in [*self.field.errors, *of_row]]


class Rows:
    """Rows of a table with a form each; an empty row counts for nothing. A subclass says what a row is."""

    template = "backoffice/entry/rows.html"
    label = ""
    begins_with = 0
    before: Any
    columns: Sequence[str]
    first: Sequence[str]

    def __init__(
        self, line: type[ShapeForm], most: int, data: QueryDict | None, shown: Sequence[Any], prefix: str
    ) -> None:
        self.prefix, self.most, self.data, self.faults = prefix, most, data, list[str]()
        self.line = line
        if data is None:
            rows = shown or [{}] * self.begins_with
            self.rows = [line(initial=as_shown(row), prefix=f"{prefix}-{place}") for place, row in enumerate(rows)]
        else:
            self.rows = [line(data, prefix=f"{prefix}-{number}") for number in self._numbers(data)]

    @property
    def blank_cells(self) -> list[Cell]:
        """What a new row is made from; the script puts its number in."""
        return self._cells(self.line(prefix=f"{self.prefix}-__row__"))

    @property
    def heads(self) -> list[Cell]:
        return [cell for cell in self.blank_cells if not cell.field.is_hidden or self.is_fixed]

    @property
    def table(self) -> Iterator[list[Cell]]:
        return (self._cells(form) for form in self.rows)

    def _cells(self, form: ShapeForm) -> list[Cell]:
        return [
            Cell(form[name], name in self.more, form if not place else None)
            for place, name in enumerate(self.columns)
            if self.is_fixed or not form[name].is_hidden
        ]

    @cached_property
    def more(self) -> frozenset[str]:
        """The columns that are shown when somebody asks: not of the first, and empty in every row."""
        used = {name for form in self.rows for name in self.columns if form.errors.get(name) or form[name].value()}
        return frozenset(self.columns) - set(self.first) - used

    @property
    def has_more(self) -> bool:
        return bool(self.more)

    @cached_property
    def is_fixed(self) -> bool:
        """Whether a row stands for one that was there before, which is named beside it."""
        hidden = [name for name in self.columns if self.line.base_fields[name].widget.is_hidden]
        return any(form[name].value() for form in self.rows for name in hidden)

    def _numbers(self, data: QueryDict) -> list[str]:
        """Of the rows with something in them, in the order of the page."""
        named = re.compile(rf"{re.escape(self.prefix)}-(\d{{1,6}})-")
        found = {match[1]: None for name in data if (match := named.match(name)) and data.get(name, "").strip()}
        return list(found)[: self.most + 1]

    @property
    def forms(self) -> Iterator[ShapeForm]:
        return iter(self.rows)

    def members(self) -> Any:
        raise TypeError(f"{type(self).__name__} does not say what its rows are")

    @property
    def is_changed(self) -> bool:
        return bool(self.members() != self.before)

    def add_fault(self, path: Sequence[str], message: str) -> None:
        place = self._place(path[0]) if path else None
        if place is None:
            self.faults.append(message)
        else:
            name = next((name for name in path[1:] if name in self.rows[place].fields), None)
            self.rows[place].add_error(name, message)

    def _place(self, step: str) -> int | None:
        return int(step) if step.isdecimal() and int(step) < len(self.rows) else None


class Lines(Rows):
    """A list of objects: `first` are the columns that are shown before anybody asks for all."""

    begins_with = _EMPTY_ROWS

    def __init__(
        self, field: ListField, data: QueryDict | None, initial: Any, *, prefix: str, first: Sequence[str]
    ) -> None:
        shape: Any = type(field.child)
        columns = columns_of(shape)
        self.first = [name for name in first if name in columns] or columns
        self.columns = [*self.first, *(name for name in columns if name not in self.first)]
        self.is_required = field.required
        if not field.required:
            self.begins_with = 0
        self.before = [_given(line) for line in initial or []]
        super().__init__(entry_form_of(shape, is_line=True), field.most, data, initial or [], prefix)

    def members(self) -> Any:
        return [form.members() for form in self.rows]


class Pairs(Rows):
    """Values by name: texts, numbers, or of several kinds."""

    def __init__(self, field: Any, data: QueryDict | None, initial: Any, *, prefix: str, first: Sequence[str]) -> None:
        kind = field.schema()["additionalProperties"]["type"]
        self.columns = self.first = ["name", "kind", "value"] if isinstance(kind, list) else ["name", "value"]
        self.before = dict(initial or {})
        shown = [{"name": name, "kind": _kind(value), "value": _as_text(value)} for name, value in self.before.items()]
        super().__init__(_pair(kind), 100, data, shown, prefix)

    def members(self) -> Any:
        return {
            form.cleaned_data["name"]: _value(form.cleaned_data) for form in self.rows if "name" in form.cleaned_data
        }

    def _place(self, step: str) -> int | None:
        names = [form.cleaned_data.get("name", "") for form in self.rows]
        return names.index(step) if step in names else None


def _pair(kind: Any) -> type[ShapeForm]:
    text = forms.TextInput(attrs={"autocomplete": "off"})
    fields: dict[str, Any] = {"name": forms.CharField(label="Name", widget=text)}
    if isinstance(kind, list):
        kinds = [("string", "Text"), ("integer", "Whole number"), ("boolean", "Yes or no")]
        fields["kind"] = forms.ChoiceField(label="Kind", choices=kinds, required=False)
    is_number = kind == "number"
    fields["value"] = (
        Amount(label="Value", widget=forms.TextInput(attrs={"inputmode": "decimal", "data-number": ""}))
        if is_number else forms.CharField(label="Value", required=False, widget=text)
    )  # fmt: skip
    return type("PairForm", (ShapeForm,), {**fields, "use_required_attribute": False})


def _kind(value: Any) -> str:
    return "boolean" if isinstance(value, bool) else "integer" if isinstance(value, int) else "string"


def _as_text(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _value(cleaned: Mapping[str, Any]) -> Any:
    value = cleaned.get("value", "")
    match cleaned.get("kind"):
        case "boolean" if value.lower() in ("yes", "no", "true", "false"):
            return value.lower() in ("yes", "true")
        case "integer" if re.fullmatch(r"-?\d{1,30}", value):
            return int(value)
    return value


class Files:
    """Rows that are files, by id: uploaded when they are dropped, named here."""

    template = "backoffice/entry/files.html"
    label = ""

    def __init__(self, field: Any, data: QueryDict | None, initial: Any, *, prefix: str, first: Sequence[str]) -> None:
        self.model, self.prefix, self.faults = field.child.model, prefix, list[str]()
        self.before: list[str] = list(initial or [])
        self.given = data.getlist(prefix)[: field.most + 1] if data is not None else self.before
        self.upload = upload_address(self.model)

    @property
    def forms(self) -> Iterator[ShapeForm]:
        return iter(())

    @property
    def files(self) -> list[tuple[str, str]]:
        found = named(self.model, self.given)
        return [(one, str(found.get(one, one))) for one in self.given]

    def members(self) -> Any:
        return self.given

    @property
    def is_changed(self) -> bool:
        return self.given != self.before

    def add_fault(self, path: Sequence[str], message: str) -> None:
        self.faults.append(message)
