"""The plan table, counted on either store, through the API and by moments of our choosing."""

from __future__ import annotations

import time
import uuid

import pytest

from bigledger.access import limits
from bigledger.access.limits import postgres_store, redis_store
from bigledger.access.limits.plans import PLANS, Limits, limits_of
from bigledger.access.limits.store import LEASE_MILLISECONDS
from bigledger.tenants.models import Plan, Tenant
from tests.conftest import Caller, make_tenant

FREE = PLANS[Plan.FREE]
NOON = 1_700_000_000_000
HOUR, SECOND, CONCURRENT = 1, 2, 4


@pytest.fixture(params=["postgres", "redis"])
def store(request: pytest.FixtureRequest, db_access: None, settings: object):  # type: ignore[no-untyped-def]
    if request.param == "postgres":
        return postgres_store
    settings.REDIS_URL = request.getfixturevalue("redis_url")  # type: ignore[attr-defined]
    return redis_store


def test_the_hour_ends_an_hour_after_its_first_request(store) -> None:
    tenant = uuid.uuid4()
    limit = Limits(2, None, None)

    first, second, third = (store.take(tenant, limit, moment_ms=NOON + n) for n in range(3))
    assert [(c.refused, c.used, c.resets_at_ms) for c in (first, second, third)] == [
        (0, 1, NOON + 3_600_000),
        (0, 2, NOON + 3_600_000),
        (HOUR, 2, NOON + 3_600_000),
    ]
    assert store.take(tenant, limit, moment_ms=NOON + 3_599_999).refused == HOUR
    assert store.take(tenant, limit, moment_ms=NOON + 3_600_000)[:3] == (0, 1, NOON + 7_200_000)


def test_the_eleventh_request_in_a_second_is_refused_and_not_counted(store) -> None:
    tenant = uuid.uuid4()
    limit = Limits(1_000, 10, None)

    assert [store.take(tenant, limit, moment_ms=NOON).refused for _ in range(11)] == [0] * 10 + [SECOND]
    assert store.take(tenant, limit, moment_ms=NOON + 999).refused == SECOND
    assert store.take(tenant, limit, moment_ms=NOON + 1_000)[:2] == (0, 11)


def test_the_sixth_at_once_waits_for_a_slot(store) -> None:
    tenant = uuid.uuid4()
    limit = Limits(None, None, 5)
    taken = [store.take(tenant, limit, moment_ms=NOON) for _ in range(5)]

    assert store.take(tenant, limit, moment_ms=NOON).refused == CONCURRENT
    store.release(tenant, taken[2].lease)
    assert store.take(tenant, limit, moment_ms=NOON).refused == 0
    assert store.take(tenant, limit, moment_ms=NOON).refused == CONCURRENT


def test_slots_of_a_killed_process_come_back_when_their_lease_ends(store) -> None:
    tenant = uuid.uuid4()
    limit = Limits(None, None, 2)
    for _ in range(2):
        store.take(tenant, limit, moment_ms=NOON)

    assert store.take(tenant, limit, moment_ms=NOON + LEASE_MILLISECONDS - 1).refused == CONCURRENT
    assert [store.take(tenant, limit, moment_ms=NOON + LEASE_MILLISECONDS).refused for _ in range(3)] == [0, 0, 4]


def test_tenants_are_counted_apart(store) -> None:
    limit = Limits(1, None, None)
    one, other = uuid.uuid4(), uuid.uuid4()

    assert [store.take(t, limit, moment_ms=NOON).refused for t in (one, other, one)] == [0, 0, HOUR]


