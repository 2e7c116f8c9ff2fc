"""Enums, each made once: the values that a filter, a choice or a report's name can have, in capitals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import graphene

from bigledger.graphql.names import member


class Enums:
    def __init__(self) -> None:
        self._made: dict[str, tuple[tuple[str, ...], Any]] = {}

    def of(self, name: str, values: Sequence[str]) -> Any:
        """The enum of this name. Raises ValueError when it has other values already."""
        wanted = tuple(values)
        if name not in self._made:
            pairs = [(member(value), value) for value in wanted]
            self._made[name] = wanted, graphene.Enum(name, pairs, description=lambda value: None)
        known, made = self._made[name]
        if known != wanted:
            raise ValueError(f"{name} has the values {known}, not {wanted}")
        return made

    def knows(self, name: str, values: Sequence[str]) -> bool:
        return name in self._made and self._made[name][0] == tuple(values)

    def fits(self, name: str, values: Sequence[str]) -> bool:
        """Whether the name is free, or has these values."""
        return name not in self._made or self._made[name][0] == tuple(values)

    def named(self, name: str) -> Any:
        """The enum of this name, None if there is none."""
        return self._made[name][1] if name in self._made else None
