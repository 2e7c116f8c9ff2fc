"""Whether rows are still what their services wrote: each object against the last event that the log has of it.

An event holds the body of its object as it was, and the log is chained (`events/chain.py`), so a row that somebody
altered shows what no event says. Fields that change without an event of the object are left out; the checks of sums
that apps declare find those.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from msgspec import Struct

from bigledger import exact_json
from bigledger.api.resource import Resource
from bigledger.ids import Identified
from bigledger.postgres.execute import fetch_all, fetch_in_batches

_CHUNK = 500
# The types of events after which there is no object any more.
_ENDS = ("deleted", "removed", "withdrawn")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with which object: `check` is the name of the check, `object_id` a public id."""

    check: str
    object_id: str
    message: str


@dataclass(frozen=True)
class Recorded:
    """Rows whose bodies stand in events, as `data.<kind>`.

    `ignoring` names fields of the body that change without an event of the object. A row may have no event only if it
    is `unrecorded`: the months of the books that nobody closed.
    """

    kind: str
    model: type[Any]
    bodies: Callable[[Sequence[Any]], Sequence[Struct]]
    ignoring: Collection[str] = ()
    unrecorded: Callable[[Any], bool] = lambda row: False

    @classmethod
    def of(
        cls, resource: Resource, ignoring: Collection[str] = (), unrecorded: Callable[[Any], bool] | None = None
    ) -> Recorded:
        left_out = (*resource.body.volatile, *ignoring)
        return cls(resource.singular, resource.model, resource.bodies, left_out, unrecorded or (lambda row: False))

    @property
    def rows(self) -> QuerySet[Any]:
        found: QuerySet[Any] = self.model._default_manager.all()
        return found


# The last event of each of these objects; one that has no number yet is later than all that have one.
_LAST_EVENTS = """
SELECT DISTINCT ON (object_id) object_id, type, data FROM (
    SELECT object_id, type, data, seq, 0 AS position FROM events_event
    WHERE tenant_id = app_tenant() AND object_id = ANY(%(ids)s) AND data LIKE %(beginning)s
    UNION ALL
    SELECT object_id, type, data, NULL, position FROM events_pending
    WHERE tenant_id = app_tenant() AND object_id = ANY(%(ids)s) AND data LIKE %(beginning)s
) known ORDER BY object_id, seq DESC NULLS FIRST, position DESC
"""
# By object, the last type of event that the log has of it.
_ALL_OBJECTS = """
SELECT DISTINCT ON (object_id, kind) kind, object_id, type FROM (
    SELECT *, substring(data FROM '^\\{"([a-z_]+)"') AS kind FROM (
        SELECT object_id, type, data, seq, 0 AS position FROM events_event WHERE tenant_id = app_tenant()
        UNION ALL
        SELECT object_id, type, data, NULL, position FROM events_pending WHERE tenant_id = app_tenant()
    ) known
) named ORDER BY object_id, kind, seq DESC NULLS FIRST, position DESC
"""


def find_altered(recorded: Sequence[Recorded]) -> Iterator[Fault]:
    """Every row that shows something else than its last event, or has none, and every object whose row is gone.

    Of the tenant in context, inside a transaction; as of one moment if that is REPEATABLE READ.
    """
    for each in recorded:
        last: uuid.UUID | None = None
        while chunk := list((each.rows.filter(pk__gt=last) if last else each.rows).order_by("pk")[:_CHUNK]):
            last = chunk[-1].pk
            yield from _altered(each, chunk)
    yield from _gone({each.kind: each for each in recorded})


def _altered(recorded: Recorded, rows: Sequence[Any]) -> Iterator[Fault]:
    ids = [uuid.UUID(str(row.pk)) for row in rows]
    wanted = {"ids": ids, "beginning": f'{{"{recorded.kind}":%'}
    events = {object_id: (type_, data) for object_id, type_, data in fetch_all(_LAST_EVENTS, wanted)}
    for identifier, row, shown in zip(ids, rows, _shown(recorded, rows), strict=True):
        if isinstance(shown, str):
            yield Fault("as_recorded", _name(row), shown)
        elif identifier not in events:
            if not recorded.unrecorded(row):
                yield Fault("as_recorded", _name(row), "no event of the log says that it exists")
        elif differences := _differences(recorded, shown, *events[identifier]):
            yield Fault("as_recorded", _name(row), differences)


def _shown(recorded: Recorded, rows: Sequence[Any]) -> Sequence[Mapping[str, Any] | str]:
    """The bodies as callers see them, or why there is none: what is altered may be beyond showing."""
    try:
        return [exact_json.decode(exact_json.encode(body)) for body in recorded.bodies(rows)]
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, ObjectDoesNotExist) as fault:
        if len(rows) == 1:
            return [f"cannot be shown: {type(fault).__name__}: {fault}"]
        return [shown for row in rows for shown in _shown(recorded, [row])]


def _name_of(model: type[Any], identifier: uuid.UUID) -> str:
    return str(model.public_id_of(identifier) if issubclass(model, Identified) else identifier)


def _name(row: Any) -> str:
    """The public id; a tenant has none but its own."""
    return str(row.public_id if isinstance(row, Identified) else row.pk)


def _differences(recorded: Recorded, shown: Mapping[str, Any], event: str, data: str) -> str:
    """In words; nothing when there are none. A field that the event of an earlier release has not is left out."""
    was = exact_json.decode(data.encode())[recorded.kind]
    return "; ".join(
        f"{name} is {_text(shown.get(name))}, {event} says {_text(value)}"
        for name, value in was.items()
        if name not in recorded.ignoring and shown.get(name) != value
    )


def _text(value: Any) -> str:
    text = exact_json.encode(value).decode()
    return text if len(text) <= 200 else f"{text[:200]}…"


def _gone(recorded: Mapping[str, Recorded]) -> Iterator[Fault]:
    for batch in fetch_in_batches(_ALL_OBJECTS):
        for kind, several in groupby(sorted(row for row in batch if row[0] in recorded), key=lambda row: row[0]):
            last_types = {object_id: type_ for _, object_id, type_ in several if not type_.endswith(_ENDS)}
            kept = {
                uuid.UUID(str(pk)) for pk in recorded[kind].rows.filter(pk__in=last_types).values_list("pk", flat=True)
            }
            for object_id in sorted(set(last_types) - kept):
                message = f"is gone, and the last event of it is {last_types[object_id]}"
                yield Fault("as_recorded", _name_of(recorded[kind].model, object_id), message)
