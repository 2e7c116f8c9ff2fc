"""What proves a business rule: a state in which a request breaks it, and that the request then changes nothing.

An app's `tests/<app>/breaks.py` holds `BREAKS`: for each wording of each of its rules, how the state is made and which
request is then refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from bigledger.tenants.context import tenant_context
from tests.conftest import Caller

# What asks; it answers, or raises when a service is called.
Ask = Callable[[], Any]
Prepare = Callable[[Caller, pytest.MonkeyPatch], Ask]

_TABLES = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT')
    ORDER BY 1"""


def contents(caller: Caller) -> dict[str, str]:
    """A digest of every table, as far as it is the caller's tenant's."""
    with tenant_context(caller.tenant), connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables = [row[0] for row in cursor.fetchall()]
        digests = (
            f"SELECT '{table}', md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t" for table in tables
        )
        cursor.execute(" UNION ALL ".join(digests))
        return dict(cursor.fetchall())


def asking(caller: Caller, method: str, path: str, body: Any = None) -> Ask:
    return lambda: caller.request(method, path, body)
