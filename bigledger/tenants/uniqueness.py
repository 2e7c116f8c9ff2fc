"""Saving a row whose natural key another row of the tenant may have."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Model

from bigledger.errors import Conflict, Detail


def ensure_unique(row: Model, constraint: str, field: str, *, force_insert: bool = False) -> None:
    """Saves `row`. Raises Conflict at `field` when `constraint` is violated: another row has the same value.

    The database decides, because a look beforehand would miss whoever saves at the same time.
    """
    try:
        with transaction.atomic():
            row.save(force_insert=force_insert)
    except IntegrityError as fault:
        if getattr(getattr(fault.__cause__, "diag", None), "constraint_name", None) != constraint:
            raise
        name = str(row._meta.verbose_name)
        article = "An" if name[0] in "aeiou" else "A"
        message = f"{article} {name} with {field} {getattr(row, field)} already exists."
        raise Conflict(message, [Detail(message, field=field)]) from None
