"""Statements on the path of every request: prepared once per connection, without the ORM's wrapping.

Django's cursor binds parameters on the client and plans each statement anew. These run on the same
connection, so in the same transaction, with parameters bound and the plan kept by the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from weakref import WeakKeyDictionary

import psycopg
from django.db import connections, utils
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult


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


_names: WeakKeyDictionary[Any, dict[str, bytes]] = WeakKeyDictionary()


def fetch_numbers(sql: str, params: Sequence[object], *, using: str) -> list[int | None]:
    """The one row of whole numbers of a statement with `$1` parameters, by libpq alone.

    For what every request waits for: psycopg's own cursor costs as much again as the round trip.
    """
    wrapper = cast(DatabaseWrapper, connections[using])
    wrapper.ensure_connection()
    with wrapper.wrap_database_errors:
        connection: psycopg.Connection[Any] = wrapper.connection
        names = _names.setdefault(connection, {})
        name = names.get(sql)
        if name is None:
            name = f"bigledger_{len(names)}".encode()
            _checked(connection, connection.pgconn.prepare(name, sql.encode()))
            names[sql] = name
        values = [None if value is None else str(value).encode() for value in params]
        # Its annotation leaves out None, which is how libpq takes NULL.
        result = _checked(connection, connection.pgconn.exec_prepared(name, cast(list[bytes], values)))
        row = [result.get_value(0, column) for column in range(result.nfields)]
    return [int(value) if value else None for value in row]


def _checked(connection: psycopg.Connection[Any], result: PGresult) -> PGresult:
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise psycopg.errors.error_from_result(result, encoding=connection.info.encoding)
    return result
