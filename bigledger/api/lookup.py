"""Finding rows by public id or natural key, in the tenant of the transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from bigledger import ids
from bigledger.api.storable import is_storable
from bigledger.errors import ResourceNotFound

M = TypeVar("M", bound=Model)


def condition(prefix: str, natural_field: str | None, references: Iterable[str]) -> Q:
    """Matches the rows that any of these ids or natural keys names."""
    named = [ids.parse(prefix, reference) for reference in references]
    found = Q(pk__in=[name for name in named if isinstance(name, uuid.UUID)])
    keys = [name for name in named if isinstance(name, str) and is_storable(name)]
    return found | Q(**{f"{natural_field}__in": keys}) if natural_field and keys else found


def find(rows: QuerySet[M], reference: str, natural_field: str | None = None) -> M:
    """The row that `reference` names (`ids.parse`). Raises ResourceNotFound, also for another tenant's."""
    prefix: str = rows.model.id_prefix  # type: ignore[attr-defined]
    row = next(iter(rows.filter(condition(prefix, natural_field, [reference]))[:1]), None)
    if row is None:
        raise ResourceNotFound(f"There is no {reference}"[:200])
    return row


def by_reference(rows: Iterable[Any], natural_field: str | None = None) -> dict[str, Any]:
    """The rows under every name they may be asked for by; an id wins over a natural key."""
    found: dict[str, Any] = {}
    rows = list(rows)
    if natural_field:
        for row in rows:
            found[f"{row.id_prefix}_{getattr(row, natural_field)}"] = row
    for row in rows:
        found[row.public_id] = row
    return found
