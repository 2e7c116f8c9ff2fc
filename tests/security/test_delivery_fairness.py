"""Kind: a shared pool without turns. One tenant's slow or broken deliveries hold up no other's."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from bigledger.tenants.context import tenant_context
from tests.committed import behind_its_back, number_all
from tests.conftest import Caller, make_tenant
from tests.webhooks.conftest import (  # noqa: F401 - fixtures
    ReceiverProcess,
    account,
    deliver,
    receiver,
    register,
    tenant,
)
from webhooks import signing, transport
from webhooks.models import WebhookDelivery
from webhooks.services import worker
from webhooks.services.fan_out import fan_out as fan_out_a_batch

TENANT_ROOM = 40


@pytest.fixture
def other(tenant: Caller) -> Caller:  # noqa: F811
    return make_tenant(f"{tenant.tenant.name}b")


def fan_out(*callers: Caller) -> None:
    number_all()
    for caller in callers:
        with tenant_context(caller.tenant):
            while fan_out_a_batch():
                pass


def test_many_endpoints_of_one_tenant_leave_room_for_all(
    tenant: Caller,  # noqa: F811
    other: Caller,
    receiver: ReceiverProcess,  # noqa: F811
) -> None:
    """Thirteen endpoints that answer slowly, hundreds of events: what a worker has under way is counted in slots."""
    for _ in range(13):
        register(tenant, receiver, "/slow", events=("account.created",))
    for code in range(1001, 1021):
        account(tenant, str(code))
    register(other, receiver, events=("account.created",))
    account(other, "1001")
    fan_out(tenant, other)

    first = worker.claim(Counter())
    held = Counter(one.tenant_id for one in first)
    assert held[tenant.tenant.id] == TENANT_ROOM
    assert held[other.tenant.id] == 1

    account(other, "1002")
    fan_out(other)
    second = worker.claim(Counter(one.endpoint_id for one in first))
    held = Counter(one.tenant_id for one in second)
    assert (held[tenant.tenant.id], held[other.tenant.id]) == (0, 1)


def test_turns_are_taken_between_tenants(
    tenant: Caller,  # noqa: F811
    other: Caller,
    receiver: ReceiverProcess,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With room for two left, each of both gets one, whatever tenant is the older."""
    behind_its_back("UPDATE webhooks_webhookdelivery SET next_attempt_at = NULL")  # what other tests left
    for caller in (tenant, other):
        register(caller, receiver, events=("account.created",))
        for code in range(1001, 1011):
            account(caller, str(code))
    fan_out(tenant, other)
    monkeypatch.setattr(worker, "IN_FLIGHT", 2)

    held = Counter(one.tenant_id for one in worker.claim(Counter()))

    assert (held[tenant.tenant.id], held[other.tenant.id]) == (1, 1)


def broken_for(which: Any, real: Any) -> Any:
    def fail(*given: Any, **named: Any) -> Any:
        if which(given):
            raise RuntimeError("nobody foresaw this")
        return real(*given, **named)

    return fail


STEPS = ["reading", "signing", "sending", "fanning out", "recording"]


@pytest.mark.parametrize("step", STEPS)
def test_an_unexpected_failure_counts_for_its_delivery_only(
    tenant: Caller,  # noqa: F811
    other: Caller,
    receiver: ReceiverProcess,  # noqa: F811
    deliver: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    broken = register(tenant, receiver, "/broken", events=("account.created",))
    sound = register(other, receiver, "/ok", events=("account.created",))
    account(tenant, "1001")
    account(other, "1001")
    number_all()

    from bigledger.tenants.context import current_tenant

    def here(_: Any) -> bool:
        return current_tenant().id == tenant.tenant.id

    if step == "reading":
        monkeypatch.setattr(worker, "_claim", broken_for(here, worker._claim))
    elif step == "signing":
        monkeypatch.setattr(signing, "headers", broken_for(lambda given: broken["secret"] in given[3], signing.headers))
    elif step == "sending":
        monkeypatch.setattr(transport, "post", broken_for(lambda given: "/broken" in given[1], transport.post))
    elif step == "fanning out":
        monkeypatch.setattr(worker, "fan_out", broken_for(here, worker.fan_out))
    else:
        monkeypatch.setattr(worker, "record_attempts", broken_for(here, worker.record_attempts))

    deliver()

    with tenant_context(other.tenant):
        assert [row.state for row in WebhookDelivery.objects.all()] == ["delivered"], sound["id"]
    with tenant_context(tenant.tenant):
        rows = list(WebhookDelivery.objects.all())
        if step == "fanning out":
            assert rows == []  # and its place in the log is kept
        else:
            (row,) = rows
            assert (row.state, row.attempts >= 1, row.next_attempt_at is not None) == ("pending", True, True)
        if step in ("reading", "signing", "sending"):
            assert rows[0].error == "The request could not be made."
