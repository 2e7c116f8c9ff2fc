"""What raises each event of webhooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from bigledger.tenants.context import tenant_context
from tests.conftest import Caller
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.services import outcome
from webhooks.transport import Answer


def endpoint(caller: Caller) -> Any:
    return caller.post("/v1/webhooks", {"url": "https://example.com/", "events": ["*"]}).body


def on_endpoint(method: str, path: str = "", body: Any = None) -> Callable[[Caller], object]:
    return lambda caller: caller.request(method, f"/v1/webhooks/{endpoint(caller)['id']}{path}", body)


def disabled(caller: Caller) -> None:
    """A failure after days of failures."""
    on_endpoint("POST", "/test")(caller)
    with tenant_context(caller.tenant):
        WebhookEndpoint.objects.update(failing_since="2020-01-01T00:00:00Z")
        delivery = WebhookDelivery.objects.get()
        answer = Answer(500, "", "The endpoint answered 500.", 1)
        outcome.record_attempts(delivery.endpoint_id, [outcome.Attempt(delivery.id, 0, {}, timezone.now(), answer)])


def replayed(caller: Caller) -> None:
    found = endpoint(caller)
    with tenant_context(caller.tenant):
        WebhookEndpoint.objects.update(cursor=5)
    caller.post(f"/v1/webhooks/{found['id']}/replay", {"from_seq": 1})


def redelivered(caller: Caller) -> None:
    delivery = on_endpoint("POST", "/test")(caller).body  # type: ignore[attr-defined]
    caller.post(f"/v1/webhook-deliveries/{delivery['id']}/redeliver")


RAISES: dict[str, Callable[[Caller], object]] = {
    "webhook_endpoint.created": endpoint,
    "webhook_endpoint.updated": on_endpoint("PATCH", body={"description": "Changed"}),
    "webhook_endpoint.deleted": on_endpoint("DELETE"),
    "webhook_endpoint.secret_rotated": on_endpoint("POST", "/rotate-secret"),
    "webhook_endpoint.test": on_endpoint("POST", "/test"),
    "webhook_endpoint.disabled": disabled,
    "webhook_endpoint.replayed": replayed,
    "webhook_delivery.redelivered": redelivered,
}
