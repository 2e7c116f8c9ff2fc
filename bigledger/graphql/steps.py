"""What stands behind a field: how its objects are loaded for a hundred parents at once.

A field is loaded before it is resolved (`loading.preload`), so that a list of a hundred costs as many queries as one
of ten. The resolvers then find everything in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from msgspec import UNSET

from bigledger.api.resource import Resource
from bigledger.graphql.connections import Edge, page_below
from bigledger.graphql.context import Context
from bigledger.graphql.declared import Below


class Step(Protocol):
    """`type_name` is the type of what the field shows. `load` gives all of it, for all `sources`."""

    @property
    def type_name(self) -> str: ...

    def load(self, context: Context, sources: Sequence[Any], arguments: Mapping[str, Any]) -> Sequence[Any]: ...


def shown(name: str, default: Any, source: Any, info: Any) -> Any:
    """What shows a field that says nothing else."""
    return reader(name)(source)


def reader(name: str) -> Callable[..., Any]:
    """The resolver of a field of a body. What is left out of it is null; a body just made may hold a choice of its
    model in place of the text."""

    def read(source: Any, info: Any = None) -> Any:
        found = getattr(source, name)
        if type(found) is str:
            return found
        if found is UNSET:
            return None
        return found.value if isinstance(found, Enum) else found

    return read


@dataclass(frozen=True, eq=False)
class Embedded:
    """A struct, or a list of structs, within a body: there already. Also the edges and nodes of a connection."""

    type_name: str
    read: Callable[[Any], Any]

    def load(self, context: Context, sources: Sequence[Any], *_: Any) -> Sequence[Any]:
        found: list[Any] = []
        for source in sources:
            value = self.read(source)
            if isinstance(value, list | tuple):
                found.extend(value)
            elif value is not None and value is not UNSET:
                found.append(value)
        return found


@dataclass(frozen=True, eq=False)
class Related:
    """The object whose id stands in a body: `customer_id`, or an object with an `id` of its own."""

    type_name: str
    resource: Resource
    name: str

    def load(self, context: Context, sources: Sequence[Any], *_: Any) -> Sequence[Any]:
        if not context.may_read(self.resource.name):
            return ()
        return context.load(self.resource, [found for source in sources if (found := self._id(source))])

    def resolve(self, source: Any, info: Any) -> Any:
        context: Context = info.context
        context.principal.require("read", self.resource.name)
        identifier = self._id(source)
        return context.one(self.resource, identifier) if identifier else None

    def _id(self, source: Any) -> str | None:
        value = getattr(source, f"{self.name}_id", UNSET)
        if value is UNSET:
            value = getattr(source, self.name, None)
        found = getattr(value, "id", value)
        return found if isinstance(found, str) else None


@dataclass(frozen=True, eq=False)
class Listed:
    """A list below an object, one page of it for each."""

    type_name: str
    below: Below
    query: Callable[[Mapping[str, Any]], Any]

    def load(self, context: Context, sources: Sequence[Any], arguments: Mapping[str, Any]) -> Sequence[Any]:
        if not context.may_read(self.below.resource.name):
            return ()
        pages = self._read(context, list(dict.fromkeys(source.id for source in sources)), arguments)
        return [page for page in pages if not isinstance(page, Exception)]

    def resolve(self, source: Any, info: Any, **arguments: Any) -> Any:
        context: Context = info.context
        context.principal.require("read", self.below.resource.name)
        (page,) = self._read(context, [source.id], arguments)
        if isinstance(page, Exception):
            raise page
        return page

    def _read(self, context: Context, identifiers: Sequence[str], arguments: Mapping[str, Any]) -> list[Any]:
        key = (id(self.below), repr(sorted(arguments.items(), key=lambda item: item[0])))
        return context.pages(key, identifiers, lambda ids: page_below(self.below, ids, self.query(arguments)))


@dataclass(frozen=True, eq=False)
class Counted:
    """How many there are on all pages of a connection: counted with the page, not after a mutation was rolled back."""

    type_name: str = "Int"

    def load(self, context: Context, sources: Sequence[Any], *_: Any) -> Sequence[Any]:
        for source in sources:
            source.count()
        return ()


def node_of(edge: Edge) -> Any:
    return edge.node
