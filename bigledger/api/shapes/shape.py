"""The base of every input: strict, reused, and unknown fields are refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty

from bigledger.api.patience import most_faults
from bigledger.errors import ValidationFailed

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
                if self._required <= checked.keys():
                    return self.validate(checked)
            except (KeyError, serializers.ValidationError, DjangoValidationError):
                return super().run_validation(data)
        return super().run_validation(data)

    @cached_property
    def _quick(self) -> dict[str, Callable[[Any], Any]] | None:
        """How each field is checked; None for a shape with more to it than its fields and `validate`."""
        fields = self.fields
        more = (
            bool(self.validators)
            or any(hasattr(self, f"validate_{name}") for name in fields)
            or any(f.source != name or f.read_only or f.default is not empty for name, f in fields.items())
        )
        return None if more else {name: field.run_validation for name, field in fields.items()}

    @cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(name for name, field in self.fields.items() if field.required)

    @classmethod
    def names(cls) -> Collection[str]:
        """The fields that it declares, which are known without making one."""
        return cls._declared_fields.keys()

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


class EmptyInput(Shape):
    """For operations that take no body."""
