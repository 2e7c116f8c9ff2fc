"""Django's PostgreSQL backend, which starts the embedded server when nothing else is configured."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import psycopg
from django.db import connections
from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient
from psycopg.pq import DiagnosticField, Escaping, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from bigledger.postgres import server


def checked(result: PGresult) -> PGresult:
    """The result of a statement that went well. Raises psycopg's error otherwise."""
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    if result.error_field(DiagnosticField.SQLSTATE) is None:  # libpq's own word: the server is gone
        raise psycopg.OperationalError(result.get_error_message())
    raise psycopg.errors.error_from_result(result)


@cache
def _joined(opening: str, count: int, sql: str) -> str:
    """`sql`, carried out if `opening` answers what the last parameter says; NULL, and not carried out, if not."""
    shifted = re.sub(r"\$(\d+)", lambda match: f"${int(match[1]) + count}", sql)
    last = count + len(set(re.findall(r"\$\d+", sql))) + 1
    return f"SELECT CASE WHEN ({opening}) = ${last}::text THEN COALESCE(({shifted})::text, '') END"


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


class Opening(NamedTuple):
    """What a transaction begins with: a statement of one text, and the answer that is counted on."""

    sql: str
    arguments: tuple[bytes, ...]
    expected: bytes


class OtherAnswer(BaseException):
    """The transaction's opening gave another answer than was counted on, and nothing else was done in it.

    No `Exception`: nobody on the way takes it for a fault of the request.
    """


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
    """One thread's connection.

    `opening` waits for the transaction's first statement and goes to the server with it, in one round trip when that
    is a `call`. Until then the transaction does not exist, so nothing can have been done in it. Raises OtherAnswer.
    """

    client_class = DatabaseClient
    opening: Opening | None = None

    def get_connection_params(self) -> dict[str, Any]:
        home = self.settings_dict.get("EMBEDDED_HOME")
        if home:
            self.settings_dict["HOST"] = str(server.start(Path(home)).socket_dir)
        params: dict[str, Any] = super().get_connection_params()
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._prepared: dict[str, bytes] = {}
        if connections[self.alias] is self:  # and not a passing copy, as for a database that is yet to be made
            _here.wrappers[self.alias] = self
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

    def call(self, sql: str, arguments: Sequence[bytes]) -> bytes | None:
        """The one text of a statement of texts; see `bigledger.postgres.execute.call`."""
        if not sql.startswith("SELECT"):
            self.settle()  # a statement that writes by itself cannot stand behind a condition
        opening, self.opening = self.opening, None
        if opening:
            sql, arguments = _joined(opening.sql, len(opening.arguments), sql), (*opening.arguments, *arguments)
        with self.wrap_database_errors:
            result = self._called(sql, [*arguments, opening.expected] if opening else arguments)
        text = result.get_value(0, 0) if result.ntuples else None
        if opening and text is None:
            raise OtherAnswer
        return text

    def settle(self) -> None:
        """The opening goes now, alone: what comes next is no `call`, or there was nothing else to do."""
        if self.opening:
            self.call("SELECT ''", [])

    def _called(self, sql: str, arguments: Sequence[bytes]) -> PGresult:
        name, pgconn = self.prepare(sql), self.pgconn
        if self.connection.autocommit or pgconn.transaction_status != TransactionStatus.IDLE:
            return checked(pgconn.exec_prepared(name, arguments))
        escape = Escaping(pgconn).escape_literal
        return checked(pgconn.exec_(b"BEGIN; EXECUTE %b(%b)" % (name, b", ".join(map(escape, arguments)))))

    def create_cursor(self, name: str | None = None) -> Any:
        self.settle()
        return super().create_cursor(name)

    def _rollback(self) -> None:
        self.opening = None
        super()._rollback()  # type: ignore[misc]

    # Services are atomic, so nearly every write has a savepoint.

    def _savepoint(self, sid: str) -> None:
        self.settle()
        self._send(self.ops.savepoint_create_sql(sid))

    def _savepoint_commit(self, sid: str) -> None:
        self._send(self.ops.savepoint_commit_sql(sid))

    def _savepoint_rollback(self, sid: str) -> None:
        self._send(self.ops.savepoint_rollback_sql(sid))

    def _send(self, command: str) -> None:
        begins = "BEGIN; " if self.pgconn.transaction_status == TransactionStatus.IDLE else ""
        with self.wrap_database_errors:
            checked(self.pgconn.exec_(f"{begins}{command}".encode()))

    # The next two are part of every request. psycopg's own take ten times the CPU of what has to be done.

    def _commit(self) -> None:
        if self.connection is not None:
            if self.queries_logged:
                super()._commit()  # type: ignore[misc]
                return
            with self.wrap_database_errors:
                checked(self.pgconn.exec_(b"COMMIT"))

    def set_autocommit(self, autocommit: bool, *options: Any, **more: Any) -> None:  # noqa: FBT001 - Django's signature
        """Where nothing has to be sent or looked at for it, what Django's own comes down to."""
        if self.connection is None or self.pgconn.transaction_status != TransactionStatus.IDLE:
            super().set_autocommit(autocommit, *options, **more)
            return
        self.validate_no_atomic_block()
        self.connection._autocommit = self.autocommit = autocommit
        if autocommit and self.run_commit_hooks_on_set_autocommit_on:
            self.run_and_clear_commit_hooks()
            self.run_commit_hooks_on_set_autocommit_on = False
