"""Functions and triggers in the database are those of the files, on a fresh database and on an upgraded one."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.db import connections

from bigledger.tenants.isolation import with_role_names
from bigledger.tenants.routines import apply_routines, routine_files

pytestmark = pytest.mark.usefixtures("cast", "unblocked")

FUNCTION = re.compile(r"CREATE OR REPLACE FUNCTION (\w+)\s*\(.*?AS \$\$(.*?)\$\$", re.DOTALL)
TRIGGER = re.compile(r"CREATE (?:OR REPLACE|CONSTRAINT) TRIGGER (\w+) .*? ON (\w+)")


@pytest.fixture
def unblocked(django_db_blocker):
    """The database outside of a test's transaction, which would hold locks that a migration waits for."""
    with django_db_blocker.unblock():
        yield


def bodies_in_files() -> dict[str, str]:
    return {
        name: body for file in routine_files() for name, body in FUNCTION.findall(with_role_names(file.read_text()))
    }


def bodies_in_database() -> dict[str, str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'"
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
        )
        return dict(cursor.fetchall())


def test_files_define_the_functions_of_the_database():
    expected = bodies_in_files()
    assert len(expected) > 20
    found = bodies_in_database()
    assert found.keys() - expected.keys() == {"app_tenant", "app_routines"}
    assert {name: found[name] for name in expected} == expected


def test_files_define_the_triggers_of_the_database():
    expected = {pair for file in routine_files() for pair in TRIGGER.findall(file.read_text())}
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        assert set(cursor.fetchall()) == expected


def test_a_file_defines_nothing_that_holds_data():
    for file in routine_files():
        assert not re.search(r"CREATE (UNLOGGED )?TABLE|ALTER TABLE|POLICY|CREATE INDEX", file.read_text()), file


def test_migrate_replaces_a_function_of_an_older_release():
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE OR REPLACE FUNCTION app_routines() RETURNS text LANGUAGE sql AS $$SELECT 'older'$$")
        cursor.execute(
            "CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RETURN NEW; END$$"
        )
    call_command("migrate", verbosity=0)
    assert bodies_in_database()["ledger_refuse_change"] == bodies_in_files()["ledger_refuse_change"]
    assert apply_routines() is False
