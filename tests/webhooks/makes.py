"""An object of each kind of resource of webhooks; the ids by resource."""

from __future__ import annotations

from tests.conftest import Caller, host_of


def one_of_each(caller: Caller) -> dict[str, str]:
    hook = {"url": f"https://{host_of(caller)}/hook", "events": ["*"]}
    endpoint = caller.post("/v1/webhook-endpoints", hook).body
    delivery = caller.post(f"/v1/webhook-endpoints/{endpoint['id']}/test").body
    return {"webhook_endpoints": endpoint["id"], "webhook_deliveries": delivery["id"]}
