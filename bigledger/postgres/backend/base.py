"""Django's PostgreSQL backend, which starts the embedded server when nothing else is configured."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient
from django.db.backends.utils import debug_transaction

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

    def _commit(self) -> None:
        """Straight to libpq: psycopg's commit costs five times the CPU, on every request that writes."""
        if self.connection is not None:
            with debug_transaction(self, "COMMIT"), self.wrap_database_errors:
                checked(self.connection.pgconn.exec_(b"COMMIT"))
