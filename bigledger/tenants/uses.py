"""Which rows refer to a row, in whichever app they are: read from the foreign keys that protect their target.

So a lower app can refuse to delete or redefine a row that a higher app uses, without importing that app. A model whose
rows do not all count declares the ones that do as `counts_as_use`, a `Q` (a deleted draft keeps its row, but does not
count as a use of its customer). One whose rows need their target to be active says `keeps_active = True` (a payment
method's deposit account).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db import models
from django.db.models import Model, Q


def uses_of(row: Model, *, besides: Collection[type[Model]] = ()) -> list[str]:
    """The plural names of the models that refer to `row` ("invoice lines"), without those in `besides`; sorted."""
    return sorted(
        {
            str(model._meta.verbose_name_plural)
            for model, referring in _referring(row)
            if model not in besides and referring.filter(_counts(model)).exists()
        }
    )


def uses_of_active(row: Model) -> list[str]:
    """As `uses_of`, of those models alone that need `row` to stay active."""
    return sorted(
        {
            str(model._meta.verbose_name_plural)
            for model, referring in _referring(row)
            if getattr(model, "keeps_active", False) and referring.filter(_counts(model)).exists()
        }
    )


def in_words(uses: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(uses[:-1]), uses[-1]])) if uses else ""


def delete_with_unused(row: Model) -> None:
    """Deletes `row`, and the rows that refer to it without counting as a use."""
    for model, referring in _referring(row):
        if hasattr(model, "counts_as_use"):
            referring.exclude(_counts(model)).delete()
    row.delete()


def _referring(row: Model) -> Iterator[tuple[type[Model], models.QuerySet[Any]]]:
    # Hidden ones too, because most references have no name on their target (`related_name="+"`).
    for relation in row._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and relation.on_delete is models.PROTECT:
            model = relation.related_model
            yield model, model._default_manager.filter(**{relation.field.name: row})


def _counts(model: type[Model]) -> Q:
    return getattr(model, "counts_as_use", Q())
