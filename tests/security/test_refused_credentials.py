"""A credential that is refused spends nothing of the tenant it once belonged to, and learns nothing of it."""

from __future__ import annotations

import pytest
from django.db import connections

from bigledger.access import authentication
from tests.api.conftest import open_chart, rent
from tests.committed import behind_its_back, tenant  # noqa: F401 - a fixture
from tests.conftest import Answer, Caller

HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
TAKEN = {
    "revoked": "UPDATE access_apikey SET revoked_at = now() WHERE tenant_id = %s",
    "expired": "UPDATE access_apikey SET expires_at = now() WHERE tenant_id = %s",
    "of nobody": "DELETE FROM access_membership WHERE tenant_id = %s",
}
_USED = "SELECT hour_count, cardinality(leases) FROM access_rate_usage WHERE tenant_id = %s"


def _used(caller: Caller) -> list[tuple[int]]:
    """Requests of this hour, and how many are running."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT hour_count, cardinality(leases) FROM access_rate_usage WHERE tenant_id = %s", [caller.tenant.id]
        )
        found: list[tuple[int]] = cursor.fetchall()
        return found


@pytest.mark.parametrize("how", TAKEN)
def test_it_spends_nothing_and_says_nothing(tenant: Caller, how: str) -> None:  # noqa: F811
    open_chart(tenant)
    behind_its_back("UPDATE tenants_tenant SET plan = 'free' WHERE id = %s", tenant.tenant.id)
    assert HEADERS[1] in tenant.post("/v1/journal-entries", rent()).response
    before = _used(tenant)
    assert before[0][0] > 0
    behind_its_back(TAKEN[how], tenant.tenant.id)

    answers: list[Answer] = [tenant.post("/v1/journal-entries", rent()) for _ in range(5)]
    answers += [tenant.get("/v1/accounts"), tenant.post("/v1/journal-entries", rent(), idempotency_key="k")]

    assert {a.status for a in answers} == {401}
    assert [name for a in answers for name in HEADERS if name in a.response] == []
    assert _used(tenant) == before


def test_it_is_forgotten(tenant: Caller) -> None:  # noqa: F811
    tenant.get("/v1/accounts")
    known = len(authentication._callers._values)
    behind_its_back(TAKEN["revoked"], tenant.tenant.id)

    assert tenant.post("/v1/journal-entries", rent()).status == 401

    assert len(authentication._callers._values) == known - 1
