"""Numbers without gaps, for customers and for the documents of the sales side."""

from __future__ import annotations

from collections.abc import Iterable

from bigledger.postgres.execute import fetch_all, fetch_one

_TAKE = """
INSERT INTO customers_numberseries AS kept (id, tenant_id, series, last)
VALUES (gen_random_uuid(), app_tenant(), %s, 1)
ON CONFLICT (tenant_id, series) DO UPDATE SET last = kept.last + 1
RETURNING last
"""
# Nothing comes back where a number as high was taken already.
_CONTINUE = """
INSERT INTO customers_numberseries AS kept (id, tenant_id, series, last)
VALUES (gen_random_uuid(), app_tenant(), %s, %s)
ON CONFLICT (tenant_id, series) DO UPDATE SET last = excluded.last WHERE kept.last <= excluded.last
RETURNING last
"""
_LAST = "SELECT series, last FROM customers_numberseries WHERE tenant_id = app_tenant() AND series = ANY(%s)"
_LOCK = """
INSERT INTO customers_numberseries (id, tenant_id, series, last)
SELECT gen_random_uuid(), app_tenant(), wanted, 0 FROM unnest(%s::text[]) AS wanted ORDER BY wanted
ON CONFLICT (tenant_id, series) DO UPDATE SET last = customers_numberseries.last
"""


def take_number(series: str) -> int:
    """The next number of `series` in the tenant of the transaction.

    Others who need one wait until this transaction ends, and a rollback returns the number; so take it
    last, when nothing else can fail or take long.
    """
    number: int = fetch_one(_TAKE, [series])[0]
    return number


def last_numbers(series: Iterable[str]) -> dict[str, int]:
    """The last number taken of each series that has one."""
    return dict(fetch_all(_LAST, [list(series)]))


def continue_after(series: str, last: int) -> bool:
    """Makes `last` + 1 the next number of `series`; False if that number, or a later one, was taken."""
    return bool(fetch_all(_CONTINUE, [series, last]))


def lock_series(series: Iterable[str]) -> None:
    """Locks several series in order, so that two transactions that take numbers of them cannot deadlock."""
    fetch_all(_LOCK + "RETURNING 1", [sorted(set(series))])
