"""What a form begins with: the object as it is, a copy of another, or what a link brought along."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bigledger import exact_json
from bigledger.api.resource import Resource
from bigledger.api.shapes import DayField, KeyField, ListField, MetadataField, MoneyField, ReferenceField, Shape
from bigledger.api.shapes.values import parse_day
from bigledger.tenants.context import current_tenant

# Of two ways to say the same, a body shows both; what was given is the first that says something.
_EITHER = (("discount_percentage", "discount_amount"), ("tax_rate_id", "tax_rate"), ("exchange_rate", "base_debit"),
           ("exchange_rate", "base_credit"), ("components", "rate"))  # fmt: skip
_SIDES = ("debit", "credit")
_IN_BASE = ("exchange_rate", "base_debit", "base_credit")


def body_of(resource: Resource, row: Any) -> Any:
    """The object as the API shows it."""
    return exact_json.decode(exact_json.encode(resource.bodies([row])[0]))


def values_of(shape: type[Shape], body: Mapping[str, Any]) -> dict[str, Any]:
    """What the shape would have to be given, to make such a body."""
    found = {name: _value(name, field, body) for name, field in shape().fields.items()}
    found = {name: value for name, value in found.items() if value is not None}
    for side in _SIDES:
        if not found.get(side):
            found.pop(side, None)
    if "debit" in shape().fields and found.get("currency") == current_tenant().base_currency:
        found = {name: value for name, value in found.items() if name not in _IN_BASE}
    for first, second in _EITHER:
        if found.get(first) and second in found:
            del found[second]
        elif found.get(second) and not found.get(first):
            found.pop(first, None)
    return found


def _value(name: str, field: Any, body: Mapping[str, Any]) -> Any:
    if name not in body and isinstance(field, ReferenceField):
        named = body.get(name.removesuffix("_id"))
        return named.get("id") if isinstance(named, Mapping) else None
    value = body.get(name)
    if isinstance(field, Shape) and isinstance(value, Mapping):
        return values_of(type(field), value)
    if isinstance(field, ListField) and isinstance(field.child, Shape):
        return [_line(type(field.child), item) for item in value or []]
    if isinstance(field, DayField) and isinstance(value, str):
        return parse_day(value)
    return Decimal(value) if isinstance(field, MoneyField) and isinstance(value, int) else value


def _line(shape: type[Shape], item: Mapping[str, Any]) -> dict[str, Any]:
    """Without flags and discounts that are the same as none."""
    return {name: value for name, value in values_of(shape, item).items() if value or not _says_nothing(name, value)}


def _says_nothing(name: str, value: Any) -> bool:
    return value is False or value == "" or name.startswith("discount_")


def copied(shape: type[Shape], body: Mapping[str, Any]) -> dict[str, Any]:
    """The values of another object, without its own number, days, metadata and files; what needs a day is of today."""
    today = current_tenant().today()
    found = values_of(shape, body)
    for name, field in shape().fields.items():
        if isinstance(field, KeyField | DayField | MetadataField) or name == "attachments":
            found.pop(name, None)
        if isinstance(field, DayField) and field.required:
            found[name] = today
    return found


def brought(shape: type[Shape], given: Mapping[str, str]) -> dict[str, Any]:
    """What the address of the page names, and today where a day is needed."""
    fields = shape().fields
    today = {name: current_tenant().today() for name, field in fields.items()
             if isinstance(field, DayField) and field.required}  # fmt: skip
    return today | {name: value for name, value in given.items() if name in fields and name != "lines"}
