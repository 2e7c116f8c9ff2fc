"""Detecting changes: an object is stamped, saved and recorded as changed only if its body has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import structs

from bigledger.tenants.context import current_tenant

B = TypeVar("B", bound=Any)


def shown_change(row: Any, before: B, show: Callable[[Any], B]) -> B | None:
    """The body of a changed row, or None when it shows what `before` showed.

    A row with `updated_at` gets the present moment. Whoever gets a body saves the row and records the event with
    `previous=before`.
    """
    after = show(row)
    if after == before:
        return None
    if hasattr(row, "updated_at"):
        row.updated_at = current_tenant().now()
        after = structs.replace(after, updated_at=row.updated_at)
    return after
