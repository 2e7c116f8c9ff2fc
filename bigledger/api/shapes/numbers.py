"""Exact numbers within bounds: quantities, rates, percentages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from bigledger.api.shapes.values import DescribedField


class NumberField(DescribedField, serializers.Field[Decimal, Any, Decimal, Any]):
    """An exact number within bounds: quantities, rates, percentages."""

    default_error_messages = {
        "not_a_number": "Must be a number.",
        "range": "Must be from {least} to {most}.",
        "positive": "Must be more than zero and at most {most}.",
        "digits": "Must have at most {places} digits after the point.",
        "signed": "Must be from -{most} to {most}, and not zero.",
    }

    def __init__(self, *, most: int, places: int, positive: bool = False, signed: bool = False, **kwargs: Any) -> None:
        self.most, self.places, self.positive, self.signed = most, places, positive, signed
        super().__init__(**kwargs)

    def schema(self) -> dict[str, Any]:
        kind = {"type": "number", "format": "decimal"} if self.places else {"type": "integer"}
        if self.signed:
            return {**kind, "minimum": -self.most, "maximum": self.most}
        lowest = {"exclusiveMinimum": 0} if self.positive else {"minimum": 0}
        return {**kind, **lowest, "maximum": self.most}

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, int | Decimal):
            self.fail("not_a_number")
        number = Decimal(data)
        if not number.is_finite():
            self.fail("not_a_number")
        if self.signed and not 0 < abs(number) <= self.most:
            self.fail("signed", most=self.most)
        if self.positive and not 0 < number <= self.most:
            self.fail("positive", most=self.most)
        if not self.signed and not 0 <= number <= self.most:
            self.fail("range", least=0, most=self.most)
        exponent = number.normalize().as_tuple().exponent if number.adjusted() > -30 else -30
        if isinstance(exponent, int) and -exponent > self.places:
            self.fail("digits", places=self.places)
        return number
