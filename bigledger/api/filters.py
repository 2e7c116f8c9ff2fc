"""The kinds of column a list can be filtered by, and the operators each kind takes (`total[gte]=100`)."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from bigledger import ids
from bigledger.api.shapes import parse_day
from bigledger.ids import Identified

EQUALITY = ("eq", "ne", "in")
_MAX_INTEGER = 2**63 - 1
ORDER = ("eq", "ne", "gt", "gte", "lt", "lte", "in")
TEXT = ("eq", "ne", "in", "contains", "startswith")
_LOOKUPS = {"contains": "icontains", "startswith": "istartswith"}
_MAX_IN = 100
_MAX_DIGITS = 40  # of a number, on either side of the point


@dataclass(frozen=True, slots=True)
class FilterField:
    """A column (an ORM path), how its values are read, and which operators it takes.

    `special` replaces the plain comparison, for a name that is not a column (`status=active`). `population` are the
    rows that the question is about at all (only what was issued has a payment status): `ne` gives those of them that
    `eq` does not, and nothing else.
    """

    column: str
    parse: Callable[[str], Any]
    operators: Sequence[str]
    kind: str
    special: Callable[[Any], Q] | None = None
    values: Sequence[str] = ()
    population: Q | None = None

    def condition(self, operator: str, text: str) -> Q:
        """Raises ValueError with what the value should have been."""
        found = self._condition(operator, text)
        return found if self.population is None else self.population & found

    def _condition(self, operator: str, text: str) -> Q:
        if operator == "in":
            parts = text.split(",")
            if len(parts) > _MAX_IN:
                raise ValueError(f"Must have at most {_MAX_IN} values.")
            values = [self.parse(part) for part in parts]
            if self.special is None:
                return Q(**{f"{self.column}__in": values})
            found = Q(pk__in=[])
            for value in values:
                found |= self.special(value)
            return found
        value = self.parse(text)
        if operator in ("eq", "ne"):
            same = self.special(value) if self.special else Q(**{self.column: value})
            return ~same if operator == "ne" else same
        return Q(**{f"{self.column}__{_LOOKUPS.get(operator, operator)}": value})


def text(column: str) -> FilterField:
    return FilterField(column, str, TEXT, "string")


def choice(
    column: str,
    values: Sequence[str],
    special: Callable[[Any], Q] | None = None,
    population: Q | None = None,
) -> FilterField:
    def parse(value: str) -> str:
        if value not in values:
            raise ValueError(f"Must be one of {', '.join(values)}.")
        return str(value)

    return FilterField(column, parse, EQUALITY, "enum", special, tuple(map(str, values)), population)


def flag(column: str) -> FilterField:
    def parse(value: str) -> bool:
        if value not in ("true", "false"):
            raise ValueError("Must be true or false.")
        return value == "true"

    return FilterField(column, parse, ("eq", "ne"), "boolean")


def day(column: str) -> FilterField:
    def parse(value: str) -> datetime.date:
        found = parse_day(value)
        if found is None:
            raise ValueError("Must be a date in the form YYYY-MM-DD.")
        return found

    return FilterField(column, parse, ORDER, "date")


def moment(column: str) -> FilterField:
    def parse(value: str) -> datetime.datetime:
        # A '+' in a query string is a blank once decoded.
        try:
            found = parse_datetime(re.sub(r" (?=\d\d:?\d\d$)", "+", value))
        except ValueError:
            found = None
        if found is None:
            start = parse_day(value)
            found = datetime.datetime.combine(start, datetime.time()) if start else None
        if found is None:
            raise ValueError("Must be an ISO 8601 date-time, for example 2024-01-15T10:30:00Z.")
        try:
            return found.astimezone(datetime.UTC) if found.tzinfo else found.replace(tzinfo=datetime.UTC)
        except OverflowError:
            raise ValueError("Must be between the years 1 and 9999.") from None

    return FilterField(column, parse, ORDER, "date-time")


def amount(column: str) -> FilterField:
    def parse(value: str) -> Decimal:
        try:
            found = Decimal(value)
        except InvalidOperation:
            found = Decimal("NaN")
        if (
            not found.is_finite()
            or not -_MAX_DIGITS <= found.adjusted() <= 18
            or len(value) > _MAX_DIGITS
            or "_" in value
        ):
            raise ValueError("Must be a number.")
        return found

    return FilterField(column, parse, ORDER, "number")


def year(column: str) -> FilterField:
    def parse(value: str) -> int:
        if not (value.isascii() and value.isdigit() and int(value[:20]) <= _MAX_INTEGER):
            raise ValueError("Must be a year.")
        return int(value)

    return FilterField(column, parse, ORDER, "integer")


def reference(column: str, model: type[Identified]) -> FilterField:
    """The id or natural key of another object; `column` is the ORM path to its id (`lines__account_id`)."""
    prefix = model.id_prefix
    natural_column = f"{column.removesuffix('_id')}__{model.natural_field}" if model.natural_field else None

    def find(value: str) -> Q:
        named = ids.parse(prefix, value)
        if isinstance(named, uuid.UUID):
            return Q(**{column: named})
        return Q(**{natural_column: named}) if natural_column else Q(pk__in=[])

    def parse(value: str) -> str:
        if ids.parse(prefix, value) is None:
            raise ValueError(f"Must be an id that begins with {prefix}_.")
        return value

    return FilterField(column, parse, EQUALITY, "id", find)


# What nearly every resource has.
MOMENTS = {"created_at": moment("created_at"), "updated_at": moment("updated_at")}
