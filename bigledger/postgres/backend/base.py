"""Django's PostgreSQL backend, which starts the embedded server when nothing else is configured."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import psycopg
from django.db import connections
from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from bigledger.postgres import server


def checked(result: PGresult) -> PGresult:
    """The result of a statement that went well. Raises psycopg's error otherwise."""
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    if result.error_field(DiagnosticField.SQLSTATE) is None:  # libpq's own word: the server is gone
        raise psycopg.OperationalError(result.get_error_message())
    raise psycopg.errors.error_from_result(result)


class DatabaseClient(PostgresClient):
    """`manage.py dbshell`, with the embedded server's own psql."""

    def runshell(self, parameters: Iterable[str]) -> None:
        wrapper: Any = self.connection
        home = wrapper.settings_dict.get("EMBEDDED_HOME")
        if home:
            started = server.start(Path(home))
            wrapper.settings_dict["HOST"] = str(started.socket_dir)
            psql = started.bin_dir / "psql"
            if psql.exists():
                self.executable_name = str(psql)
        super().runshell(parameters)


class _Here(threading.local):
    """The connections that this thread made, by alias: Django's own look-up takes as long as preparing a call."""

    def __init__(self) -> None:
        self.wrappers: dict[str, DatabaseWrapper] = {}


_here = _Here()


def connected(alias: str) -> DatabaseWrapper:
    """The connection of this name, open."""
    wrapper = _here.wrappers.get(alias)
    if wrapper is None or wrapper.connection is None:
        wrapper = cast(DatabaseWrapper, connections[alias])
        wrapper.ensure_connection()
    return wrapper


def let_go_of_broken_connections() -> None:
    """At the end of a request: this thread's next one opens anew what broke in this one. Connections have no age
    limit, so that only those have to be looked at that an error touched."""
    for wrapper in _here.wrappers.values():
        if wrapper.errors_occurred:
            wrapper.close_if_unusable_or_obsolete()


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _here.wrappers[self.alias] = self

    def get_connection_params(self) -> dict[str, Any]:
        home = self.settings_dict.get("EMBEDDED_HOME")
        if home:
            self.settings_dict["HOST"] = str(server.start(Path(home)).socket_dir)
        params: dict[str, Any] = super().get_connection_params()
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._prepared: dict[str, bytes] = {}
        return super().get_new_connection(conn_params)

    @property
    def pgconn(self) -> PGconn:
        """The connection as libpq knows it, below psycopg."""
        pgconn: PGconn = self.connection.pgconn
        return pgconn

    def prepare(self, sql: str) -> bytes:
        """The name of this statement, prepared on this connection when it is used there first."""
        name = self._prepared.get(sql)
        if name is None:
            name = f"bigledger_{len(self._prepared)}".encode()
            checked(self.pgconn.prepare(name, sql.encode()))
            self._prepared[sql] = name
        return name

    # The next two are part of every request. psycopg's own take ten times the CPU of what has to be done.

    def _commit(self) -> None:
        if self.connection is not None:
            if self.queries_logged:
                super()._commit()  # type: ignore[misc]
                return
            with self.wrap_database_errors:
                checked(self.pgconn.exec_(b"COMMIT"))

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 - Django's signature
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            self.connection._autocommit = autocommit
        else:
            super()._set_autocommit(autocommit)  # type: ignore[misc]
