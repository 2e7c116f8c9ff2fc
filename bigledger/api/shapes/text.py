"""Fields that take a string: text, choices, currencies, natural keys and references."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from bigledger import ids, money, texts
from bigledger.errors import ValidationFailed

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


class ChoiceField(serializers.ChoiceField):
    """A choice, given as a string and as no other type."""

    default_error_messages = {"not_a_choice": "Must be one of {choices_text}."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("not_a_choice", choices_text=", ".join(map(str, self.choices)))
        return data


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
        self.model, self.prefix = model, model.id_prefix
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
