"""Who may read deliveries sees what was sent, without the signatures that make it ours."""

from __future__ import annotations

import json
from typing import Any

from tests.committed import behind_its_back, tenant  # noqa: F401 - a fixture
from tests.conftest import Caller
from tests.webhooks.conftest import ReceiverProcess, account, deliver, receiver, register  # noqa: F401 - fixtures


def test_no_signature_is_shown_or_kept(
    tenant: Caller,  # noqa: F811
    receiver: ReceiverProcess,  # noqa: F811
    deliver: Any,  # noqa: F811
) -> None:
    endpoint = register(tenant, receiver, events=("account.created",))
    receiver.trust(endpoint["secret"])
    account(tenant, "1001")
    deliver()
    assert "X-Signature" in receiver.receipts[0]["headers"], "it was signed"

    (shown,) = tenant.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries").body["data"]
    headers = shown["request"]["headers"]
    assert headers and not [name for name in headers if "signature" in name.casefold()]

    # One of before this was so.
    old = json.dumps({"X-Signature": "sha256=00", "webhook-signature": "v1,00", "X-Event-Id": "evt"})
    behind_its_back(
        "UPDATE webhooks_webhookdelivery SET request_headers = %s WHERE tenant_id = %s", old, tenant.tenant.id
    )
    assert tenant.get(f"/v1/webhook-deliveries/{shown['id']}").body["request"]["headers"] == {"X-Event-Id": "evt"}
