"""What webhooks plug in."""

from __future__ import annotations

from bigledger.apps import BusinessApp, Writers


class Webhooks(BusinessApp):
    name = "webhooks"
    routes = "webhooks.urls"
    aliases = "webhooks.urls.alias_patterns"
    scopes = {"webhook_endpoints": Writers.OWNERS, "webhook_deliveries": Writers.OWNERS}
