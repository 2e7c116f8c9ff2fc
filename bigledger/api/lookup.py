"""Finding rows by public id or natural key, in the tenant of the transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from bigledger import ids
from bigledger.api.storable import is_storable
from bigledger.errors import Detail, ResourceNotFound

M = TypeVar("M", bound=Model)


def condition(model: type[Any], references: Iterable[str]) -> Q:
    """Matches the rows that any of these ids or natural keys names."""
    named = [ids.parse(model.id_prefix, reference) for reference in references]
    found = Q(pk__in=[name for name in named if isinstance(name, uuid.UUID)])
    keys = [name for name in named if isinstance(name, str) and is_storable(name)]
    return found | Q(**{f"{model.natural_field}__in": keys}) if model.natural_field and keys else found


def find(rows: QuerySet[M], reference: str) -> M:
    """The row that `reference` names (`ids.parse`). Raises ResourceNotFound, also for another tenant's."""
    row = next(iter(rows.filter(condition(rows.model, [reference]))[:1]), None)
    if row is None:
        raise ResourceNotFound(f"There is no {reference}"[:200])
    return row


def find_named(rows: QuerySet[M], reference: str, field: str) -> M:
    """The row that `reference` names. Raises ResourceNotFound naming `field`."""
    try:
        return find(rows, reference)
    except ResourceNotFound as fault:
        raise ResourceNotFound(fault.message, [Detail(fault.message, field=field)]) from None


def by_reference(rows: Iterable[Any]) -> dict[str, Any]:
    """The rows under every name they may be asked for by; an id wins over a natural key."""
    found: dict[str, Any] = {}
    rows = list(rows)
    for row in rows:
        if row.natural_field:
            found[row.named(getattr(row, row.natural_field))] = row
    for row in rows:
        found[row.public_id] = row
    return found
