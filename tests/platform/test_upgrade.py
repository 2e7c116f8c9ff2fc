"""A database of an earlier release, with the demo books and a recurring invoice in it, becomes what a fresh one is.

`releases/<commit>.sql.xz` is what `pg_dump --inserts` wrote there. A migration that only works without rows, or that
leaves anything other than a fresh install has, fails here.
"""

from __future__ import annotations

import lzma
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from tests.conftest import let_tests_number_events

ROOT = Path(__file__).parent.parent.parent
RELEASES = sorted(Path(__file__).parent.glob("releases/*.sql.xz"))
DEMO_KEYS = {"04c6d88": "blg_sandbox_mXIbHUNXJrbvY2z832h2SYz3evgUYl-QZ91aA83h6kA"}

# Every query gives comparable rows; the order of columns in a table is of no consequence.
CATALOGUE = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
            pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
            AND NOT a.attisdropped""",
    "tables": """
        SELECT relname, relpersistence, reloptions, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner),
            ARRAY(SELECT unnest(relacl)::text ORDER BY 1)
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S')""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conrelid <> 0""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": """
        SELECT oid::regprocedure::text, pg_get_functiondef(oid), pg_get_userbyid(proowner),
            ARRAY(SELECT unnest(proacl)::text ORDER BY 1)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'""",
    "policies": """
        SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies
        WHERE schemaname = 'public'""",
}


def connect(name: str) -> psycopg.Connection[Any]:
    """As the superuser of the embedded server, or as the owner of the given one."""
    params = connections["owner"].get_connection_params()
    keep = {key: params[key] for key in ("host", "port", "user", "password") if params.get(key)}
    if not settings.DATABASE_URL:
        keep["user"] = "postgres"
    return psycopg.connect(**keep, dbname=name, autocommit=True)


@pytest.fixture(params=RELEASES, ids=lambda path: path.name.partition(".")[0])
def upgraded(request: pytest.FixtureRequest, cast: Any, django_db_blocker: Any) -> Iterator[tuple[str, str]]:
    """(database, commit): the release's dump, migrated."""
    fresh = connections["owner"].settings_dict["NAME"]
    name, commit = f"{fresh}_upgraded", request.param.name.partition(".")[0]
    text = lzma.decompress(request.param.read_bytes()).decode()
    for kind, role in settings.DATABASE_ROLES.items():
        text = text.replace(f"bigledger_{kind}", role)
    with django_db_blocker.unblock():
        with connect("postgres") as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            owner = sql.Identifier(settings.DATABASE_ROLES["owner"])
            server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), owner))
        with connect(name) as database:
            books = sql.Identifier(settings.DATABASE_ROLES["books"])
            # As docs/operations.md says for a restore by the owner: who is to own a function needs it.
            database.execute(sql.SQL("GRANT CREATE ON SCHEMA public TO {}").format(books))
            database.execute(text)
            database.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM {}").format(books))
        _rename(name)
        try:
            call_command("migrate", verbosity=0)
            let_tests_number_events()
        finally:
            _rename(fresh)
        yield name, commit
        with connect("postgres") as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _rename(name: str) -> None:
    connections.close_all()
    for alias in connections:
        connections[alias].settings_dict["NAME"] = name


def _plain(row: tuple[Any, ...]) -> str:
    """Without casts and brackets, which a dump writes in other places than a migration."""
    return re.sub(r"::[a-z ]+(\[\])?|[()]", "", repr(row))


def test_an_upgraded_database_is_as_a_fresh_one_and_its_books_are_sound(upgraded: tuple[str, str]) -> None:
    name, commit = upgraded

    with connect(connections["owner"].settings_dict["NAME"]) as fresh, connect(name) as old:
        for what, query in CATALOGUE.items():
            expected, found = ({_plain(row) for row in database.execute(query)} for database in (fresh, old))
            assert len(expected) > 5
            assert (what, found - expected, expected - found) == (what, set(), set())

    used = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "upgraded.py"), DEMO_KEYS[commit]],
        env={**os.environ, "TEST_DATABASE_NAME": name, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert used.returncode == 0, used.stderr
    lines = used.stdout.splitlines()
    assert "recurring-invoices 200 1" in lines
    assert "accounts 200 100" in lines
    assert [line for line in lines if line.split(" ")[1:2] and line.split(" ")[1].startswith(("4", "5"))] == []
