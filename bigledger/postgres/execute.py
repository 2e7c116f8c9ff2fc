"""Statements on the path of every request: prepared once per connection, without the ORM's wrapping.

Django's cursor binds parameters on the client and plans each statement anew. These run on the same
connection, so in the same transaction, with parameters bound and the plan kept by the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import psycopg
from django.db import connections, utils
from django.db.backends.postgresql.base import DatabaseWrapper


def fetch_all(
    sql: str, params: Sequence[Any] | Mapping[str, Any] = (), *, using: str = "default"
) -> list[tuple[Any, ...]]:
    """All rows of one statement. Database errors arrive as Django's (`django.db.IntegrityError` …)."""
    wrapper = cast(DatabaseWrapper, connections[using])
    wrapper.ensure_connection()
    with wrapper.wrap_database_errors, psycopg.Cursor(wrapper.connection) as cursor:
        return cursor.execute(sql, params, prepare=True).fetchall()


def fetch_one(sql: str, params: Sequence[Any] | Mapping[str, Any] = (), *, using: str = "default") -> tuple[Any, ...]:
    """The one row of a statement that always has one."""
    rows = fetch_all(sql, params, using=using)
    if len(rows) != 1:
        raise utils.DatabaseError(f"expected one row, got {len(rows)}")
    return rows[0]
