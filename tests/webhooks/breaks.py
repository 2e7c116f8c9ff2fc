"""What breaks each rule of webhooks."""

from __future__ import annotations

import pytest

from bigledger.rules import Rule
from bigledger.tenants.context import tenant_context
from tests.breaking import Ask, Prepare, asking
from tests.conftest import Caller
from tests.webhooks.raises import endpoint
from webhooks import rules
from webhooks.models import WebhookEndpoint
from webhooks.services import endpoints


def inactive(caller: Caller, patch: pytest.MonkeyPatch) -> Ask:
    path = f"/v1/webhooks/{endpoint(caller)['id']}"
    caller.patch(path, {"is_active": False})
    return asking(caller, "POST", f"{path}/test")


def one_more(caller: Caller, patch: pytest.MonkeyPatch) -> Ask:
    patch.setattr(endpoints, "MAX_ENDPOINTS", 1)
    endpoint(caller)
    return asking(caller, "POST", "/v1/webhooks", {"url": "https://example.com/", "events": ["*"]})


def replaying(caller: Caller, patch: pytest.MonkeyPatch) -> Ask:
    path = f"/v1/webhooks/{endpoint(caller)['id']}/replay"
    with tenant_context(caller.tenant):
        WebhookEndpoint.objects.update(cursor=5)
    caller.post(path, {"from_seq": 1})
    return asking(caller, "POST", path, {"from_seq": 1})


BREAKS: dict[Rule, Prepare] = {
    rules.ENDPOINT_INACTIVE: inactive,
    rules.TOO_MANY_ENDPOINTS: one_more,
    rules.REPLAY_RUNNING: replaying,
}
