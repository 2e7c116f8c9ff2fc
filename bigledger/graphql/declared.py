"""What an app says of itself in its `schema.py`: a list of these, from which the schema is made.

A type's fields, the arguments of a list and the input of a write come from what REST reads too: the Body, the Listing
and the Shape. Here stands only what GraphQL has and REST has not: its own names, and lists below an object.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Model, QuerySet
from msgspec import Struct

from bigledger.api.resource import Resource
from bigledger.api.shapes import Shape
from bigledger.graphql.names import snake

EVERY_EVENT = "*"
PARENT = "parent_of_row"  # the annotation that says below which object a row stands

Query = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Node:
    """The type of a resource, with its two reads: `account(id)` and `accounts(filter, sort, page, limit, after)`.

    `name` is the type's, when it is not its body's without `Body`. `aliases` are further names of fields (`date` is
    the body's `invoice_date`). `words` are further values of a filter, as the query of REST that they stand for:
    `{"status": {"unpaid": {"status[in]": "sent,overdue"}}}`. `parts` names types of structs within the body.
    One that is no root stands only below others: the lines of an account's ledger.
    """

    resource: Resource
    name: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Query]] = field(default_factory=dict)
    parts: Mapping[type[Struct], str] = field(default_factory=dict)
    is_root: bool = True

    @property
    def type_name(self) -> str:
        return self.name or self.resource.body.__name__.removesuffix("Body")

    @property
    def singular(self) -> str:
        return snake(self.type_name)


@dataclass(frozen=True, eq=False)
class Below:
    """A list below an object: `customer.invoices`. `rows` takes ids of such objects and gives the rows below any of
    them, annotated with whose each is (`PARENT`)."""

    above: Resource
    name: str
    resource: Resource
    rows: Callable[[Sequence[uuid.UUID]], QuerySet[Any]]


def by(resource: Resource, column: str) -> Callable[[Sequence[uuid.UUID]], QuerySet[Any]]:
    """For `Below`: the rows whose `column` is the id of the object above."""
    return lambda ids: resource.all().filter(**{f"{column}__in": ids}).annotate(**{PARENT: F(column)})


def through(resource: Resource, link: type[Model], above: str, below: str) -> Callable[..., QuerySet[Any]]:
    """For `Below`: the rows that a row of `link` ties to the object above, each once. `above` and `below` are its
    columns; `below` is a foreign key, and the rows reach back by its `related_name`."""
    key: Any = link._meta.get_field(below)
    back = key.remote_field.related_name

    def rows(ids: Sequence[uuid.UUID]) -> QuerySet[Any]:
        tied: QuerySet[Any] = link._default_manager.filter(**{f"{above}__in": ids, f"{below}__isnull": False})
        first = tied.order_by(above, below).distinct(above, below).values("pk")
        found: QuerySet[Any] = (
            resource.all().filter(**{f"{back}__pk__in": first}).annotate(**{PARENT: F(f"{back}__{above}")})
        )
        return found

    return rows


@dataclass(frozen=True, eq=False)
class Single:
    """One object of the tenant's, without an id to ask for it by: `salesSettings`. `scope` is its resource."""

    name: str
    body: type[Struct]
    scope: str
    read: Callable[[], Struct]


@dataclass(frozen=True, eq=False)
class Write:
    """One mutation, which calls the service that REST calls. A `*` in its name is the type's own.

    With `takes`, its fields are one argument `input`, or with `flat` an argument each. `of` is what `id` names, whose
    row the service takes under that resource's name; `id_name` is the argument. `partial` reads changes. `gives` is the
    struct of the answer, None when the object is gone. `prepare` turns the checked input into what the service takes.
    `rows` are what `id` names, when they are no resource: parts of an object of `of`, such as its write-offs.
    """

    name: str
    of: Resource
    run: Callable[..., Any]
    takes: type[Shape] | None = None
    gives: type[Struct] | None = None
    names_row: bool = False
    flat: bool = False
    partial: bool = False
    id_name: str = "id"
    row_name: str = ""
    rows: Callable[[], QuerySet[Any]] | None = None
    prepare: Callable[[dict[str, Any]], dict[str, Any]] | None = None


def create(
    of: Resource,
    takes: type[Shape],
    run: Callable[..., Any],
    prepare: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Write:
    """`createInvoice(input)`."""
    return Write("create_*", of, run, takes, of.body, prepare=prepare)


def update(
    of: Resource,
    takes: type[Shape],
    run: Callable[..., Any],
    prepare: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Write:
    """`updateAccount(id, input)`: the service takes the row and `changes`."""
    return Write("update_*", of, run, takes, of.body, names_row=True, partial=True, prepare=prepare)


def delete(of: Resource, run: Callable[..., Any]) -> Write:
    """`deleteAccount(id)`: gives the id of what is gone."""
    return Write("delete_*", of, run, names_row=True)


def act(
    name: str,
    of: Resource,
    takes: type[Shape] | None,
    run: Callable[..., Any],
    *,
    gives: type[Struct] | None = None,
    id_name: str = "id",
) -> Write:
    """`voidInvoice(id, reason)`: what can be done with one object, its input as arguments."""
    return Write(name, of, run, takes, gives or of.body, names_row=True, flat=True, id_name=id_name)


@dataclass(frozen=True, eq=False)
class Subscription:
    """One subscription: the objects of events of this type, all of them or (`by_id`) those of one object. `EVERY_EVENT`
    is the events themselves, of the types that it is given."""

    name: str
    of: Resource
    event: str
    by_id: bool = False


Declaration = Node | Below | Single | Write | Subscription
