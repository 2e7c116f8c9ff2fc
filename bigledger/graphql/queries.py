"""From the arguments of a list to the query that its Listing reads, and back with the paths of its faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils.datastructures import MultiValueDict

from bigledger.errors import Detail, ValidationFailed
from bigledger.graphql.names import camel

_OWN = ("page", "limit", "after", "sort", "filter")  # what an argument of a list is, whatever a filter is called


@dataclass(frozen=True)
class Question:
    """`query` as a Listing reads it; `paths` are the arguments that its parameters come from."""

    query: MultiValueDict[str, str]
    paths: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def as_arguments(self) -> Iterator[None]:
        """Faults inside name arguments (`filter.totalGte`), not parameters (`total[gte]`)."""
        try:
            yield
        except ValidationFailed as fault:
            fault.details = [self._renamed(detail) for detail in fault.details]
            raise

    def _renamed(self, detail: Detail) -> Detail:
        return replace(detail, field=self.paths.get(detail.field or "", detail.field))


@dataclass(frozen=True, slots=True)
class FilterArgument:
    """A field of a filter: the parameter that it stands for, or the queries that its words stand for."""

    parameter: str
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def question(filters: Mapping[str, FilterArgument], arguments: Mapping[str, Any]) -> Question:
    """Raises ValidationFailed. `arguments` are `page`, `limit`, `after`, `sort`, `filter` and single filters.

    A null is the same as an argument that is not there.
    """
    query: MultiValueDict[str, str] = MultiValueDict()
    paths: dict[str, str] = {}

    def put(parameter: str, text: str, path: str) -> None:
        if parameter in query:
            raise ValidationFailed.at(path, "Excludes another argument of this list.", "incompatible")
        query[parameter] = text
        paths[parameter] = path

    given = {name: value for name, value in arguments.items() if value is not None}
    for name, parameter in (("page", "page"), ("limit", "limit"), ("after", "cursor")):
        if name in given:
            put(parameter, str(given[name]), name)
    if given.get("sort"):
        put("sort", ",".join(str(_plain(key)) for key in given["sort"]), "sort")
    chosen = [(f"filter.{camel(name)}", name, value) for name, value in given.get("filter", {}).items()]
    chosen += [(camel(name), name, value) for name, value in given.items() if name in filters and name not in _OWN]
    for path, name, value in chosen:
        if value is None:
            continue
        argument = filters[name]
        found = _plain(value)
        if argument.parameter == "metadata":
            for key, text in _metadata(found, path).items():
                put(f"metadata[{key}]", text, path)
        elif isinstance(found, str) and found in argument.words:
            for parameter, text in argument.words[found].items():
                put(parameter, text, path)
        else:
            put(argument.parameter, _text(found, path), path)
    return Question(query, paths)


def _metadata(value: Any, path: str) -> dict[str, str]:
    """The texts that are looked for, by key."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValidationFailed.at(path, "Must be an object of texts.", "not_an_object")
    return value


def _plain(value: Any) -> Any:
    """The value of an enum's member; anything else is itself."""
    return getattr(value, "value", value)


def _text(value: Any, path: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        parts = [_text(_plain(part), path) for part in value]
        if any("," in part for part in parts):
            raise ValidationFailed.at(path, "A value in a list must not contain a comma.", "invalid_characters")
        return ",".join(parts)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
