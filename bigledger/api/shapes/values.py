"""Fields that take one value that is not a string: flags, days, amounts, objects."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework import serializers
from rest_framework.fields import empty

from bigledger import money

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LAST_YEAR = 9000  # time is left to reckon with
_LONGEST_MOMENT = 40
_FIRST_DAY, _LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)


class PlainField(serializers.Field[Any, Any, Any, Any]):
    """Base of fields whose whole check is `to_internal_value`."""

    def run_validation(self, data: Any = empty) -> Any:
        if data is empty or data is None or self.validators:
            return super().run_validation(data)
        return self.to_internal_value(data)


class DescribedField:
    """Mixed into a field of an app, which the OpenAPI document does not know: it says what it takes."""

    def schema(self) -> dict[str, Any]:
        raise TypeError(f"{type(self).__name__} does not describe itself")


class ObjectField(PlainField):
    """An object whose content is checked by the code that reads it."""

    default_error_messages = {"not_an_object": "Must be an object."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        return data


class FlagField(PlainField):
    default_error_messages = {"not_a_boolean": "Must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("not_a_boolean")
        return data


class QueryFlagField(FlagField):
    """A flag in a query, where all values are text: `true` or `false`."""

    def to_internal_value(self, data: Any) -> bool:
        return super().to_internal_value(
            {"true": True, "false": False}.get(data, data) if isinstance(data, str) else data
        )


class DayField(PlainField):
    """A calendar day, `YYYY-MM-DD`."""

    default_error_messages = {
        "not_a_date": "Must be a date in the form YYYY-MM-DD.",
        "out_of_range": f"Must be between {_FIRST_DAY} and {_LAST_DAY}.",
    }

    def to_internal_value(self, data: Any) -> datetime.date:
        day = parse_day(data)
        if day is None:
            self.fail("not_a_date")
        if not _FIRST_DAY <= day <= _LAST_DAY:
            self.fail("out_of_range")
        return day


def parse_day(text: Any) -> datetime.date | None:
    """`2024-01-15` and nothing else that ISO 8601 would also allow."""
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


class MomentField(PlainField):
    """A moment with its offset from UTC, as in ISO 8601: `2024-01-15T09:30:00Z`. With `past`, not one still to come."""

    default_error_messages = {
        "moment": "Must be a date-time with Z or an offset, such as 2024-01-15T09:30:00Z.",
        "out_of_range": "Must not be in the future.",
    }

    def __init__(self, *, past: bool = False, **kwargs: Any) -> None:
        self.past = past
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> datetime.datetime:
        moment = parse_moment(data)
        if moment is None:
            self.fail("moment")
        if self.past and moment > timezone.now():
            self.fail("out_of_range")
        return moment


class FutureField(MomentField):
    """A moment still to come."""

    default_error_messages = {"past": "Must be in the future."}

    def to_internal_value(self, data: Any) -> datetime.datetime:
        moment = super().to_internal_value(data)
        if moment.year >= _LAST_YEAR:
            self.fail("moment")
        if moment <= timezone.now():
            self.fail("past")
        return moment


def parse_moment(text: Any) -> datetime.datetime | None:
    """`2024-01-15T09:30:00Z`, with any offset; in a query a `+` has often become a space."""
    if not isinstance(text, str) or len(text) > _LONGEST_MOMENT:
        return None
    try:
        moment = parse_datetime(text.replace(" ", "+") if "T" in text else text)
        return moment.astimezone(datetime.UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


class WholeNumberField(serializers.IntegerField):
    """An integer as a JSON number, and not as what merely reads like one."""

    default_error_messages = {"not_a_number": "Must be a whole number."}

    def to_internal_value(self, data: object) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("not_a_number")
        return data


class MoneyField(PlainField):
    """An amount as a JSON number, never negative unless `signed`.

    Whether it has more digits than its currency is checked where the currency is known
    (`check_digits`).
    """

    places = money.MAX_DECIMAL_PLACES
    default_error_messages = {
        "not_a_number": "Must be a number.",
        "too_small": "Must not be negative.",
        "too_large": f"Must have at most {money.MAX_INTEGER_DIGITS} digits before the point.",
        "too_many_digits": "Must have at most {places} digits after the point.",
    }

    def __init__(self, *, signed: bool = False, **kwargs: Any) -> None:
        self.signed = signed
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, int | Decimal):
            self.fail("not_a_number")
        amount = Decimal(data)
        if not amount.is_finite():
            self.fail("not_a_number")
        if amount.adjusted() >= money.MAX_INTEGER_DIGITS and amount:
            self.fail("too_large")
        exponent = amount.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.places:
            self.fail("too_many_digits", places=self.places)
        if amount < 0 and not self.signed:
            self.fail("too_small")
        return amount
