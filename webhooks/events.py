"""The events of webhooks themselves, and the actor that sends them."""

from bigledger.access.actors import register_actor
from bigledger.events.registry import register

ENDPOINT_CREATED = register("webhook_endpoint.created", "webhook_endpoint", "Webhook endpoint registered")
ENDPOINT_UPDATED = register("webhook_endpoint.updated", "webhook_endpoint", "Webhook endpoint changed")
ENDPOINT_DELETED = register("webhook_endpoint.deleted", "webhook_endpoint", "Webhook endpoint deleted")
ENDPOINT_DISABLED = register(
    "webhook_endpoint.disabled",
    "webhook_endpoint",
    "Webhook endpoint disabled after three days without a successful delivery",
)
ENDPOINT_SECRET_ROTATED = register(
    "webhook_endpoint.secret_rotated", "webhook_endpoint", "Webhook endpoint has a new signing secret"
)
ENDPOINT_REPLAYED = register(
    "webhook_endpoint.replayed",
    "webhook_endpoint",
    "Range of events sent to the webhook endpoint again",
    is_partial=True,
)
ENDPOINT_TEST = register(
    "webhook_endpoint.test", "webhook_endpoint", "Test event, sent to one endpoint on request; not in the log"
)
DELIVERY_REDELIVERED = register(
    "webhook_delivery.redelivered", "webhook_delivery", "Webhook delivery sent again on request", is_partial=True
)

WEBHOOKS = register_actor("system:webhooks", "The worker that sends webhooks and disables endpoints that keep failing")
