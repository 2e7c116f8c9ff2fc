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
from psycopg.pq import ExecStatus, TransactionStatus
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
            checked(connection.pgconn.prepare(name, sql.encode()))
            names[sql] = name
        values = [None if value is None else str(value).encode() for value in params]
        # Its annotation leaves out None, which is how libpq takes NULL.
        result = checked(connection.pgconn.exec_prepared(name, cast(list[bytes], values)))
        row = [result.get_value(0, column) for column in range(result.nfields)]
    return [int(value) if value else None for value in row]


def call(sql: str, argument: bytes, *, using: str = "default") -> bytes:
    """The one text that a function of one text gives back: JSON in, JSON out, on the path of every posting.

    `sql` is fixed text with `$1`. Straight to libpq, in a fifth of the CPU that a cursor takes, since there
    is nothing to adapt in either direction; the function keeps the plans of its own statements.
    """
    wrapper = cast(DatabaseWrapper, connections[using])
    wrapper.ensure_connection()
    connection = cast("psycopg.Connection[Any]", wrapper.connection)
    with wrapper.wrap_database_errors:
        if not connection.autocommit and connection.pgconn.transaction_status == TransactionStatus.IDLE:
            checked(connection.pgconn.exec_(b"BEGIN"))
        result = checked(connection.pgconn.exec_params(sql.encode(), [argument]))
    return result.get_value(0, 0) or b""


def checked(result: PGresult) -> PGresult:
    """The result of a statement that went well. Raises psycopg's error otherwise."""
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    raise psycopg.errors.error_from_result(result)
