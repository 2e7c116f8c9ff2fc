"""Roles and database, before the first migration. Repeating it changes nothing."""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

from bigledger.tenants.roles import ensure_roles, grant_defaults, role


def provision() -> None:
    """Creates the restricted roles, and on the embedded server the owner and the database as well.

    On a given DATABASE_URL its user is the owner, and needs CREATEROLE the first time.
    """
    owner = connections["owner"]
    params: dict[str, Any] = owner.get_connection_params()
    params.pop("cursor_factory", None)
    params.pop("context", None)
    params.pop("prepare_threshold", None)
    if owner.settings_dict["EMBEDDED_HOME"]:
        superuser = {**params, "user": "postgres", "dbname": "postgres"}
        with psycopg.connect(**superuser, autocommit=True) as connection:
            _ensure_owner(connection)
            ensure_roles(connection, {})
            connection.execute(
                sql.SQL("GRANT {} TO {}").format(sql.Identifier(role("books")), sql.Identifier(role("owner")))
            )
            _ensure_database(connection, owner.settings_dict["NAME"])
        with psycopg.connect(**params, autocommit=True) as connection:
            grant_defaults(connection)
    else:
        with psycopg.connect(**params, autocommit=True) as connection:
            ensure_roles(connection, settings.DATABASE_PASSWORDS)
            # Whoever makes a role is its member, but from PostgreSQL 16 on may not act as it without this.
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role("books"))))
            grant_defaults(connection)


def _ensure_owner(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role("owner")]).rowcount == 0:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER").format(sql.Identifier(role("owner"))))


def _ensure_database(connection: psycopg.Connection[tuple[Any, ...]], name: str) -> None:
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount == 0:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(role("owner")))
        )
