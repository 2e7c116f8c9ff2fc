"""What tests that commit must leave as it was: the facts of the tenants that all tests of a process share.

A test that changes them works by itself, and breaks another one that happens to run after it.
"""

from __future__ import annotations

import uuid

from django.db import connections

# What jobs and mere requests write for every tenant there is, and no test of another area relies on: the log that the
# relay numbers, balances that are folded, keys of requests, counters, what is made of a document.
_PASSING = (
    "access_slot", "api_idempotencykey", "events_event", "events_head", "events_pending", "invoicing_documentversion",
    "ledger_accountbalance", "mail_mail", "mail_reservation", "webhooks_webhookdelivery",
)  # fmt: skip
_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
      AND NOT c.relname LIKE ANY(%s)"""
_FACTS = """
    SELECT '{0}', md5(string_agg((to_jsonb(t) - 'last_used_at')::text, '' ORDER BY t::text)) FROM {0} t
    WHERE t.tenant_id = %(tenant)s"""
_PEOPLE = """
    SELECT 'access_user', md5(string_agg(concat(u.email, u.password, u.is_active), '' ORDER BY u.id))
    FROM access_user u JOIN access_membership m ON m.user_id = u.id WHERE m.tenant_id = %(tenant)s"""
_TENANT = "SELECT 'tenants_tenant', md5(t::text) FROM tenants_tenant t WHERE id = %(tenant)s"

Facts = dict[str, str | None]
_kept: dict[uuid.UUID, Facts] = {}


def facts(tenant: uuid.UUID) -> Facts:
    """A digest of each table, as far as it is the tenant's."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(_TABLES, [[f"{name}%" for name in _PASSING]])
        tables = [row[0] for row in cursor.fetchall()]
        parts = [_TENANT, _PEOPLE, *(_FACTS.format(table) for table in tables)]
        cursor.execute(" UNION ALL ".join(parts), {"tenant": tenant})
        return dict(cursor.fetchall())


def keep(*tenants: uuid.UUID) -> None:
    """Remembers the tenants as they are now."""
    _kept.update({tenant: facts(tenant) for tenant in tenants})


def changed() -> dict[uuid.UUID, list[str]]:
    """The tables in which a tenant is not as it was kept; it is kept as it is from now on, and so told of once."""
    found = {}
    for tenant, before in list(_kept.items()):
        now = facts(tenant)
        if now != before:
            found[tenant] = [table for table in now if now[table] != before.get(table)]
            _kept[tenant] = now
    return found
