"""How the fields of shapes are described. drf-spectacular registers each class when it is defined."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework.serializers import FileField

from bigledger.api.shapes import (
    CurrencyField,
    DayField,
    DescribedField,
    FlagField,
    MomentField,
    MoneyField,
    ObjectField,
    ReferenceField,
)
from bigledger.docs.schema.components import Json
from bigledger.money import MAX_INTEGER_DIGITS


class _MoneySchema(OpenApiSerializerFieldExtension):
    target_class = MoneyField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        most = 10**MAX_INTEGER_DIGITS
        lowest = {"exclusiveMinimum": -most} if self.target.signed else {"minimum": 0}
        return {"type": "number", "format": "decimal", **lowest, "exclusiveMaximum": most}


class _DaySchema(OpenApiSerializerFieldExtension):
    target_class = DayField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


class _MomentSchema(OpenApiSerializerFieldExtension):
    target_class = MomentField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        return {"type": "string", "format": "date-time"}


class _ReferenceSchema(OpenApiSerializerFieldExtension):
    target_class = ReferenceField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        return {"type": "string", "pattern": f"^{self.target.prefix}_.+$", "maxLength": 100}


class _FileSchema(OpenApiSerializerFieldExtension):
    target_class = FileField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        return {"type": "string", "format": "binary"}


class _FlagSchema(OpenApiSerializerFieldExtension):
    target_class = FlagField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        return {"type": "boolean"}


class _CurrencySchema(OpenApiSerializerFieldExtension):
    target_class = CurrencyField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        return {"type": "string", "pattern": "^[A-Z]{3}$"}


class _DescribedSchema(OpenApiSerializerFieldExtension):
    target_class = DescribedField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        found: Json = self.target.schema()
        return found


class _ObjectSchema(OpenApiSerializerFieldExtension):
    target_class = ObjectField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Json:
        return {"type": "object", "additionalProperties": {}}
