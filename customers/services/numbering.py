"""Numbers without gaps, for customers and for the documents of the sales side."""

from __future__ import annotations

from bigledger.postgres.execute import fetch_one

_TAKE = """
INSERT INTO customers_numberseries AS kept (id, tenant_id, series, last)
VALUES (gen_random_uuid(), app_tenant(), %s, 1)
ON CONFLICT (tenant_id, series) DO UPDATE SET last = kept.last + 1
RETURNING last
"""


def take_number(series: str) -> int:
    """The next number of `series` in the tenant of the transaction.

    Others who need one wait until this transaction ends, and a rollback returns the number; so take it
    last, when nothing else can fail or take long.
    """
    number: int = fetch_one(_TAKE, [series])[0]
    return number
