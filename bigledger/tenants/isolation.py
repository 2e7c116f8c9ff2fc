"""The migration operations that put a table under its tenants' isolation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from bigledger.tenants.models import TenantForeignKey, TenantOneToOneField
from bigledger.tenants.roles import KINDS, role

_POLICIES = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON {table} USING ({key} = app_tenant()) WITH CHECK ({key} = app_tenant());
CREATE POLICY all_tenants ON {table} TO {owner}, {worker} USING (true) WITH CHECK (true);
"""


def role_names() -> dict[str, str]:
    """The deployment's role names, quoted, to be formatted into SQL (`{app}`, `{owner}` …)."""
    return {kind: f'"{role(kind)}"' for kind in KINDS}


def with_role_names(text: str) -> str:
    """The text of an SQL file, with `{app}` and its like replaced by the roles of this deployment."""
    for kind, name in role_names().items():
        text = text.replace("{" + kind + "}", name)
    return text


class _DatabaseOnly(Operation):
    """An operation that Django's picture of the models knows nothing of."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        return None

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        return None  # the table itself goes away with the CreateModel before it


class IsolateTenant(_DatabaseOnly):
    """Composite keys and forced row-level security for a `TenantModel`, in the migration that creates it.

    The primary key becomes `(tenant_id, id)`; each `TenantForeignKey` a constraint
    `(tenant_id, x_id) -> (tenant_id, id)` with an index; the policies let a row be seen and written only
    in its own tenant's context. `key` names the column that holds the tenant (`id` for the tenant itself).
    Two tables that refer to each other are isolated without `references`, which `TenantReferences` adds
    once both are.
    """

    def __init__(self, model_name: str, key: str = "tenant_id", *, references: bool = True) -> None:
        self.model_name = model_name
        self.key = key
        self.references = references

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        table = model._meta.db_table
        if self.key == "tenant_id":
            schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD PRIMARY KEY (tenant_id, id)")
            if self.references:
                add_references(schema_editor, model)
        schema_editor.execute(_POLICIES.format(table=table, key=self.key, **role_names()))

    def describe(self) -> str:
        return f"Isolate the tenants of {self.model_name}"


class TenantReferences(_DatabaseOnly):
    """The constraints that `IsolateTenant(…, references=False)` left out."""

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        add_references(schema_editor, to_state.apps.get_model(app_label, self.model_name))

    def describe(self) -> str:
        return f"Tie the references of {self.model_name} to its tenant"


def add_references(schema_editor: BaseDatabaseSchemaEditor, model: Any) -> None:
    """Composite foreign keys for the `TenantForeignKey`s of a model, unique ones for `TenantOneToOneField`s."""
    table = model._meta.db_table
    for field in model._meta.local_fields:
        if not isinstance(field, TenantForeignKey | TenantOneToOneField):
            continue
        target = field.related_model._meta.db_table
        schema_editor.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_{field.column}_fk"
            f" FOREIGN KEY (tenant_id, {field.column}) REFERENCES {target} (tenant_id, id)"
        )
        if isinstance(field, TenantOneToOneField):
            schema_editor.execute(
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_{field.column}_key,"
                f" ADD UNIQUE (tenant_id, {field.column})"
            )
        else:
            schema_editor.execute(f"CREATE INDEX ON {table} (tenant_id, {field.column})")


class SqlFile(_DatabaseOnly):
    """Runs a file of `migrations/sql/`, which never changes: what may change is in `sql/` (see `routines.py`)."""

    reversible = False

    def __init__(self, path: Path) -> None:
        self.path = path

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        schema_editor.execute(with_role_names(self.path.read_text()), params=None)

    def describe(self) -> str:
        return f"Run {self.path.name}"
