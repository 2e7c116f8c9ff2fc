"""Redis as the broker: it carries the wake-up, and while it is away nobody waits for it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import requests

from bigledger.tenants.context import tenant_context
from tests.conftest import Caller
from tests.running import api_server
from tests.webhooks.conftest import ReceiverProcess, account, register
from tests.webhooks.processes import Processes, RedisBroker

PATIENCE_SECONDS = 60
REDIS = pytest.mark.parametrize("broker", ["redis"], indirect=True)


def _wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _has_events(tenant: Caller, count: int) -> bool:
    return len(tenant.get("/v1/events?type=account.created").body["data"]) == count


@pytest.mark.parametrize("broker", ["redis", "redis socket"], indirect=True)
def test_the_wake_up_goes_through_redis(
    tenant: Caller, receiver: ReceiverProcess, processes: Processes, broker: RedisBroker
) -> None:
    """No clock runs, so nothing else tells the worker. One wake-up is enough, however many changes there were."""
    register(tenant, receiver, events=("account.created",))
    processes.start("relay")
    for count, code in enumerate(("1001", "1002", "1003"), start=1):
        account(tenant, code)
        _wait_until(partial(_has_events, tenant, count))
    _wait_until(broker.server.tasks)
    waiting = [json.loads(message)["headers"]["task"] for message in broker.server.tasks()]

    processes.start("worker")
    _wait_until(lambda: len(receiver.receipts) == 3)

    assert waiting == ["webhooks.deliver"]
    assert {receipt["event"]["data"]["account"]["code"] for receipt in receiver.receipts} == {"1001", "1002", "1003"}
    assert all(receipt["reference"] == [True] for receipt in receiver.receipts)


@REDIS
@pytest.mark.parametrize("cut_off", ["kill", "hang"])
def test_a_redis_that_is_away_fails_no_request(
    tenant: Caller, receiver: ReceiverProcess, broker: RedisBroker, cut_off: str
) -> None:
    """One that wakes the workers, one that is counted against a plan, one that django-ratelimit counts."""
    endpoint = register(tenant, receiver, events=("account.created",))
    with tenant_context(tenant.tenant):
        tenant.tenant.plan = "free"
        tenant.tenant.save()
    headers = {"Authorization": f"Bearer {tenant.api_key}"}
    wrong = base64.b64encode(b"nobody:nothing").decode()

    with api_server(REDIS_URL=broker.redis_url) as base:

        def statuses() -> list[int]:
            def post(path: str, **request: Any) -> int:
                return requests.post(f"{base}{path}", timeout=PATIENCE_SECONDS, **request).status_code

            body = {"code": str(time.time_ns())[-8:], "name": "Till", "type": "asset", "subtype": "current_asset"}
            return [
                post(f"/v1/webhook-endpoints/{endpoint['id']}/test", headers=headers),
                post("/v1/accounts", headers=headers, json=body),
                post(
                    "/oauth/token",
                    headers={"Authorization": f"Basic {wrong}"},
                    data={"grant_type": "client_credentials"},
                ),
            ]

        before = statuses()
        getattr(broker.server, cut_off)()
        away = [statuses() for _ in range(2)]

    assert before == [202, 201, 401]
    assert away == [before, before]
