"""From a public id or natural key to the row, in the tenant of the transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from bigledger import ids
from bigledger.errors import ResourceNotFound

M = TypeVar("M", bound=Model)


def condition(prefix: str, natural_field: str | None, references: Iterable[str]) -> Q:
    """Matches the rows that any of these ids or natural keys names."""
    identifiers: list[uuid.UUID] = []
    keys: list[str] = []
    for reference in references:
        identifier = ids.decode(prefix, reference)
        if identifier:
            identifiers.append(identifier)
        key = ids.natural_key(prefix, reference)
        if natural_field and key and "\x00" not in key:
            keys.append(key)
    found = Q(pk__in=identifiers)
    return found | Q(**{f"{natural_field}__in": keys}) if keys else found


def find(rows: QuerySet[M], reference: str, natural_field: str | None = None) -> M:
    """The row that `reference` names. Raises ResourceNotFound, also for another tenant's.

    An id wins over a natural key that happens to look like one.
    """
    prefix: str = rows.model.id_prefix  # type: ignore[attr-defined]
    matches = list(rows.filter(condition(prefix, natural_field, [reference]))[:2])
    if not matches:
        raise ResourceNotFound(f"There is no {reference}"[:200])
    identifier = ids.decode(prefix, reference)
    return next((row for row in matches if row.pk == identifier), matches[0])


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
