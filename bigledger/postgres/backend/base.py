"""Django's PostgreSQL backend, which starts the embedded server when nothing else is configured."""

from __future__ import annotations

import select
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient
from django.db.backends.utils import debug_transaction
from psycopg import Error
from psycopg.pq import ConnStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from bigledger.postgres import server
from bigledger.postgres.execute import checked


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


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        home = self.settings_dict.get("EMBEDDED_HOME")
        if home:
            self.settings_dict["HOST"] = str(server.start(Path(home)).socket_dir)
        params: dict[str, Any] = super().get_connection_params()
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._prepared: dict[str, bytes] = {}
        self._sent = 0
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

    # A statement whose answer says nothing may travel with the next one, most often COMMIT: a round trip less.

    def send(self, sql: str, argument: bytes) -> None:
        """Sends a statement of one text, inside a transaction, and does not wait. What is wrong with it is raised
        by the next statement, or by the commit."""
        self.settle()
        name = self.prepare(sql)
        self.pgconn.enter_pipeline_mode()
        self.pgconn.send_query_prepared(name, [argument])
        self._sent = 1

    def settle(self) -> None:
        """Waits for what was sent. Raises what went wrong with it."""
        if not self._sent:
            return
        pgconn, sent, self._sent = self.pgconn, self._sent, 0
        pgconn.pipeline_sync()
        faults = []
        for _ in range(sent):
            while (result := self._result()) is not None:
                try:
                    checked(result)
                except Error as fault:
                    faults.append(fault)
        self._result()  # the answer to the synchronisation itself
        if pgconn.status == ConnStatus.OK:
            pgconn.exit_pipeline_mode()
        if faults:
            raise faults[0]  # those behind it were only skipped

    def _result(self) -> PGresult | None:
        """The next result. Waits for it here: inside libpq the wait would keep all other threads from running."""
        pgconn = self.pgconn
        while pgconn.is_busy():
            unsent = [pgconn.socket] if pgconn.flush() else []
            select.select([pgconn.socket], unsent, [])
            pgconn.consume_input()
        return pgconn.get_result()

    def create_cursor(self, name: str | None = None) -> Any:
        self.settle()
        return super().create_cursor(name)

    def _rollback(self) -> None:
        with suppress(Error):
            self.settle()
        super()._rollback()  # type: ignore[misc]

    # The next two are part of every request. psycopg's own take ten times the CPU of what has to be done.

    def _commit(self) -> None:
        if self.connection is None:
            return
        with debug_transaction(self, "COMMIT"), self.wrap_database_errors:
            if self._sent:
                self.pgconn.send_query_params(b"COMMIT", [])
                self._sent += 1
                self.settle()
            else:
                checked(self.pgconn.exec_(b"COMMIT"))

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 - Django's signature
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            self.connection._autocommit = autocommit
        else:
            super()._set_autocommit(autocommit)  # type: ignore[misc]
