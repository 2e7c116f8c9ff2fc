"""Pages as connections: of a resource's list, and of the lists below many objects in one query."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from bigledger.api import keyset
from bigledger.api.keyset import SortKey
from bigledger.api.listing import MAX_LINES, Asked
from bigledger.api.resource import Resource
from bigledger.errors import ValidationFailed
from bigledger.graphql.declared import PARENT, Below
from bigledger.graphql.queries import Question

_POSITION = "position_below"


@dataclass(slots=True)
class Edge:
    """`row` is the node's, from which its cursor is made when somebody asks for it."""

    node: Any
    row: Any
    order: Sequence[SortKey]

    @property
    def cursor(self) -> str:
        return keyset.encode(self.order, self.row)


@dataclass(slots=True)
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    edges: Sequence[Edge]

    @property
    def start_cursor(self) -> str | None:
        return self.edges[0].cursor if self.edges else None

    @property
    def end_cursor(self) -> str | None:
        return self.edges[-1].cursor if self.edges else None


@dataclass(slots=True)
class Connection:
    """A page. `count` gives how many there are on all pages: of all pages of a batch at the first call."""

    edges: list[Edge]
    page_info: PageInfo
    count: Callable[[], int]


def page_of(resource: Resource, question: Question) -> Connection:
    """The page that is asked for of a resource's list. Raises ValidationFailed with the paths of arguments."""
    with question.as_arguments():
        rows = resource.listed(question.query)
        asked = resource.listing.ask(rows.model, question.query)
        chosen = rows.filter(asked.condition)
        ordered = asked.following(chosen).order_by(*(key.order_by() for key in asked.order))
        found = list(ordered[asked.start : asked.start + asked.limit + 1])
        _bound(resource, found[: asked.limit])
    shown = found[: asked.limit]
    return _connection(asked, shown, resource.bodies(shown), more=len(found) > asked.limit, count=cache(chosen.count))


def page_below(below: Below, parents: Sequence[str], question: Question) -> Mapping[str, Connection]:
    """The page below each of the objects with these ids: one query for all of them, one more if they are counted, and
    what the bodies cost."""
    resource = below.resource
    ids = {identifier: below.above.model.id_in(identifier) for identifier in parents}
    with question.as_arguments():
        rows = below.rows([found for found in ids.values() if found])
        asked = resource.listing.ask(rows.model, question.query)
        chosen = rows.filter(asked.condition)
        order = [key.order_by() for key in asked.order]
        numbered = asked.following(chosen).annotate(
            **{_POSITION: Window(RowNumber(), partition_by=[F(PARENT)], order_by=order)}
        )
        last = asked.start + asked.limit + 1
        found = numbered.filter(**{f"{_POSITION}__gt": asked.start, f"{_POSITION}__lte": last}).order_by(_POSITION)
        rows_of: dict[Any, list[Any]] = {}
        for row in found:
            rows_of.setdefault(getattr(row, PARENT), []).append(row)
        shown = [row for several in rows_of.values() for row in several[: asked.limit]]
        _bound(resource, shown)
    totals = cache(lambda: dict(chosen.order_by().values_list(PARENT).annotate(Count("pk"))))
    bodies = dict(zip(map(id, shown), resource.bodies(shown), strict=True))
    pages: dict[str, Connection] = {}
    for identifier, parent in ids.items():
        mine = rows_of.get(parent, [])
        several = mine[: asked.limit]
        pages[identifier] = _connection(
            asked,
            several,
            [bodies[id(row)] for row in several],
            more=len(mine) > asked.limit,
            count=lambda parent=parent: totals().get(parent, 0),  # type: ignore[misc]
        )
    return pages


def _connection(
    asked: Asked, rows: Sequence[Any], bodies: Sequence[Any], *, more: bool, count: Callable[[], int]
) -> Connection:
    edges = [Edge(body, row, asked.order) for row, body in zip(rows, bodies, strict=True)]
    return Connection(edges, PageInfo(more, asked.start > 0 or asked.cursor is not None, edges), count)


def _bound(resource: Resource, rows: Sequence[Any]) -> None:
    """Refuses more lines at once than a page of REST may have. Several rows are always counted, so that many cost no
    query more than a few."""
    if not resource.line_counts or len(rows) < 2:
        return
    lines = sum(resource.line_counts(rows))
    if lines > MAX_LINES:
        message = f"These {len(rows)} objects have {lines:,} lines, but at most {MAX_LINES:,} are shown at once."
        raise ValidationFailed.at("limit", message, "too_large")
