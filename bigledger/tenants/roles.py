"""The database roles and what each may do.

owner   owns schema and tables, runs migrations; sees every tenant.
app     what requests, tasks and people at `manage.py dbshell` work as: bound by every policy.
worker  finds out which tenants have work waiting; sees every tenant, writes through `app` like all others.
books   nobody can log in as it: the only role that may write journal lines and balances, used by the
        posting function.
"""

from __future__ import annotations

from django.conf import settings
from psycopg import Connection, sql

KINDS = ("owner", "app", "worker", "books")


def role(kind: str) -> str:
    """The name of a role in this deployment (`bigledger_app`)."""
    return str(settings.DATABASE_ROLES[kind])


def ensure_roles(connection: Connection[tuple[object, ...]], passwords: dict[str, str]) -> None:
    """Creates what is missing of app, worker and books and sets the passwords given by kind, and how long a statement
    of app's may take: what a role is set to holds behind every pooler.

    The connection's user needs CREATEROLE. Safe to repeat, and for several processes at once.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('bigledger roles'))")
        for kind in ("app", "worker", "books"):
            name = role(kind)
            if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).rowcount == 0:
                login = sql.SQL("NOLOGIN" if kind == "books" else "LOGIN")
                connection.execute(sql.SQL("CREATE ROLE {} {} NOSUPERUSER").format(sql.Identifier(name), login))
            if kind in passwords:
                connection.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(passwords[kind]))
                )
        limit = f"{round(settings.STATEMENT_SECONDS * 1000)}ms"
        set_already = "SELECT FROM pg_roles WHERE rolname = %s AND 'statement_timeout=' || %s = ANY (rolconfig)"
        if connection.execute(set_already, [role("app"), limit]).rowcount == 0:
            command = sql.SQL("ALTER ROLE {} SET statement_timeout = {}")
            connection.execute(command.format(sql.Identifier(role("app")), sql.Literal(limit)))


def grant_defaults(connection: Connection[tuple[object, ...]]) -> None:
    """As the owner, in the application's database: what app and worker may do with tables to come."""
    owner, app, worker, books = (sql.Identifier(role(kind)) for kind in KINDS)
    statements = (
        "GRANT USAGE ON SCHEMA public TO {app}, {worker}, {books}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}, {worker}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE ON SEQUENCES TO {app}, {worker}",
    )
    for statement in statements:
        connection.execute(sql.SQL(statement).format(owner=owner, app=app, worker=worker, books=books))
