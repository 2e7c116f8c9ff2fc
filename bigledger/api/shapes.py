"""Input shapes: strict, reused REST framework serializers that refuse unknown fields.

A serializer knows shape only: no queries, no `create()`. Answers are `msgspec.Struct`s, made by selectors.
"""

from __future__ import annotations

import datetime
import re
import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, cast

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty, get_error_detail
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from bigledger import ids, money, texts
from bigledger.api.patience import most_faults
from bigledger.errors import ValidationFailed

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST_DAY, _LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)
_instances = threading.local()


class Shape(serializers.Serializer[Any]):
    """The base of every input. Unknown fields are refused and named, and all faults are reported at once."""

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(
            f"{cls.__name__}(many=True) has no bound; write ListField(child={cls.__name__}(), max_length=…)"
        )

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError({"non_field_errors": ["Must be an object."]}, "not_an_object")
        names = (key for key in data if key not in self.fields or self.fields[key].read_only)
        unknown = {key: [_UNKNOWN] for key in islice(names, most_faults())}
        if not unknown:
            return super().to_internal_value(data)
        try:
            super().to_internal_value(data)
        except serializers.ValidationError as fault:
            faults: Any = fault.detail
            unknown = {**faults, **unknown}
        raise serializers.ValidationError(unknown)

    def run_validation(self, data: Any = empty) -> Any:
        """What is in order is checked field by field and nothing else; every fault takes the long way, which names
        them all. A body without fault costs a third so."""
        if type(data) is dict and self._quick is not None:
            try:
                checked = {name: self._quick[name](value) for name, value in data.items()}
            except (KeyError, serializers.ValidationError, DjangoValidationError):
                return super().run_validation(data)
            if self._required <= checked.keys():
                return checked
        return super().run_validation(data)

    @cached_property
    def _quick(self) -> dict[str, Callable[[Any], Any]] | None:
        """How each field is checked; None for a shape with more to it than its fields."""
        fields = self.fields
        more = (
            bool(self.validators)
            or type(self).validate is not serializers.Serializer.validate
            or any(hasattr(self, f"validate_{name}") for name in fields)
            or any(f.source != name or f.read_only or f.default is not empty for name, f in fields.items())
        )
        return None if more else {name: field.run_validation for name, field in fields.items()}

    @cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(name for name, field in self.fields.items() if field.required)

    @classmethod
    def read(cls, data: Any, *, partial: bool = False) -> dict[str, Any]:
        """The checked input. Raises REST framework's ValidationError.

        An instance is kept per thread: making one copies every field, which costs more than checking.
        """
        kept: dict[tuple[type, bool], Shape] | None = getattr(_instances, "kept", None)
        if kept is None:
            kept = _instances.kept = {}
        shape = kept.get((cls, partial))
        if shape is None:
            shape = kept[cls, partial] = cls()
            if partial:
                # Not REST framework's `partial`, which would let nested objects come incomplete as well.
                for declared in shape.fields.values():
                    declared.required = False
        checked: dict[str, Any] = shape.run_validation({} if data is None or data is empty else data)
        if data is None:  # which would pass for no body, and no body may mean all
            raise ValidationFailed("The request body is null; send an object, or no body at all")
        return checked


_UNKNOWN = ErrorDetail("Unknown field.", "unknown_field")
_BOUNDS = (MaxLengthValidator, ProhibitNullCharactersValidator, ProhibitSurrogateCharactersValidator)


class TextField(serializers.CharField):
    """A string, and only a string, of one line or of at most `lines`, that can be shown (see `bigledger.texts`).

    `verbatim` is for secrets, which are compared and never shown: they are kept as they came.
    """

    default_error_messages = {"not_a_string": "Must be a string.", "invalid_characters": "Must be valid Unicode."}

    def __init__(self, *, lines: int = 1, verbatim: bool = False, **kwargs: Any) -> None:
        self.lines, self.verbatim = lines, verbatim
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_a_string")
        if self.verbatim:
            return self._as_it_came(data)
        try:
            text = texts.clean(data, lines=self.lines, longest=self.max_length or 10_000)
        except texts.BadText as fault:
            raise serializers.ValidationError(str(fault), fault.code) from None
        return super().to_internal_value(text)

    def _as_it_came(self, data: str) -> str:
        try:
            data.encode()
        except UnicodeEncodeError:
            self.fail("invalid_characters")
        return super().to_internal_value(data)

    def run_validation(self, data: Any = empty) -> Any:
        if type(data) is str and 0 < len(data) <= self._bound and data.isascii() and data.isprintable():
            text = super().to_internal_value(data) if self._is_plain else self.to_internal_value(data)
            if text:
                return text
        # CharField would turn a blank into an error before the type is looked at.
        if data is not empty and data is not None and not isinstance(data, str):
            self.fail("not_a_string")
        return super().run_validation(data)

    @cached_property
    def _is_plain(self) -> bool:
        """Whether nothing but this class looks at the text."""
        return type(self).to_internal_value is TextField.to_internal_value

    @cached_property
    def _bound(self) -> int:
        """The longest text that is in order when it is printable ASCII and not blank; 0 when more is asked of it."""
        more = any(not isinstance(validator, _BOUNDS) for validator in self.validators)
        return 0 if more else self.max_length or 0


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


