"""Fields of sales alone: amounts by currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from bigledger import money
from bigledger.api.shapes import DescribedField, MoneyField, NumberField

__all__ = ["LimitsField", "NumberField", "PriceField"]


class PriceField(MoneyField):
    """A unit price: up to 10 digits after the point, whatever the currency has."""

    places = 10


class LimitsField(DescribedField, serializers.Field[dict[str, Decimal], Any, dict[str, Decimal], Any]):
    """Amounts by currency: `{"USD": 1.00, "JPY": 100}`."""

    default_error_messages = {"not_an_object": "Must be an object of amounts by currency."}

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "number", "format": "decimal", "minimum": 0}}

    def to_internal_value(self, data: Any) -> dict[str, Decimal]:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        known = money.currencies()
        faults: dict[str, Any] = {}
        limits = {}
        for currency, amount in data.items():
            if currency not in known:
                faults[currency] = serializers.ErrorDetail("Must be an ISO 4217 currency code.", "unknown_code")
                continue
            try:
                limits[currency] = MoneyField().run_validation(amount)
            except serializers.ValidationError as fault:
                faults[currency] = fault.detail
                continue
            if money.has_excess_digits(limits[currency], currency):
                faults[currency] = serializers.ErrorDetail(money.excess_digits_message(currency), "too_many_digits")
        if faults:
            raise serializers.ValidationError(faults)
        return limits
