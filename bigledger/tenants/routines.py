"""Functions and triggers, brought up to date after every migrate.

Tables are made by migrations, and the SQL of a migration (`migrations/sql/0001_*.sql`) never changes. Functions and
triggers have no data, so they need no history: `<app>/sql/*.sql` holds their present text, as CREATE OR REPLACE, and
`apply_routines` runs all of it when any of it has changed. A function that loses an argument, or its name, is dropped
by a migration.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.apps import apps
from django.db import connections, transaction

from bigledger.tenants.isolation import with_role_names

_LOCK = 0x626C6772  # any number, as long as nothing else locks it


def routine_files() -> list[Path]:
    """The living `.sql` files, in the order of INSTALLED_APPS and of their names."""
    return [file for app in apps.get_app_configs() for file in sorted(Path(app.path, "sql").glob("*.sql"))]


def apply_routines() -> bool:
    """Runs the files as the owner, in one transaction; False when the database has this very text already."""
    text = "\n".join(with_role_names(file.read_text()) for file in routine_files())
    digest = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'app_routines'")
        if cursor.fetchone() == (f"SELECT '{digest}'",):
            return False
        cursor.execute(text)
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION app_routines() RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT '{digest}'$$"
        )
    return True
