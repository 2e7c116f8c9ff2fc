"""What webhooks plug in."""

from __future__ import annotations

from bigledger.apps import BusinessApp, Gauge, Job, Writers

# A delivery loop runs for as long as there is anything to deliver: what the clock asks for would wait behind it.
DELIVERIES = "deliveries"


class Webhooks(BusinessApp):
    name = "webhooks"
    routes = "webhooks.urls"
    wording = "webhooks.wording"
    schema = "webhooks.schema"
    aliases = "webhooks.urls.alias_patterns"
    scopes = {"webhook_endpoints": Writers.OWNERS, "webhook_deliveries": Writers.OWNERS}
    jobs = {
        "deliver what no wake-up announced": Job(
            "webhooks.deliver", every_seconds=5, queue=DELIVERIES, expires_seconds=5
        ),
        "prune ended deliveries": Job("webhooks.prune", every_seconds=3600),
    }
    queues = (DELIVERIES,)
    on_numbered = ("webhooks.wake.wake_deliveries",)
    gauges = (
        Gauge(
            "webhook_deliveries_pending",
            "Webhook deliveries that wait for an attempt.",
            "SELECT 1 FROM webhooks_webhookdelivery WHERE state = 'pending'",
        ),
        Gauge(
            "webhook_deliveries_dead",
            "Webhook deliveries that were given up.",
            "SELECT 1 FROM webhooks_webhookdelivery WHERE state = 'dead'",
        ),
    )
    start = "webhooks.selectors.start"
    admin_group = "Events"
    admin_icons = {"WebhookEndpoint": "webhook", "WebhookDelivery": "outbox"}
