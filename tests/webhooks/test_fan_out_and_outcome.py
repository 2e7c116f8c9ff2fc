"""Fan-out and outcome: waits, stale results, back pressure, pruning."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from bigledger.tenants.context import tenant_context
from tests.committed import number_all
from tests.conftest import Caller
from tests.webhooks.conftest import ReceiverProcess, account, register
from webhooks import tasks
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.services import fan_out, outcome, worker
from webhooks.transport import Answer

SUCCESS = Answer(200, "ok", "", 5)


def test_retries_last_about_three_days_and_are_spread() -> None:
    waits = settings.WEBHOOKS_RETRY_SECONDS
    days = sum(waits) / 86400
    first = {outcome.retry_after(1).total_seconds() for _ in range(50)}

    assert 2.8 <= days <= 3.2
    assert waits == sorted(waits[:-1]) + waits[-1:]
    assert len(first) > 40
    assert all(0.8 * waits[0] <= wait <= 1.2 * waits[0] for wait in first)


def test_a_backlog_waits_in_the_log(
    tenant: Caller, receiver: ReceiverProcess, deliver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan_out, "MAX_PENDING", 2)
    register(tenant, receiver, events=("account.created",))
    for code in range(1000, 1005):
        account(tenant, str(code))
    number_all()

    with tenant_context(tenant.tenant):
        fan_out.fan_out()
        fan_out.fan_out()
        pending = list(WebhookDelivery.objects.order_by("seq").values_list("seq", flat=True))
        cursor = WebhookEndpoint.objects.get().cursor
    assert len(pending) == 2
    assert cursor == pending[-1]

    deliver()
    deliver()
    deliver()

    assert len(receiver.receipts) == 5


def test_the_result_of_a_worker_given_up_for_dead_changes_nothing(acme: Caller) -> None:
    endpoint = acme.post("/v1/webhooks", {"url": "https://example.com/", "events": ["*"]}).body
    acme.post(f"/v1/webhooks/{endpoint['id']}/test")
    with tenant_context(acme.tenant):
        WebhookDelivery.objects.update(attempts=2)
        row = WebhookDelivery.objects.get()

        outcome.record_attempts(row.endpoint_id, [outcome.Attempt(row.id, 1, {}, timezone.now(), SUCCESS)])
        row.refresh_from_db()
        assert (row.state, row.attempted_at) == ("pending", None)

        outcome.record_attempts(row.endpoint_id, [outcome.Attempt(row.id, 2, {}, timezone.now(), SUCCESS)])
        row.refresh_from_db()
        assert (row.state, row.response_status, row.next_attempt_at) == ("delivered", 200, None)


def test_a_claim_whose_worker_died_is_due_again_when_its_lease_ends(
    tenant: Caller, receiver: ReceiverProcess, deliver: Any
) -> None:
    register(tenant, receiver, events=("account.created",))
    account(tenant, "1001")
    number_all()
    with tenant_context(tenant.tenant):
        fan_out.fan_out()
    first = [one for one in worker.claim(worker.Counter()) if one.tenant_id == tenant.tenant.id]
    second = [one for one in worker.claim(worker.Counter()) if one.tenant_id == tenant.tenant.id]
    assert (len(first), second) == (1, [])

    with tenant_context(tenant.tenant):
        WebhookDelivery.objects.update(next_attempt_at=timezone.now())
    deliver()

    assert [receipt["headers"]["X-Attempt"] for receipt in receiver.receipts] == ["2"]


def test_ended_deliveries_are_pruned_and_pending_ones_kept(
    tenant: Caller, receiver: ReceiverProcess, deliver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "PRUNE_BATCH", 1)
    register(tenant, receiver, events=("account.created",))
    for code in ("1001", "1002"):
        account(tenant, code)
    deliver()
    account(tenant, "1003")
    number_all()
    with tenant_context(tenant.tenant):
        fan_out.fan_out()
        WebhookDelivery.objects.update(created_at=timezone.now() - datetime.timedelta(days=31))

    tasks.prune_deliveries()

    with tenant_context(tenant.tenant):
        assert list(WebhookDelivery.objects.values_list("state", flat=True)) == ["pending"]
