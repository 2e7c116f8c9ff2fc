"""Inputs from shapes, and the arguments of a list from its Listing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import graphene
from rest_framework import serializers

from bigledger.api.filters import FilterField
from bigledger.api.shapes import (
    ChoiceField,
    DayField,
    DescribedField,
    FlagField,
    ListField,
    MomentField,
    MoneyField,
    ObjectField,
    ReferenceField,
    Shape,
)
from bigledger.graphql.declared import Node
from bigledger.graphql.enums import Enums
from bigledger.graphql.kinds import described
from bigledger.graphql.names import camel, capital
from bigledger.graphql.queries import FilterArgument
from bigledger.graphql.scalars import JSON, Date, DateTime, Decimal

_BY_SHAPE: tuple[tuple[type[Any], Any], ...] = (
    (FlagField, graphene.Boolean),
    (DayField, Date),
    (MomentField, DateTime),
    (MoneyField, Decimal),
    (ReferenceField, graphene.ID),
    (ObjectField, JSON),
    (serializers.IntegerField, graphene.Int),
    (serializers.CharField, graphene.String),
)
_BY_SCHEMA: Mapping[str, Any] = {"number": Decimal, "integer": Decimal, "object": JSON, "string": graphene.String}
_BY_FILTER: Mapping[str, Any] = {
    "string": graphene.String, "boolean": graphene.Boolean, "date": Date, "date-time": DateTime, "number": Decimal,
    "id": graphene.ID, "integer": graphene.Int,
}  # fmt: skip


@dataclass
class Inputs:
    """Input types by name, each made once. An input's fields keep the names of the shape for whoever reads them."""

    enums: Enums
    made: dict[str, tuple[type[Shape], Any]] = field(default_factory=dict)

    def of(self, name: str, shape: type[Shape], prefix: str, *, partial: bool = False) -> Any:
        """The input that `shape` reads; `prefix` is the type whose enums its choices are. With `partial`, nothing is
        required of what it holds itself."""
        if name in self.made:
            known, made = self.made[name]
            if known is not shape:
                raise ValueError(f"{name} is both {known.__name__} and {shape.__name__}")
            return made
        attributes: dict[str, Any] = {
            key: graphene.InputField(found, required=required and not partial, name=camel(key))
            for key, found, required in self.fields(name, shape, prefix)
        }
        attributes["Meta"] = type("Meta", (), {"name": name, "description": described(shape)})
        made = type(name, (graphene.InputObjectType,), attributes)
        self.made[name] = shape, made
        return made

    def arguments(self, shape: type[Shape], prefix: str) -> dict[str, Any]:
        """The fields of a shape as arguments."""
        return {
            key: graphene.Argument(found, required=required, name=camel(key))
            for key, found, required in self.fields(prefix, shape, prefix)
        }

    def fields(self, name: str, shape: type[Shape], prefix: str) -> Iterator[tuple[str, Any, bool]]:
        for key, declared in shape().fields.items():
            if not isinstance(declared, serializers.FileField):
                yield key, self._type(name, key, declared, prefix), bool(declared.required) and not declared.allow_null

    def _type(self, name: str, key: str, declared: Any, prefix: str) -> Any:
        if isinstance(declared, Shape):
            return self.of(type(declared).__name__, type(declared), prefix)
        if isinstance(declared, ListField):
            return graphene.List(graphene.NonNull(self._type(name, key, declared.child, prefix)))
        if isinstance(declared, ChoiceField):
            values = tuple(map(str, declared.choices))
            shared = f"{prefix}{capital(key)}"
            return self.enums.of(shared if self.enums.fits(shared, values) else f"{name}{capital(key)}", values)
        if isinstance(declared, DescribedField):
            return _BY_SCHEMA[declared.schema()["type"]]
        return next(found for kind, found in _BY_SHAPE if isinstance(declared, kind))

    def list_arguments(self, node: Node) -> tuple[dict[str, Any], Mapping[str, FilterArgument]]:
        """`filter`, `sort`, `page`, `limit`, `after`, and what each filter stands for."""
        filters: dict[str, FilterArgument] = {}
        attributes: dict[str, Any] = {}
        for name, declared in node.resource.listing.filters.items():
            words = node.words.get(name, {})
            found = self._filter_type(node, name, declared, tuple(words))
            for operator in declared.operators:
                key = name if operator == "eq" else f"{name}_{operator}"
                parameter = name if operator == "eq" else f"{name}[{operator}]"
                filters[key] = FilterArgument(parameter, words if operator == "eq" else {})
                listed = graphene.List(graphene.NonNull(found)) if operator == "in" else found
                attributes[key] = graphene.InputField(listed, name=camel(key))
        if node.resource.listing.search:
            filters["search"] = FilterArgument("search")
            attributes["search"] = graphene.InputField(graphene.String)
        if node.resource.has_metadata:
            filters["metadata"] = FilterArgument("metadata")
            attributes["metadata"] = graphene.InputField(JSON)
        name = f"{node.type_name}Filter"
        attributes["Meta"] = type("Meta", (), {"name": name})
        made = type(name, (graphene.InputObjectType,), attributes)
        keys = [f"{key}:{way}" for key in node.resource.listing.sort for way in ("asc", "desc")]
        sort = self.enums.of(f"{node.type_name}Sort", keys)
        arguments = {
            "filter": graphene.Argument(made),
            "page": graphene.Argument(graphene.Int),
            "limit": graphene.Argument(graphene.Int),
            "after": graphene.Argument(graphene.String),
            "sort": graphene.Argument(graphene.List(graphene.NonNull(sort))),
        }
        return arguments, filters

    def _filter_type(self, node: Node, name: str, declared: FilterField, words: tuple[str, ...]) -> Any:
        if declared.kind != "enum":
            return _BY_FILTER[declared.kind]
        suffix = "Filter" if words else ""
        return self.enums.of(f"{node.type_name}{capital(name)}{suffix}", (*words, *declared.values))
