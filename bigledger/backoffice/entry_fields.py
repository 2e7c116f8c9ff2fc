"""The fields of a form in which something is entered: quicker to type into than those of a report's parameters."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any

from django import forms
from django.contrib import admin
from rest_framework import serializers
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from bigledger.api.shapes import (
    ChoiceField,
    CurrencyField,
    DescribedField,
    FlagField,
    ListField,
    MoneyField,
    NumberField,
    ObjectField,
    ReferenceField,
    Shape,
    TextField,
)
from bigledger.backoffice.choices import shown_number, source_of
from bigledger.backoffice.shape_forms import FLAG, ShapeForm, field_of, is_true

_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")
_MOST_IN_A_SELECT = 200
# Of a line: what it is about, then its words, then its figures, in the order of the shape.
_KINDS: tuple[type[Any], ...] = (ReferenceField, object, MoneyField, NumberField)


class Amount(forms.DecimalField):
    """A number as people write it: `1,234.50` as well as `1234.5`."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and _GROUPED.fullmatch(value.strip()):
            value = value.replace(",", "")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return shown_number(value) if isinstance(value, Decimal) else value


class Reference(forms.CharField):
    """A row by a text that names it. The form that holds it finds the rows of all its references at once."""

    def __init__(self, *, model: Any, **kwargs: Any) -> None:
        self.model = model
        super().__init__(max_length=300, **kwargs)


class Kept(forms.CharField):
    """A reference that cannot be typed, because its row has no key: it comes with the line, or not at all."""

    def __init__(self, *, model: Any, **kwargs: Any) -> None:
        self.model = model
        super().__init__(widget=forms.HiddenInput, **kwargs)


class _Rows(forms.ChoiceField):
    """A row of a short list of rows that have no key. The list is read when the form is made."""

    def __init__(self, *, model: Any, **kwargs: Any) -> None:
        self.model = model
        empty = [] if kwargs["required"] else [("", "Nobody")]
        super().__init__(choices=lambda: [*empty, *self._rows()], **kwargs)

    def _rows(self) -> list[tuple[str, str]]:
        rows = self.model._default_manager.all()[:_MOST_IN_A_SELECT]
        return [(row.public_id, str(row)) for row in rows]


@cache
def entry_form_of(
    shape: type[Shape], *, is_line: bool = False, without: frozenset[str] = frozenset()
) -> type[ShapeForm]:
    """The plain fields of the shape; those of a line are bare, for there may be a thousand."""
    shown = {name: field for name, field in shape().fields.items() if name not in without and is_entered(field)}
    names = shown if is_line else sorted(shown, key=lambda name: (not shown[name].required, _is_inherited(shape, name)))
    fields = {name: _entered(name, shown[name], is_line=is_line) for name in names}
    return type("EntryForm", (ShapeForm,), {**fields, "use_required_attribute": False})


def _is_inherited(shape: type[Shape], name: str) -> bool:
    """Of several shapes, and so less about this object than about its kind."""
    return any(name in getattr(base, "_declared_fields", ()) for base in shape.__bases__)


def is_entered(field: Any) -> bool:
    """Whether the field has one value, or several texts: what a plain form can take."""
    if isinstance(field, ListField):
        return isinstance(field.child, TextField) and not isinstance(field.child, ReferenceField)
    return not isinstance(field, serializers.BaseSerializer | serializers.FileField | ObjectField) and not is_object(
        field
    )


def is_object(field: Any) -> bool:
    """Whether it is an object of values by name, such as metadata."""
    return isinstance(field, DescribedField) and field.schema().get("type") == "object"


def columns_of(shape: type[Shape]) -> list[str]:
    """The plain fields of a line in the order in which they are asked for."""
    fields = {name: field for name, field in shape().fields.items() if is_entered(field)}
    return sorted(fields, key=lambda name: (_kind(fields[name]), list(fields).index(name)))


def _kind(field: Any) -> int:
    return next((place for place, kind in enumerate(_KINDS) if kind is not object and isinstance(field, kind)), 1)


def _entered(name: str, field: Any, *, is_line: bool) -> forms.Field:
    label = name.removesuffix("_id").replace("_", " ").capitalize()
    common: dict[str, Any] = {"label": label, "required": field.required}
    text: Any = forms.TextInput if is_line else UnfoldAdminTextInputWidget
    select: Any = forms.Select if is_line else UnfoldAdminSelectWidget
    match field:
        case ReferenceField() if source := source_of(field.model):
            attrs = {"data-choices": source, "role": "combobox", "autocomplete": "off", "aria-autocomplete": "list",
                     "aria-expanded": "false"}  # fmt: skip
            return Reference(model=field.model, widget=text(attrs=attrs), **common)
        case ReferenceField() if _has_page(field.model):
            return _Rows(model=field.model, widget=select, **common)
        case ReferenceField():
            return Kept(model=field.model, **{**common, "required": False})
        case MoneyField() | NumberField():
            return Amount(
                widget=text(attrs={"inputmode": "decimal", "autocomplete": "off", "data-number": ""}), **common
            )
        case CurrencyField() if is_line:
            return forms.CharField(widget=text(attrs={"list": "currencies", "maxlength": 3, "size": 4}), **common)
        case FlagField() if is_line:
            return forms.TypedChoiceField(
                choices=FLAG, coerce=is_true, empty_value=None, widget=select, **{**common, "required": False}
            )
        case ChoiceField() if is_line:
            chosen = [(value, str(said).replace("_", " ").capitalize()) for value, said in field.choices.items()]
            return forms.ChoiceField(
                choices=[*([] if field.required else [("", "")]), *chosen], widget=select, **common
            )
    if not is_line:
        return field_of(name, field)
    return forms.CharField(widget=text(attrs={"autocomplete": "off"}), **common)


def _has_page(model: Any) -> bool:
    return model in admin.site._registry
