"""From a change to a receiver that verifies it, over real HTTP."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from bigledger import exact_json
from bigledger.mail.delivery import deliver_next_mail
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller
from tests.webhooks.conftest import ReceiverProcess, account, register
from webhooks import transport
from webhooks.models import WebhookDelivery, WebhookEndpoint


def test_the_reference_verifier_and_the_standard_one_accept_the_requests(
    tenant: Caller, receiver: ReceiverProcess, deliver: Any
) -> None:
    register(tenant, receiver, events=("account.created",))
    account(tenant, "1001", opening_balance=Decimal("1234567890123.4"))

    deliver()

    (receipt,) = [r for r in receiver.receipts if r["event"]["data"]["account"]["code"] == "1001"]
    assert (receipt["reference"], receipt["member"], receipt["standard"]) == ([True], [True], [True])
    assert receipt["body"].endswith(f',"signature":"{receipt["event"]["signature"]}"}}')
    assert receipt["event"] | {"type": "account.created", "environment": "sandbox"} == receipt["event"]
    # The exact digits: the text never went through a float or a JSON column.
    assert exact_json.decode(receipt["body"].encode())["data"]["account"]["balance"] == Decimal("1234567890123.40")
    assert receipt["headers"]["webhook-id"] == receipt["event"]["id"]


def test_an_endpoint_gets_the_types_it_subscribed_to_and_no_earlier_events(
    tenant: Caller, receiver: ReceiverProcess, deliver: Any
) -> None:
    account(tenant, "1001")
    deliver()
    register(tenant, receiver, events=("account.updated",))

    account(tenant, "1002")
    tenant.patch("/v1/accounts/acc_1001", {"name": "Till"})
    deliver()

    assert receiver.types == ["account.updated"]
    assert receiver.receipts[0]["event"]["previous"]["name"] == "Account 1001"


def test_another_tenants_events_stay_with_it(tenant: Caller, receiver: ReceiverProcess, deliver: Any) -> None:
    from tests.conftest import make_tenant

    other = make_tenant(f"{tenant.tenant.name}b")
    register(tenant, receiver)
    deliver()
    account(other, "1001")

    deliver()

    assert receiver.types == ["webhook_endpoint.created"]


@override_settings(WEBHOOKS_RETRY_SECONDS=[0.0, 0.0])
def test_a_failed_delivery_is_retried_and_finally_dead(tenant: Caller, receiver: ReceiverProcess, deliver: Any) -> None:
    endpoint = register(tenant, receiver, "/fail", ("account.created",))
    account(tenant, "1001")

    deliver()

    (delivery,) = tenant.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries").body["data"]
    assert (delivery["status"], delivery["attempts"], delivery["next_attempt_at"]) == ("dead", 3, None)
    assert delivery["response"] == {"status": 500, "body": "no"}
    assert delivery["error"] == "The endpoint answered 500."
    assert [receipt["headers"]["X-Attempt"] for receipt in receiver.receipts] == ["1", "2", "3"]
    assert len({receipt["body"] for receipt in receiver.receipts}) == 1
    assert len({receipt["headers"]["webhook-id"] for receipt in receiver.receipts}) == 1


@override_settings(WEBHOOKS_RETRY_SECONDS=[3600.0])
def test_a_failing_object_waits_in_order_and_delays_no_other(
    tenant: Caller, receiver: ReceiverProcess, deliver: Any
) -> None:
    endpoint = register(tenant, receiver, "/fail", ("account.created", "account.updated"))
    account(tenant, "1001")
    tenant.patch("/v1/accounts/acc_1001", {"name": "Second"})
    deliver()
    tenant.patch("/v1/accounts/acc_1001", {"name": "Third"})
    tenant.patch(f"/v1/webhook-endpoints/{endpoint['id']}", {"url": receiver.url("/ok")})
    account(tenant, "1002")

    deliver()

    delivered = [r["event"]["data"]["account"]["code"] for r in receiver.receipts if not r["failed"]]
    assert delivered == ["1002"]
    with tenant_context(tenant.tenant):
        waiting = WebhookDelivery.objects.filter(state="pending").order_by("seq")
        assert [row.next_attempt_at is None for row in waiting] == [False, True, True]
        waiting.filter(next_attempt_at__isnull=False).update(next_attempt_at="2020-01-01T00:00:00Z")
    deliver()
    assert [r["event"]["data"]["account"]["name"] for r in receiver.receipts if not r["failed"]] == [
        "Account 1002",
        "Account 1001",
        "Second",
        "Third",
    ]


def test_during_a_rotation_both_secrets_verify(tenant: Caller, receiver: ReceiverProcess, deliver: Any) -> None:
    endpoint = register(tenant, receiver, events=("account.created",))
    rotated = tenant.post(f"/v1/webhook-endpoints/{endpoint['id']}/rotate-secret", {"overlap_hours": 1}).body
    receiver.trust(endpoint["secret"], rotated["secret"])
    account(tenant, "1001")
    deliver()
    tenant.post(f"/v1/webhook-endpoints/{endpoint['id']}/rotate-secret", {"overlap_hours": 0})
    account(tenant, "1002")
    deliver()

    during, after = receiver.receipts
    assert (during["standard"], during["reference"]) == ([True, True], [False, True])
    assert during["headers"]["X-Signature-Previous"].startswith("sha256=")
    assert (after["standard"], after["reference"]) == ([False, False], [False, False])
    assert "X-Signature-Previous" not in after["headers"]


def test_a_redelivery_sends_the_same_bytes(tenant: Caller, receiver: ReceiverProcess, deliver: Any) -> None:
    endpoint = register(tenant, receiver, events=("account.created",))
    account(tenant, "1001")
    deliver()
    (delivery,) = tenant.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries").body["data"]

    again = tenant.post(f"/v1/webhook-deliveries/{delivery['id']}/redeliver")
    deliver()

    assert (again.status, again.body["trigger"], again.body["event_id"]) == (202, "redelivery", delivery["event_id"])
    first, second = receiver.receipts
    assert first["body"] == second["body"] == delivery["request"]["body"]
    assert tenant.get(f"/v1/webhook-deliveries/{again.body['id']}").body["status"] == "delivered"


def test_a_replay_sends_a_range_once_more(tenant: Caller, receiver: ReceiverProcess, deliver: Any) -> None:
    endpoint = register(tenant, receiver, events=("account.created",))
    for code in ("1001", "1002", "1003"):
        account(tenant, code)
    deliver()
    seqs = [receipt["event"]["seq"] for receipt in receiver.receipts]

    path = f"/v1/webhook-endpoints/{endpoint['id']}/replay"
    started = tenant.post(path, {"from_seq": min(seqs) + 1})
    second = tenant.post(path, {"from_seq": 1})
    deliver()

    assert started.status == 202
    assert (second.status, second.error["details"][0]["rule"]) == (422, "replay_running")
    assert sorted(receipt["event"]["seq"] for receipt in receiver.receipts[3:]) == sorted(seqs)[1:]


def test_a_test_reaches_the_endpoint_whatever_it_asks_for(
    tenant: Caller, receiver: ReceiverProcess, deliver: Any
) -> None:
    endpoint = register(tenant, receiver, events=("account.deleted",))

    sent = tenant.post(f"/v1/webhook-endpoints/{endpoint['id']}/test")
    deliver()

    assert (sent.status, sent.body["seq"]) == (202, None)
    (receipt,) = receiver.receipts
    assert (receipt["event"]["type"], receipt["reference"]) == ("webhook_endpoint.test", [True])
    assert tenant.get("/v1/events?type=webhook_endpoint.test").body["meta"]["total"] == 0


def test_an_endpoint_that_is_activated_again_gets_the_missed_events(
    tenant: Caller, receiver: ReceiverProcess, deliver: Any
) -> None:
    endpoint = register(tenant, receiver, events=("account.created",))
    tenant.patch(f"/v1/webhook-endpoints/{endpoint['id']}", {"is_active": False})
    account(tenant, "1001")
    deliver()
    assert receiver.types == []

    tenant.patch(f"/v1/webhook-endpoints/{endpoint['id']}", {"is_active": True})
    deliver()

    assert receiver.types == ["account.created"]


def test_a_deleted_endpoint_gets_nothing(tenant: Caller, receiver: ReceiverProcess, deliver: Any) -> None:
    endpoint = register(tenant, receiver, events=("account.created",))
    account(tenant, "1001")
    assert tenant.delete(f"/v1/webhook-endpoints/{endpoint['id']}").status == 204

    deliver()

    assert receiver.receipts == []
    assert tenant.get(f"/v1/webhook-endpoints/{endpoint['id']}").status == 404


def test_owners_are_told_when_an_endpoint_is_disabled(
    tenant: Caller, receiver: ReceiverProcess, deliver: Any, mailoutbox: Any
) -> None:
    endpoint = register(tenant, receiver, "/fail", ("account.created",))
    with tenant_context(tenant.tenant):
        WebhookEndpoint.objects.update(failing_since="2020-01-01T00:00:00Z")
    account(tenant, "1001")
    deliver()

    assert deliver_next_mail(tenant.tenant) is True
    assert deliver_next_mail(tenant.tenant) is False

    found = tenant.get(f"/v1/webhook-endpoints/{endpoint['id']}").body
    assert (found["is_active"], found["disabled_reason"]) == (
        False,
        "No request has succeeded since 2020-01-01 00:00 UTC",
    )
    assert [mail.to for mail in mailoutbox] == [[f"owner@{tenant.tenant.name.lower()}.example"]]
    assert endpoint["id"] in mailoutbox[0].body
    deliver()
    assert tenant.get("/v1/events?type=webhook_endpoint.disabled").body["meta"]["total"] == 1


def test_owners_are_not_told_of_an_endpoint_that_is_active_again_or_deleted(
    tenant: Caller, receiver: ReceiverProcess, deliver: Any, mailoutbox: Any
) -> None:
    endpoints = [register(tenant, receiver, "/fail", ("account.created",)) for _ in range(2)]
    with tenant_context(tenant.tenant):
        WebhookEndpoint.objects.update(failing_since="2020-01-01T00:00:00Z")
    account(tenant, "1001")
    deliver()
    tenant.patch(f"/v1/webhook-endpoints/{endpoints[0]['id']}", {"is_active": True})
    tenant.delete(f"/v1/webhook-endpoints/{endpoints[1]['id']}")

    assert [deliver_next_mail(tenant.tenant) for _ in range(3)] == [True, True, False]
    assert mailoutbox == []


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/redirect", 302, "The endpoint answered 302; redirects are not followed."),
        ("/huge", 200, None),
        ("/bomb", 200, None),
    ],
)
@override_settings(WEBHOOKS_RETRY_SECONDS=[3600.0])
def test_a_strange_answer_is_kept_short_and_not_followed(
    tenant: Caller, receiver: ReceiverProcess, deliver: Any, path: str, status: int, error: str | None
) -> None:
    endpoint = register(tenant, receiver, path, ("account.created",))
    account(tenant, "1001")

    deliver()

    (delivery,) = tenant.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries").body["data"]
    assert (delivery["response"]["status"], delivery["error"]) == (status, error)
    assert len(delivery["response"]["body"]) <= 2000
    assert [receipt["path"] for receipt in receiver.receipts] == [path]


def test_an_endpoint_that_hangs_delays_no_other(
    tenant: Caller, receiver: ReceiverProcess, deliver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many requests hang for as long as one may; meanwhile all that goes elsewhere arrives."""
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 3.0)
    hanging = register(tenant, receiver, "/hang", ("account.created",))
    register(tenant, receiver, "/ok", ("account.created",))
    for code in range(1000, 1060):
        account(tenant, str(code))

    with override_settings(WEBHOOKS_RETRY_SECONDS=[3600.0]):
        deliver()

    arrived = [receipt["at"] for receipt in receiver.receipts if receipt["path"] == "/ok"]
    listed = tenant.get(f"/v1/webhook-deliveries?endpoint_id={hanging['id']}&status=pending&limit=100").body["data"]
    ended = min(
        datetime.datetime.fromisoformat(one["attempted_at"]).timestamp() + one["duration_milliseconds"] / 1000
        for one in listed
        if one["attempted_at"]
    )
    assert len(arrived) == 60
    assert max(arrived) < ended
    assert {one["error"] for one in listed if one["error"]} == {"There was no complete answer within 3 seconds."}
