"""One walk through the catalogue proves that every table with a tenant is under its isolation."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connections

from tests.plugins import OURS

pytestmark = pytest.mark.usefixtures("cast")

_TENANT_TABLES = """
SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner)
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
"""
# The tenant itself carries no tenant_id. Users are people, who may belong to several tenants; their second factor is
# theirs. Counters are of addresses, before anybody has said who they are.
# People and what they sign in with are of all their tenants (tests/security/test_admin_registry.py has the reasons).
_WITHOUT_TENANT = {
    "tenants_tenant", "access_user", "access_authenticator", "access_passkey", "access_recoverycodes",
    "access_pagesession", "access_counter",
}  # fmt: skip


@pytest.fixture
def catalogue(django_db_blocker):
    with django_db_blocker.unblock(), connections["owner"].cursor() as cursor:
        yield cursor


def _rows(cursor, sql, params=None):
    cursor.execute(sql, params)
    return cursor.fetchall()


def test_every_tenant_table_has_forced_row_level_security(catalogue):
    tables = _rows(catalogue, _TENANT_TABLES)

    assert {row[1] for row in tables} >= {
        "ledger_account",
        "ledger_journalline",
        "events_event",
        "events_pending",
        "events_head",
        "access_apikey",
    }
    assert [row[1] for row in tables if not (row[2] and row[3])] == []


def test_every_tenant_table_has_the_policy(catalogue):
    for _, table, *_ in _rows(catalogue, _TENANT_TABLES):
        policies = dict(
            _rows(
                catalogue,
                "SELECT policyname, qual || ' / ' || with_check FROM pg_policies WHERE tablename = %s "
                "AND permissive = 'PERMISSIVE'",
                [table],
            )
        )
        assert policies == {
            "own_tenant": "(tenant_id = app_tenant()) / (tenant_id = app_tenant())",
            "all_tenants": "true / true",
        }, table


def test_only_owner_and_worker_see_every_tenant(catalogue):
    rows = _rows(catalogue, "SELECT DISTINCT unnest(roles) FROM pg_policies WHERE policyname = 'all_tenants'")
    roles = {row[0] for row in rows}

    assert roles == {connections["owner"].settings_dict["USER"], connections["worker"].settings_dict["USER"]}


def test_every_key_of_a_tenant_table_starts_with_the_tenant(catalogue):
    for oid, table, *_ in _rows(catalogue, _TENANT_TABLES):
        keys = _rows(
            catalogue,
            "SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i"
            " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
            " WHERE i.indrelid = %s AND i.indisunique",
            [oid],
        )
        assert keys, table
        assert {first for _, first in keys} == {"tenant_id"}, (table, keys)


def test_every_reference_between_tenant_tables_carries_the_tenant(catalogue):
    tenant_tables = {row[0] for row in _rows(catalogue, _TENANT_TABLES)}
    references = _rows(
        catalogue,
        "SELECT conrelid, confrelid, conname, a.attname, f.attname FROM pg_constraint"
        " JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]"
        " JOIN pg_attribute f ON f.attrelid = confrelid AND f.attnum = confkey[1] WHERE contype = 'f'",
    )
    between = [row for row in references if row[0] in tenant_tables and row[1] in tenant_tables]

    assert len(between) >= 5
    assert [row[2] for row in between if row[3:] != ("tenant_id", "tenant_id")] == []


def test_the_application_neither_owns_nor_bypasses(catalogue):
    app = connections["default"].settings_dict["USER"]

    assert _rows(catalogue, "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = %s", [app]) == [
        (False, False, False)
    ]
    assert _rows(catalogue, "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = %s", [app]) == []


def test_a_table_without_tenant_is_one_we_know(catalogue):
    ours = tuple(f"{app.label}_" for app in apps.get_app_configs() if app.name.startswith((*OURS, "tests.")))
    tables = {
        row[0]
        for row in _rows(
            catalogue,
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
        )
        if row[0].startswith(ours)
    }
    with_tenant = {row[1] for row in _rows(catalogue, _TENANT_TABLES)}
    django_own = {"access_user_groups", "access_user_user_permissions"}

    assert tables - with_tenant == _WITHOUT_TENANT | django_own
