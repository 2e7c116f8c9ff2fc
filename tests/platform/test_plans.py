"""The plan of what every write does: a foreign key is looked up by its own index, without statistics too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connections

from bigledger.postgres.execute import fetch_all

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

_KEYS = """
SELECT k.conrelid::regclass::text || ' ' || k.conname, k.confrelid::regclass::text,
    ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u(number, place)
          JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY place)
FROM pg_constraint k
WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
"""


@pytest.fixture
def without_seq_scans() -> None:
    """So that a table with three rows is looked up as one with a million."""
    connections["owner"].cursor().execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")


def _scan(table: str, columns: list[str]) -> dict[str, Any]:
    """The lowest node of the plan that a prepared statement keeps for good."""
    condition = " AND ".join(f"{column} = ${place}" for place, column in enumerate(columns, 1))
    sql = f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) SELECT 1 FROM ONLY {table} WHERE {condition} FOR KEY SHARE"
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql)
        [[explained]] = cursor.fetchall()
    [found] = explained if isinstance(explained, list) else json.loads(explained)
    plan: dict[str, Any] = found["Plan"]
    while "Plans" in plan:
        [plan] = plan["Plans"]
    return plan


@pytest.mark.usefixtures("without_seq_scans")
def test_every_foreign_key_is_looked_up_by_more_than_its_tenant() -> None:
    # CI runs this on the embedded server, which is 18: nothing is skipped there.
    if connections["owner"].pg_version < 180000:  # type: ignore[attr-defined]
        pytest.skip("before PostgreSQL 18 nobody can tell the planner anything about an empty table")
    keys = fetch_all(_KEYS, using="owner")

    scans = {name: _scan(table, columns) for name, table, columns in keys}

    assert len(keys) > 30
    by_tenant_alone = {name: scan for name, scan in scans.items() if "id = $2" not in scan["Index Cond"]}
    assert {name for name in by_tenant_alone if "tenant_id" in by_tenant_alone[name]["Index Cond"]} == set()
