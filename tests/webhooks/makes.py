"""An object of each kind of resource of webhooks; the ids by resource."""

from __future__ import annotations

from tests.conftest import Caller


def one_of_each(caller: Caller) -> dict[str, str]:
    endpoint = caller.post("/v1/webhook-endpoints", {"url": "https://globex.example/hook", "events": ["*"]}).body
    delivery = caller.post(f"/v1/webhook-endpoints/{endpoint['id']}/test").body
    return {"webhook_endpoints": endpoint["id"], "webhook_deliveries": delivery["id"]}
