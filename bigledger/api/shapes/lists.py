"""The field that takes a list, with its bounds."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers
from rest_framework.fields import empty, get_error_detail

from bigledger.api.patience import most_faults


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
        """Checks element by element, and stops after as many faults as an answer lists."""
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