def test_a_redis_that_is_away_limits_nobody(db_access: None, settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    tenant = Tenant(id=uuid.uuid4(), name="Any", plan=Plan.FREE)

    assert limits.take(tenant) is None


def test_the_plan_table_of_the_reference() -> None:
    assert {
        "free": Limits(1_000, 10, 5),
        "starter": Limits(10_000, 50, 20),
        "professional": Limits(100_000, 200, 100),
        "enterprise": Limits(None, None, None),
    } == PLANS


@pytest.mark.parametrize(
    ("plan", "own", "expected"),
    [
        ("free", {}, Limits(1_000, 10, 5)),
        ("free", {"requests_per_hour": 5_000}, Limits(5_000, 10, 5)),
        ("enterprise", {}, None),
        ("enterprise", {"burst_per_second": 500}, Limits(None, 500, None)),
        ("starter", {"concurrent_requests": 0}, Limits(10_000, 50, 0)),
    ],
)
def test_a_tenant_may_have_numbers_of_its_own(plan: str, own: dict[str, int], expected: Limits | None) -> None:
    assert limits_of(Tenant(name="Any", plan=plan, **own)) == expected


@pytest.fixture
def free(db_access: None) -> Caller:
    return make_tenant("Freebie", plan="free")


def _spend_this_hour(tenant: uuid.UUID, count: int) -> None:
    """Some seconds ago, so that the burst is over."""
    moment_ms = int(time.time() * 1000) - 5_000
    for _ in range(count):
        assert postgres_store.take(tenant, Limits(1_000, None, None), moment_ms=moment_ms).refused == 0


def test_every_answer_carries_the_three_headers(free: Caller) -> None:
    good, missing, unknown = free.get("/v1/accounts"), free.get("/v1/accounts/acc_none"), free.get("/v1/nowhere")

    for number, answer in enumerate((good, missing, unknown), start=1):
        assert answer.response["X-RateLimit-Limit"] == "1000"
        assert answer.response["X-RateLimit-Remaining"] == str(1_000 - number)
        assert answer.response["X-RateLimit-Reset"] == good.response["X-RateLimit-Reset"]
    assert [good.status, missing.status, unknown.status] == [200, 404, 404]


def test_request_1001_of_the_hour_is_refused(free: Caller) -> None:
    _spend_this_hour(free.tenant.id, 999)

    assert free.get("/v1/accounts").response["X-RateLimit-Remaining"] == "0"
    refused = free.get("/v1/accounts")

    assert (refused.status, refused.error["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert [d["limit"] for d in refused.error["details"]] == ["hour"]
    assert 3_590 <= int(refused.response["Retry-After"]) <= 3_600
    assert refused.response["X-RateLimit-Remaining"] == "0"


def test_the_eleventh_in_a_second_is_refused_through_the_api(free: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    at_noon = postgres_store.take
    monkeypatch.setattr(postgres_store, "take", lambda tenant, limit: at_noon(tenant, limit, moment_ms=NOON))

    answers = [free.get("/v1/accounts") for _ in range(11)]

    assert [a.status for a in answers] == [200] * 10 + [429]
    assert [d["limit"] for d in answers[-1].error["details"]] == ["burst"]
    assert answers[-1].response["Retry-After"] == "1"
    assert answers[-1].response["X-RateLimit-Remaining"] == "990"


def test_the_sixth_at_once_is_refused_through_the_api_and_slots_come_back(free: Caller) -> None:
    running = [limits.take(free.tenant) for _ in range(5)]

    refused = free.get("/v1/accounts")
    assert (refused.status, refused.response["Retry-After"]) == (429, "1")
    assert [d["limit"] for d in refused.error["details"]] == ["concurrent"]

    limits.release(running[0])
    assert [free.get("/v1/accounts").status for _ in range(3)] == [200, 200, 200]


def test_a_failed_write_still_counts(free: Caller) -> None:
    failed = free.post("/v1/accounts", {"code": "1"})
    after = free.get("/v1/accounts")

    assert (failed.status, failed.response["X-RateLimit-Remaining"]) == (400, "999")
    assert after.response["X-RateLimit-Remaining"] == "998"


def test_enterprise_has_no_limits_and_no_headers(acme: Caller) -> None:
    answer = acme.get("/v1/accounts")

    assert answer.status == 200
    assert not [name for name in answer.response.headers if name.startswith("X-RateLimit")]


def test_callers_without_a_credential_are_counted_by_address(
    db_access: None, client, monkeypatch: pytest.MonkeyPatch
) -> None:
    minute_ends = int(time.time()) + 60
    monkeypatch.setattr("django_ratelimit.core._get_window", lambda value, period: minute_ends)
    for _ in range(300):
        assert client.get("/v1/accounts").status_code == 401
    refused = client.get("/v1/accounts")

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1
    assert client.get("/v1/accounts", REMOTE_ADDR="203.0.113.9").status_code == 401
