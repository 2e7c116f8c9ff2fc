"""Assumed statistics, which the planner uses for a table until its first ANALYZE.

Of a new table PostgreSQL assumes so few rows that any index which begins with the tenant finds one, and may take the
one by date for a key. Such a plan is kept, so every row of a first large load costs as much as there are rows. It is
told that a table has several tenants, so that a tenant has several rows. The first ANALYZE puts facts in their place.
"""

from __future__ import annotations

from django.db import connections

_FIRST_VERSION = 180000  # of PostgreSQL, with pg_restore_attribute_stats
_ASSUME = """
SELECT pg_restore_attribute_stats(
    'schemaname', 'public', 'relname', c.relname::text, 'attname', 'tenant_id', 'inherited', false,
    'version', 180000, 'null_frac', 0::real, 'avg_width', 16, 'n_distinct', 20::real)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND pg_has_role(c.relowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_stats s WHERE s.schemaname = 'public' AND s.tablename = c.relname)
"""


def assume_tenants() -> None:
    """For each table of tenants without statistics, as the owner. Older servers wait for the first ANALYZE."""
    owner = connections["owner"]
    with owner.cursor() as cursor:
        if owner.connection.info.server_version >= _FIRST_VERSION:
            cursor.execute(_ASSUME)