class ListField(serializers.ListField):
    """A list whose length is checked before its elements: one that is too long costs nothing more."""

    default_error_messages = {
        "not_a_list": "Must be a list.",
        "too_many": "Must have at most {most} elements.",
        "too_few": "Must have at least {least} elements.",
    }

    def __init__(self, *, child: serializers.Field[Any, Any, Any, Any], max_length: int, **kwargs: Any) -> None:
        self.most = max_length
        super().__init__(child=child, max_length=max_length, **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        return self.to_internal_value(data) if type(data) is list else super().run_validation(data)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list")
        if len(data) > self.most:
            self.fail("too_many", most=self.most)
        least = self.min_length or (0 if self.allow_empty else 1)
        if len(data) < least:
            self.fail("too_few", least=least)
        return self.run_child_validation(data)

    def run_child_validation(self, data: list[Any]) -> list[Any]:
        """Stops when more faults are found than anybody is told of."""
        checked: list[Any] = []
        faults: dict[int, Any] = {}
        left = most_faults()
        for position, element in enumerate(data):
            try:
                checked.append(self.child.run_validation(element))
            except serializers.ValidationError as fault:
                faults[position] = fault.detail
            except DjangoValidationError as fault:
                faults[position] = get_error_detail(fault)
            if position in faults:
                left -= _count(faults[position])
                if left <= 0:
                    break
        if faults:
            raise serializers.ValidationError(cast(Any, faults))
        return checked


def _count(detail: Any) -> int:
    if isinstance(detail, dict):
        return sum(_count(inner) for inner in detail.values())
    return sum(_count(inner) for inner in detail) if isinstance(detail, list) else 1


class ObjectField(PlainField):
    """An object whose content is checked by the code that reads it."""

    default_error_messages = {"not_an_object": "Must be an object."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        return data


class ChoiceField(serializers.ChoiceField):
    """A choice, given as a string and as no other type."""

    default_error_messages = {"not_a_choice": "Must be one of {choices_text}."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("not_a_choice", choices_text=", ".join(map(str, self.choices)))
        return data


class FlagField(PlainField):
    default_error_messages = {"not_a_boolean": "Must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("not_a_boolean")
        return data


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

    default_error_messages = {
        "not_a_number": "Must be a number.",
        "too_small": "Must not be negative.",
        "too_large": f"Must have at most {money.MAX_INTEGER_DIGITS} digits before the point.",
        "too_many_digits": f"Must have at most {money.MAX_DECIMAL_PLACES} digits after the point.",
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
        if isinstance(exponent, int) and -exponent > money.MAX_DECIMAL_PLACES:
            self.fail("too_many_digits")
        if amount < 0 and not self.signed:
            self.fail("too_small")
        return amount


class CurrencyField(TextField):
    """An ISO 4217 code in capitals."""

    default_error_messages = {"currency": "Must be an ISO 4217 currency code."}

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data)
        if code not in money.currencies():
            self.fail("currency")
        return code


class KeyField(TextField):
    """A natural key: what an object is called in a path, a body and a filter, after its prefix (`cust_ACME`)."""

    default_error_messages = {"key": "{fault}"}

    def __init__(self, model: type[ids.Identified], **kwargs: Any) -> None:
        self.prefix = model.id_prefix
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        key = super().to_internal_value(data)
        if fault := ids.key_fault(self.prefix, key):
            self.fail("key", fault=fault)
        return key


_LONGEST_REFERENCE = 100


@lru_cache(maxsize=4096)
def _is_reference(prefix: str, text: str) -> bool:
    """Whether the text is in order as it stands; the same few accounts are named again and again."""
    plain = text.isascii() and text.isprintable() and text == text.strip()
    return plain and ids.parse(prefix, text) is not None


class ReferenceField(TextField):
    """The id or natural key of another object (`acc_01k…`, `acc_1000`), still as text."""

    default_error_messages = {"reference": "Must be an id that begins with {prefix}_."}

    def __init__(self, model: type[ids.Identified], **kwargs: Any) -> None:
        self.prefix = model.id_prefix
        super().__init__(max_length=_LONGEST_REFERENCE, **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        if type(data) is str and len(data) <= _LONGEST_REFERENCE and _is_reference(self.prefix, data):
            return data
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if ids.parse(self.prefix, text) is None:
            self.fail("reference", prefix=self.prefix)
        return text


def checked_text(value: str, parameter: str) -> str:
    """A query parameter's text, in the form that text is kept in. Raises ValidationFailed."""
    try:
        return texts.clean(value)
    except texts.BadText as fault:
        raise ValidationFailed.at(parameter, str(fault), fault.code) from None
