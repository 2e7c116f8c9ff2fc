"""One declaration for each resource: what REST, expansion, the back office and the documents read.

An app declares its own in `<app>/resources.py`. Prefix and natural key stand on the model (`ids.Identified`), where
references in bodies and filters find them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Case, F, QuerySet, Value, When

from bigledger.api.bodies import Body
from bigledger.api.listing import Listing
from bigledger.api.lookup import condition
from bigledger.api.selection import Expansion
from bigledger.events.models import Event
from bigledger.ids import Identified
from bigledger.tenants.metadata import WithMetadata

# By name; the first of a name is what REST shows under it.
RESOURCES: dict[str, Resource] = {}
OBJECT = "object_of_event"  # the annotation that says to whose history an event belongs


def resource_of(body: type[Any]) -> Resource | None:
    """The resource whose objects this body shows, None for a body that is a part or an answer."""
    return next((resource for resource in RESOURCES.values() if resource.body is body), None)


def singular(name: str) -> str:
    """Of the name of a resource."""
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")


def _events_of(kind: str) -> QuerySet[Event]:
    """Those of objects of one kind. An id is no object's alone: the entry of an invoice has the invoice's."""
    return Event.objects.filter(data__startswith=f'{{"{kind}":')


@dataclass(frozen=True)
class OnRequest:
    """`rows` are shown instead in a list whose filter names `value`: deleted drafts, to callers who keep a copy."""

    filter: str
    value: str
    rows: Callable[[], QuerySet[Any]]


@dataclass(frozen=True)
class Resource:
    """`name` is that of its path, with underscores, and of its scopes.

    `bodies` shows rows, in a number of queries that does not grow with them. `expansions` names the fields of the
    body that hold ids of other resources; it is a function because a resource may name itself (an account's parent).
    `rows` are those that callers see, all of the tenant's by default; a list also shows those `on_request`. One with
    lines tells how many each of some rows has (`line_counts`), and how many one can have (`most_lines`), so that a page
    stays bounded. `parts` are rows with events of their own that belong to the object's history: what the events call
    them, their model, and its column that names the object.
    """

    name: str
    model: type[Identified]
    body: type[Body]
    bodies: Callable[[Sequence[Any]], Sequence[Body]]
    listing: Listing
    expansions: Callable[[], Mapping[str, Resource]] = dict
    rows: Callable[[], QuerySet[Any]] | None = None
    on_request: OnRequest | None = None
    line_counts: Callable[[Sequence[Any]], Sequence[int]] | None = None
    most_lines: int = 1
    parts: Callable[[], Sequence[tuple[str, type[Any], str]]] = tuple

    @property
    def singular(self) -> str:
        """The name of one object, under which its events hold its body: `journal_entry`."""
        return singular(self.name)

    def history(self, ids: Sequence[uuid.UUID]) -> QuerySet[Event]:
        """The events of these objects and of their parts, each annotated with whose it is (`OBJECT`)."""
        wanted = self._events.filter(object_id__in=ids)
        whose: list[When] = []
        for kind, model, column in self.parts():
            objects: dict[uuid.UUID, list[uuid.UUID]] = {}
            for part, whole in model._default_manager.filter(**{f"{column}__in": ids}).values_list("pk", column):
                objects.setdefault(whole, []).append(part)
            of_parts = [part for parts in objects.values() for part in parts]
            wanted |= _events_of(kind).filter(object_id__in=of_parts)
            whose += [When(object_id__in=parts, then=Value(whole)) for whole, parts in objects.items()]
        return wanted.annotate(**{OBJECT: Case(*whose, default=F("object_id"))})

    def history_of_deleted(self, reference: str) -> QuerySet[Event]:
        """The events of the object that had this id; those of an object of another kind are not its."""
        identifier = self.model.id_in(reference)
        return Event.objects.none() if identifier is None else self._events.filter(object_id=identifier)

    @property
    def _events(self) -> QuerySet[Event]:
        return _events_of(self.singular)

    def __post_init__(self) -> None:
        RESOURCES.setdefault(self.name, self)
        if self.has_metadata:
            object.__setattr__(self, "listing", replace(self.listing, has_metadata=True))

    @property
    def has_metadata(self) -> bool:
        """Whether its objects keep what integrations gave with them."""
        return issubclass(self.model, WithMetadata)

    def all(self) -> QuerySet[Any]:
        """The rows that callers may see."""
        return self.rows() if self.rows else self.model._default_manager.all()  # type: ignore[attr-defined]

    def listed(self, query: Mapping[str, str]) -> QuerySet[Any]:
        """The rows of the list that `query` asks for."""
        more = self.on_request
        if more and any(more.value in text for name, text in query.items() if name.startswith(more.filter)):
            return more.rows()
        return self.all()

    @cached_property
    def expansion(self) -> Expansion:
        """What an id of this resource expands to, wherever it stands."""
        return Expansion(self.body, self._named, self.expanded)

    def expanded(self) -> Mapping[str, Expansion]:
        return {field: resource.expansion for field, resource in self.expansions().items()}

    def _named(self, references: Sequence[str]) -> Mapping[str, Any]:
        found: list[Any] = list(self.all().filter(condition(self.model, references)))
        return {row.public_id: body for row, body in zip(found, self.bodies(found), strict=True)}
