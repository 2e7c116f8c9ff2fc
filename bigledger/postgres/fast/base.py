"""The connection of the hot path. Everything that goes past Django's cursor is in this file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import psycopg
from psycopg.pq import DiagnosticField, Escaping, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from bigledger.postgres.backend import base
from bigledger.postgres.statement import Call, Opening, OtherAnswer, Statement, guarded

_NOTHING = Call("''")
_NO_SUCH_STATEMENT = b"26000"
_NOT_SUPPORTED = b"0A000"
_WHERE_A_PLAN_IS_LOOKED_AT = b"RevalidateCachedQuery"


class StatementLost(psycopg.OperationalError):
    """The server has not kept a prepared statement, and the transaction is lost with it: to be tried again."""


def checked(result: PGresult) -> PGresult:
    """The result of a statement that went well. Raises psycopg's error otherwise."""
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    if result.error_field(DiagnosticField.SQLSTATE) is None:  # libpq's own word: the server is gone
        raise psycopg.OperationalError(result.get_error_message())
    raise psycopg.errors.error_from_result(result)


class DatabaseWrapper(base.DatabaseWrapper):
    """One thread's connection.

    `opening` waits for the transaction's first statement and goes to the server with it, in one round trip when that
    is a `call`. Until then the transaction does not exist, so nothing can have been done in it. Raises OtherAnswer.
    """

    opening: Opening | None = None
    # What the transaction that `call_and_commit` ended began with: for one that something after it needs.
    again: Opening | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._names: dict[str, bytes] = {}
        self._prepared_ever = 0
        return super().get_new_connection(conn_params)

    @property
    def pgconn(self) -> PGconn:
        """The connection as libpq knows it, below psycopg."""
        pgconn: PGconn = self.connection.pgconn
        return pgconn

    # -- what `bigledger.postgres.execute` offers ---------------------------------------------------------

    def fetch_all(self, sql: str, params: base.Params) -> list[tuple[Any, ...]]:
        """Parameters are bound by the server, by psycopg's own cursor: Django's wraps it twice."""
        self._be_open()
        with self.wrap_database_errors, psycopg.Cursor(self.connection) as cursor:
            return cursor.execute(sql, params).fetchall()

    def fetch_numbers(self, statement: Statement, params: Sequence[object]) -> list[int | None]:
        self._be_open()
        values = [None if value is None else str(value).encode() for value in params]
        with self.wrap_database_errors:
            result = self._executed(statement.numbered, values)
        row = [result.get_value(0, column) for column in range(result.nfields)]
        return [int(value) if value else None for value in row]

    def call(self, statement: Statement, arguments: Sequence[bytes]) -> bytes | None:
        if not isinstance(statement, Call):
            self._be_open()  # a statement that writes by itself cannot stand behind a condition
            return self._text(statement, arguments)
        opening = self._taken_opening()
        return self._behind(opening, statement, arguments) if opening else self._text(statement, arguments)

    def call_and_commit(self, statement: Call, arguments: Sequence[bytes]) -> bytes | None:
        is_all = self.pgconn.transaction_status == TransactionStatus.IDLE and not self.savepoint_ids
        if not is_all or not (opening := self._taken_opening()):
            return self.call(statement, arguments)
        text = self._behind(opening, statement, arguments, is_all=True)
        self.again = opening
        return text

    def begin_with(self, opening: Opening) -> None:
        self.opening = opening

    def settle(self) -> None:
        """The opening goes now, alone: what comes next is no `call`, or there was nothing else to do."""
        if self.opening:
            self.call(_NOTHING, [])

    def _be_open(self) -> None:
        """As `settle`, and a transaction that is committed already is followed by another."""
        if self.opening or self.again:
            self.call(_NOTHING, [])

    def _taken_opening(self) -> Opening | None:
        opening = self.opening or self.again
        self.opening = self.again = None
        return opening

    def _behind(
        self, opening: Opening, statement: Call, arguments: Sequence[bytes], *, is_all: bool = False
    ) -> bytes | None:
        both = (*opening.arguments, *arguments, opening.expected)
        text = self._text(guarded(opening.call, statement), both, is_all=is_all)
        if text is None:
            raise OtherAnswer
        return text

    def _text(self, statement: Statement, arguments: Sequence[bytes], *, is_all: bool = False) -> bytes | None:
        with self.wrap_database_errors:
            result = self._executed(statement.numbered, arguments, is_all=is_all)
        return result.get_value(0, 0) if result.ntuples else None

    # -- prepared statements ------------------------------------------------------------------------------

    def _executed(self, sql: str, arguments: Sequence[bytes | None], *, is_all: bool = False) -> PGresult:
        """The result of a prepared statement; the first of a transaction opens it, unless it `is_all` of it.

        A server may lose what was prepared (`DISCARD ALL`), or find that its plan gives another type by now. Then it is
        prepared again, and repeated where nothing of the transaction is lost by that. Raises StatementLost otherwise.
        """
        status = self.pgconn.transaction_status
        result = self._sent(sql, arguments, is_all=is_all)
        if not self._is_lost(sql, result):
            return checked(result)
        if status != TransactionStatus.IDLE:
            raise StatementLost(result.get_error_message())
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._exec(b"ROLLBACK")
        return checked(self._sent(sql, arguments, is_all=is_all))

    def _sent(self, sql: str, arguments: Sequence[bytes | None], *, is_all: bool) -> PGresult:
        name, pgconn = self._prepare(sql), self.pgconn
        if is_all or self.connection.autocommit or pgconn.transaction_status != TransactionStatus.IDLE:
            with self.connection.patience:
                # The annotation of libpq's wrapper leaves out None, which is how it takes NULL.
                return pgconn.exec_prepared(name, cast(list[bytes], arguments))
        escape = Escaping(pgconn).escape_literal
        literals = [b"NULL" if argument is None else escape(argument) for argument in arguments]
        given = b"(%b)" % b", ".join(literals) if literals else b""
        with self.connection.patience:
            return pgconn.exec_(b"BEGIN; EXECUTE %b%b" % (name, given))

    def _prepare(self, sql: str) -> bytes:
        """The name of this statement, prepared on this connection when it is used there first."""
        name = self._names.get(sql)
        if name is None:
            # No name is used twice: nobody knows which of them the server still has.
            self._prepared_ever += 1
            name = b"bigledger_%d" % self._prepared_ever
            with self.connection.patience:
                checked(self.pgconn.prepare(name, sql.encode()))
            self._names[sql] = name
        return name

    def _is_lost(self, sql: str, result: PGresult) -> bool:
        """Whether it failed for what was prepared and not for what it does; then that is forgotten here too."""
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return False
        state = result.error_field(DiagnosticField.SQLSTATE)
        if state == _NO_SUCH_STATEMENT:
            self._names = {}
            return True
        # "cached plan must not change result type" has no SQLSTATE of its own, and its text has translations.
        where = result.error_field(DiagnosticField.SOURCE_FUNCTION)
        if state == _NOT_SUPPORTED and where == _WHERE_A_PLAN_IS_LOOKED_AT:
            self._names.pop(sql, None)
            return True
        return False

    # -- cursors, savepoints and the transaction ----------------------------------------------------------

    def create_cursor(self, name: str | None = None) -> Any:
        self._be_open()
        return super().create_cursor(name)

    def _rollback(self) -> None:
        self.opening = self.again = None
        super()._rollback()

    # Services are atomic, so nearly every write has a savepoint.

    def _savepoint(self, sid: str) -> None:
        self._be_open()
        self._send(self.ops.savepoint_create_sql(sid))

    def _savepoint_commit(self, sid: str) -> None:
        self._send(self.ops.savepoint_commit_sql(sid))

    def _savepoint_rollback(self, sid: str) -> None:
        self._send(self.ops.savepoint_rollback_sql(sid))

    def _send(self, command: str) -> None:
        begins = "BEGIN; " if self.pgconn.transaction_status == TransactionStatus.IDLE else ""
        with self.wrap_database_errors:
            self._exec(f"{begins}{command}".encode())

    def _exec(self, command: bytes) -> None:
        with self.connection.patience:
            result = self.pgconn.exec_(command)
        checked(result)

    # The next two are part of every request. psycopg's own take ten times the CPU of what has to be done.

    def _commit(self) -> None:
        self.again = None
        if self.connection is not None:
            if self.queries_logged:
                super()._commit()
                return
            if self.pgconn.transaction_status != TransactionStatus.IDLE:
                with self.wrap_database_errors:
                    self._exec(b"COMMIT")
            self._be_patient_as_usual()

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
