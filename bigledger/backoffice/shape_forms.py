"""A form made from the shape that reads the same input in the API."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Model
from rest_framework import serializers
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from bigledger import ids, money
from bigledger.access.admin_tenant import TenantAdmin
from bigledger.access.forms import ShownTexts
from bigledger.api.lookup import find
from bigledger.api.shapes import (
    ChoiceField,
    CurrencyField,
    DayField,
    DescribedField,
    FlagField,
    ListField,
    MomentField,
    MoneyField,
    NumberField,
    ObjectField,
    ReferenceField,
    Shape,
    TextField,
    WholeNumberField,
)
from bigledger.errors import ResourceNotFound

_NO_FIELDS = {"cursor"}  # a page shows the whole
# Days first; what is asked for least comes last, and every other parameter before it.
_ORDER = ("customer_id", "account_id", "as_of", "from", "to", "compare", "currency", "include_closing", "known_at")
_LABELS = {"as_of": "As of", "known_at": "As known at", "include_closing": "With closing entries", "compare": "Compare"}
_EMPTY = {"compare": "Nothing", "currency": "Base currency"}


FLAG = [("", "Default"), ("true", "Yes"), ("false", "No")]


def is_true(value: str) -> bool:
    return value == "true"


class _Day(UnfoldAdminTextInputWidget):  # type: ignore[misc] # it comes without types
    input_type = "date"


class _Lines(UnfoldAdminTextareaWidget):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(attrs={"rows": 3})


class _Moment(UnfoldAdminTextInputWidget):  # type: ignore[misc]
    input_type = "datetime-local"


class _Reference(forms.ModelChoiceField):  # type: ignore[type-arg] # not generic when it runs
    """A row, by its key as the widget sends it, or by its public id as links have it."""

    def prepare_value(self, value: Any) -> Any:
        return self._key(value) if isinstance(value, str) else super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        # The key of no row stands for what names none, so that the choice is refused.
        return super().to_python(self._key(value) or uuid.UUID(int=0))

    def _key(self, value: str) -> str | None:
        model: Any = self.queryset.model  # type: ignore[union-attr] # it is given
        try:
            return str(uuid.UUID(value))
        except ValueError:
            pass
        try:
            return str(find(model._default_manager.all(), value).pk)
        except ResourceNotFound:
            return None


class ShapeForm(ShownTexts, forms.Form):
    """Valid values are given as the API's shape reads them: as texts of a query, or as the members of a body."""

    def fill(self, params: Mapping[str, Any]) -> None:
        """Shows the days that were taken for those that were not given."""
        days = {name: params[name].isoformat() for name in params if isinstance(params[name], datetime.date)}
        self.data = {**days, **{name: value for name, value in self.data.items() if value}}

    def texts(self) -> dict[str, str]:
        return {name: _text(value) for name, value in self.cleaned_data.items() if value not in (None, "", False)}

    def members(self) -> dict[str, Any]:
        """What was filled in."""
        found = {name: _member(self.fields[name], value) for name, value in self.cleaned_data.items()}
        return {name: value for name, value in found.items() if value not in (None, "", [])}

    def nothing(self, name: str) -> Any:
        """What an emptied field means: no text, no list, else null."""
        field = self.fields[name]
        if field.help_text:
            return []
        return "" if type(field) is forms.CharField else None


@cache
def form_of(shape: type[Shape]) -> type[ShapeForm]:
    """Without the fields that no plain form can take: those of `left_out`, and where a page begins."""
    shown = {name: field for name, field in shape().fields.items() if name not in _NO_FIELDS and _is_plain(field)}
    names = sorted(shown, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER) - 2)
    fields = {name: field_of(name, shown[name]) for name in names}
    return type("ShapeForm", (ShapeForm,), fields)


def _is_plain(field: Any) -> bool:
    if isinstance(field, ListField):
        return isinstance(field.child, serializers.CharField)
    return not isinstance(
        field, serializers.BaseSerializer | serializers.FileField | ObjectField | DescribedField
    ) or isinstance(field, NumberField)


def field_of(name: str, field: Any) -> forms.Field:
    label = _LABELS.get(name, name.removesuffix("_id").replace("_", " ").capitalize())
    common: dict[str, Any] = {"label": label, "required": field.required}
    match field:
        case DayField():
            return forms.DateField(widget=_Day, **common)
        case MomentField():
            return forms.DateTimeField(widget=_Moment, **common)
        case FlagField():
            return forms.TypedChoiceField(
                choices=FLAG, coerce=is_true, empty_value=None, widget=UnfoldAdminSelectWidget, **common
            )
        case ReferenceField() if _source(field.model):
            return _reference(field.model, common)
        case MoneyField() | NumberField():
            return forms.DecimalField(widget=UnfoldAdminDecimalFieldWidget, **common)
        case WholeNumberField():
            return forms.IntegerField(widget=UnfoldAdminIntegerFieldWidget, **common)
        case ListField():
            return forms.CharField(widget=_Lines, help_text="One in each line.", **common)
        case TextField() if field.lines > 1:
            return forms.CharField(widget=_Lines, **common)
        case CurrencyField():
            choices = [(code, code) for code in sorted(money.currencies())]
        case ChoiceField():
            choices = [(value, str(shown).replace("_", " ").capitalize()) for value, shown in field.choices.items()]
        case _:
            return forms.CharField(widget=UnfoldAdminTextInputWidget, **common)
    empty = [("", _EMPTY.get(name, "Default"))] if not field.required else []
    return forms.ChoiceField(choices=[*empty, *choices], widget=UnfoldAdminSelectWidget, **common)


def _reference(model: Any, common: Mapping[str, Any]) -> forms.Field:
    """Found while typing: Django's own widget asks for the rows that some key of a page could name."""
    widget = AutocompleteSelect(_source(model), admin.site, attrs={"data-width": "100%"})
    return _Reference(queryset=model._default_manager.all(), widget=widget, **common)


def _text(value: Any) -> str:
    if isinstance(value, Model) and isinstance(value, ids.Identified):
        return value.public_id
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "true" if value is True else str(value)


def _source(model: Any) -> Any:
    """A key of some page that names the model, for whose rows the page can be asked."""
    keys = (one.field for one in model._meta.related_objects if isinstance(_page(one.related_model), TenantAdmin))
    return next(keys, None) if getattr(_page(model), "search_fields", ()) else None


def _page(model: Any) -> Any:
    return admin.site._registry.get(model)


def _member(field: forms.Field, value: Any) -> Any:
    if isinstance(value, str) and field.help_text:
        return [line.strip() for line in value.splitlines() if line.strip()]
    if isinstance(value, bool | int | Decimal | str) or value is None:
        return value
    return _text(value)
