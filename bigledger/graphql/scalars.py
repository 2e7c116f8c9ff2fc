"""The scalars that GraphQL does not have: exact numbers, days, moments, and JSON as it is."""

from __future__ import annotations

import datetime
from decimal import Decimal as PythonDecimal
from decimal import InvalidOperation
from typing import Any

import graphene
from graphql import GraphQLError
from graphql.language import ast

_MOST_LETTERS = 60


class Decimal(graphene.Scalar):
    """An exact number, written as a JSON number with the digits that it has (an amount: those of its currency)."""

    @staticmethod
    def serialize(value: Any) -> PythonDecimal:
        return PythonDecimal(value)

    @staticmethod
    def parse_value(value: Any) -> PythonDecimal:
        if isinstance(value, bool) or not isinstance(value, int | PythonDecimal):
            raise GraphQLError("Must be a number.")
        return PythonDecimal(value)

    @staticmethod
    def parse_literal(node: Any, variables: Any = None) -> PythonDecimal:
        if not isinstance(node, ast.IntValueNode | ast.FloatValueNode) or len(node.value) > _MOST_LETTERS:
            raise GraphQLError("Must be a number.", node)
        try:
            return PythonDecimal(node.value)
        except InvalidOperation:
            raise GraphQLError("Must be a number.", node) from None


class _Text(graphene.Scalar):
    """Comes in as a string, which whoever takes it reads as it reads one over REST; goes out as JSON writes it."""

    class Meta:
        name = "TextLike"

    @staticmethod
    def serialize(value: Any) -> Any:
        return value

    @staticmethod
    def parse_value(value: Any) -> str:
        if not isinstance(value, str):
            raise GraphQLError("Must be a string.")
        return value

    @staticmethod
    def parse_literal(node: Any, variables: Any = None) -> str:
        if not isinstance(node, ast.StringValueNode):
            raise GraphQLError("Must be a string.", node)
        return node.value


class Date(_Text):
    """A calendar day, `YYYY-MM-DD`, in the tenant's time zone."""


class DateTime(_Text):
    """A moment, ISO 8601 in UTC: `2024-01-15T10:30:00Z`."""

    @staticmethod
    def serialize(value: Any) -> Any:
        return value.astimezone(datetime.UTC) if isinstance(value, datetime.datetime) else value


class JSON(graphene.Scalar):
    """Any JSON value; numbers are exact, names are those of REST."""

    @staticmethod
    def serialize(value: Any) -> Any:
        return value

    @staticmethod
    def parse_value(value: Any) -> Any:
        return value

    @staticmethod
    def parse_literal(node: Any, variables: Any = None) -> Any:
        match node:
            case ast.VariableNode():
                return (variables or {}).get(node.name.value)
            case ast.ObjectValueNode():
                return {field.name.value: JSON.parse_literal(field.value, variables) for field in node.fields}
            case ast.ListValueNode():
                return [JSON.parse_literal(value, variables) for value in node.values]
            case ast.IntValueNode():
                return int(node.value) if len(node.value) <= _MOST_LETTERS else _refuse(node)
            case ast.FloatValueNode():
                return Decimal.parse_literal(node)
            case ast.StringValueNode() | ast.BooleanValueNode() | ast.EnumValueNode():
                return node.value
            case _:
                return None


def _refuse(node: Any) -> Any:
    raise GraphQLError("Must be a number.", node)
