"""The condition that finds objects by their metadata, through the index that each of their tables has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import BooleanField, F, Func, Model, Value
from django.db.models.sql.compiler import SQLCompiler


class HasMetadata(Func):
    """Whether a row of the model has all these texts by name, which are at least one."""

    output_field = BooleanField()

    def __init__(self, model: type[Model], wanted: Mapping[str, str]) -> None:
        super().__init__(F("pk"), Value(model._meta.db_table), Value(json.dumps(wanted)))

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: Any, **kwargs: Any
    ) -> tuple[str, Sequence[Any]]:
        (row, _), (table, tables), (wanted, wants) = map(compiler.compile, self.get_source_expressions())
        return f"{row} IN (SELECT app_metadata_find({table}, {wanted}::jsonb))", [*tables, *wants]
