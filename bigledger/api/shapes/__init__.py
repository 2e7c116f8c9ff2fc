"""Input shapes: strict, reused REST framework serializers that refuse unknown fields.

A serializer knows shape only: no queries, no `create()`. Answers are `msgspec.Struct`s, made by selectors.
"""

from bigledger.api.shapes.addresses import AddressInput, CountryField
from bigledger.api.shapes.lists import ListField
from bigledger.api.shapes.metadata import MetadataField
from bigledger.api.shapes.numbers import NumberField
from bigledger.api.shapes.shape import EmptyInput, Shape
from bigledger.api.shapes.text import ChoiceField, CurrencyField, KeyField, ReferenceField, TextField, checked_text
from bigledger.api.shapes.values import (
    DayField,
    DescribedField,
    FlagField,
    FutureField,
    MomentField,
    MoneyField,
    ObjectField,
    PlainField,
    QueryFlagField,
    WholeNumberField,
    parse_day,
)

__all__ = [
    "AddressInput",
    "ChoiceField",
    "CountryField",
    "CurrencyField",
    "DayField",
    "DescribedField",
    "EmptyInput",
    "FlagField",
    "FutureField",
    "KeyField",
    "ListField",
    "MetadataField",
    "MomentField",
    "MoneyField",
    "NumberField",
    "ObjectField",
    "PlainField",
    "QueryFlagField",
    "ReferenceField",
    "Shape",
    "TextField",
    "WholeNumberField",
    "checked_text",
    "parse_day",
]
