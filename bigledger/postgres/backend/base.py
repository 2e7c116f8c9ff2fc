"""Django's PostgreSQL backend, which starts the embedded server when nothing else is configured.

Everything goes through Django's cursor: nothing is prepared at protocol level, nothing needs a session, so this works
behind a pooler of transactions as well. What `bigledger.postgres.execute` offers is here in its plain form; with
FAST_PATH on, `bigledger.postgres.fast` does the same in less time.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from django.db import connections
from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient
from django.db.transaction import TransactionManagementError

from bigledger.postgres import driver, server
from bigledger.postgres.statement import Call, Opening, OtherAnswer, Statement

# A statement that the server itself ends, by its `statement_timeout`, is not to be taken for a server that hangs.
GRACE_SECONDS = 10.0

Params = Sequence[Any] | Mapping[str, Any]
_cursors = itertools.count(1)


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
    """One thread's connection."""

    Database = driver
    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        home = self.settings_dict.get("EMBEDDED_HOME")
        if home:
            self.settings_dict["HOST"] = str(server.start(Path(home)).socket_dir)
        params: dict[str, Any] = super().get_connection_params()
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if connections[self.alias] is self:  # and not a passing copy, as for a database that is yet to be made
            _here.wrappers[self.alias] = self
        connection: driver.PatientConnection = super().get_new_connection(conn_params)
        connection.patience.seconds = self._usual_patience
        return connection

    # -- what `bigledger.postgres.execute` offers ---------------------------------------------------------

    def fetch_all(self, sql: str, params: Params) -> list[tuple[Any, ...]]:
        # Not `self.cursor()`: a block that is to be rolled back may still be asked, as on the hot path.
        with self.wrap_database_errors, self.create_cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def fetch_in_batches(self, sql: str, params: Params, size: int) -> Iterator[list[tuple[Any, ...]]]:
        if not self.in_atomic_block:
            raise TransactionManagementError("rows in batches are read inside a transaction")
        with self.wrap_database_errors, self.create_cursor(f"batches_{next(_cursors)}") as cursor:
            cursor.execute(sql, params)
            while rows := cursor.fetchmany(size):
                yield rows

    def fetch_numbers(self, statement: Statement, params: Sequence[object]) -> list[int | None]:
        (row,) = self.fetch_all(statement.for_cursor, statement.in_order(params))
        return [None if value is None else int(value) for value in row]

    def call(self, statement: Statement, arguments: Sequence[bytes]) -> bytes | None:
        """The one text of a statement of texts; None for NULL and for no row."""
        rows = self.fetch_all(statement.for_cursor, statement.in_order([given.decode() for given in arguments]))
        answer = rows[0][0] if rows else None
        return None if answer is None else str(answer).encode()

    def call_and_commit(self, statement: Call, arguments: Sequence[bytes]) -> bytes | None:
        """As `call`: the transaction is committed at its end."""
        return self.call(statement, arguments)

    def begin_with(self, opening: Opening) -> None:
        """Asks at once: what comes after it is not carried out when this raises OtherAnswer."""
        if self.call(opening.call, opening.arguments) != opening.expected:
            raise OtherAnswer

    def settle(self) -> None:
        """Nothing waits here to be sent."""

    # -- patience -----------------------------------------------------------------------------------------

    @property
    def _usual_patience(self) -> float:
        seconds = self.settings_dict.get("STATEMENT_SECONDS")
        return seconds + GRACE_SECONDS if seconds else math.inf

    def limit_statements(self, seconds: float) -> None:
        """Until the transaction ends, a statement may take this long: the server ends it, or we do if that hangs."""
        self.fetch_all("SELECT set_config('statement_timeout', %s, true)", [f"{round(seconds * 1000)}ms"])
        self.connection.patience.seconds = seconds + GRACE_SECONDS

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._be_patient_as_usual()

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]
        self._be_patient_as_usual()

    def _be_patient_as_usual(self) -> None:
        if self.connection is not None:
            self.connection.patience.seconds = self._usual_patience
