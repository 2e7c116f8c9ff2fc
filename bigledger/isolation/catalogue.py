# ruff: noqa: S608 - names of tables and functions come from the catalogue itself
"""Past the application: SQL under its role, over every table, view and function of the database."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import DatabaseError, connection, transaction

from bigledger.isolation.tally import Tally
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant

_MOST_ROWS = 10_000
_REFUSED = "42501"  # insufficient_privilege: by a right that the role lacks, or by a policy
_RELATIONS = """
SELECT c.oid::regclass::text, c.relkind, EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""
_FUNCTIONS = """
SELECT p.oid::regprocedure::text, p.oid::regproc::text, ARRAY(
    SELECT format_type(t, NULL) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY u(t, n) ORDER BY n)
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype
    AND has_function_privilege(p.oid, 'EXECUTE') ORDER BY 1
"""
_WRITABLE = """
SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


def everything_of(tenant: Tenant) -> frozenset[uuid.UUID]:
    """The ids of its rows, by the tenant that they name: where a policy fails, more is seen than is its own."""
    with tenant_context(tenant):
        found = {
            uuid.UUID(identifier)
            for name in _with_tenant()
            for (identifier,) in _answers(f"SELECT to_jsonb(t) ->> 'id' FROM {name} t WHERE tenant_id = '{tenant.id}'")
            if identifier
        }
    return frozenset(found | {tenant.id})


def try_everything(tally: Tally, mine: Tenant, theirs: Tenant) -> None:
    with tenant_context(theirs):
        samples = {name: _answers(f"SELECT to_jsonb(t)::text FROM {name} t LIMIT 1") for name in _with_tenant()}
    named = sorted(
        {theirs.id, *(uuid.UUID(found) for rows in samples.values() for (row,) in rows if (found := _id(row)))}
    )
    with tenant_context(mine):
        for name, kind, has_tenant in _rows(_RELATIONS):
            _read(tally, name, theirs, has_tenant=has_tenant)
            if has_tenant and kind in ("r", "p"):
                _write(tally, name, theirs, samples.get(name) or [])
        for signature, name, types in _rows(_FUNCTIONS):
            _call(tally, signature, name, types, theirs, named)
    with transaction.atomic():  # no tenant at all
        for name, _, has_tenant in _rows(_RELATIONS):
            if has_tenant:
                tally.rows(f"{name} without a tenant", _number(f"SELECT count(*) FROM {name}"))


def _read(tally: Tally, name: str, theirs: Tenant, *, has_tenant: bool) -> None:
    shown = _answers(f"SELECT t::text FROM {name} t LIMIT {_MOST_ROWS}")
    tally.text(f"SELECT FROM {name}", "\n".join(row[0] or "" for row in shown))
    if has_tenant:
        by_name = f"SELECT count(*) FROM {name} WHERE tenant_id = %s"
        tally.rows(f"SELECT FROM {name} by tenant", _number(by_name, [theirs.id]))


def _write(tally: Tally, name: str, theirs: Tenant, sample: Sequence[tuple[Any, ...]]) -> None:
    for what, sql in (
        (f"UPDATE {name}", f"UPDATE {name} SET tenant_id = tenant_id WHERE tenant_id = %s"),
        (f"DELETE FROM {name}", f"DELETE FROM {name} WHERE tenant_id = %s"),
    ):
        tally.rows(what, _tried(partial(_changed, sql=sql, values=[theirs.id])))
    for (row,) in sample:
        columns = _rows(_WRITABLE, [name])[0][0]
        sql = f"INSERT INTO {name} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{name}, %s::jsonb)"
        tally.rows(f"INSERT INTO {name}", _tried(partial(_inserted, sql=sql, row=row)))


def _call(
    tally: Tally, signature: str, name: str, types: Sequence[str], theirs: Tenant, named: Sequence[uuid.UUID]
) -> None:
    """The function with each of these ids wherever it takes one, with the tenant where it takes text, and with nothing
    elsewhere."""
    places = ", ".join(f"%s::{kind}" for kind in types)
    sql = f"SELECT string_agg(f::text, ' ') FROM {name}({places}) f"
    for identifier in named if {"uuid", "uuid[]"} & set(types) else named[:1]:
        given = {"uuid": identifier, "uuid[]": [identifier], "text": str(theirs.id), "date": "infinity"}
        values = [given.get(kind) for kind in types]
        answer: list[str] = []

        def ask(cursor: Any, values: Sequence[Any] = values, answer: list[str] = answer) -> int:
            cursor.execute(sql, values)
            answer.append(cursor.fetchone()[0] or "")
            return 0

        _tried(ask)
        tally.text(signature, " ".join(answer), sent=(theirs.id, identifier))


def _id(row: str) -> str | None:
    found: str | None = json.loads(row).get("id")
    return found


def _with_tenant() -> list[str]:
    return [name for name, _, has_tenant in _rows(_RELATIONS) if has_tenant]


def _changed(cursor: Any, sql: str, values: Sequence[Any]) -> int:
    cursor.execute(sql, values)
    return int(cursor.rowcount)


def _inserted(cursor: Any, sql: str, row: str) -> int:
    try:
        cursor.execute(sql, [row])
    except DatabaseError as fault:
        # Only a refusal for lack of a right holds; a key that is taken says that the policy has let the row pass.
        return int(getattr(fault.__cause__, "sqlstate", "") == "23505")
    return 1


def _tried(work: Callable[[Any], int]) -> int:
    """What `work` gives, which is undone; nothing where the database refuses it."""
    found = 0
    with transaction.atomic():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                found = work(cursor)
                transaction.set_rollback(True)
        except DatabaseError:
            return 0
    return found


def _answers(sql: str) -> list[tuple[Any, ...]]:
    """The rows of a statement; none where the role lacks the right."""
    found: list[tuple[Any, ...]] = []

    def ask(cursor: Any) -> int:
        cursor.execute(sql)
        found.extend(cursor.fetchall())
        return 0

    _tried(ask)
    return found


def _number(sql: str, values: Sequence[Any] = ()) -> int:
    def ask(cursor: Any) -> int:
        cursor.execute(sql, values)
        return int(cursor.fetchone()[0])

    return _tried(ask)


def _rows(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
