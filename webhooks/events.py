"""The events of webhooks themselves, and the actor that sends them."""

from bigledger.access.actors import register_actor
from bigledger.events.registry import register

ENDPOINT_CREATED = register("webhook_endpoint.created", "webhook_endpoint", "Webhook endpoint registered")
ENDPOINT_UPDATED = register("webhook_endpoint.updated", "webhook_endpoint", "Webhook endpoint changed")
ENDPOINT_DELETED = register("webhook_endpoint.deleted", "webhook_endpoint", "Webhook endpoint deleted")
ENDPOINT_DISABLED = register(
    "webhook_endpoint.disabled", "webhook_endpoint", "Webhook endpoint switched off after days without a success"
)
ENDPOINT_SECRET_ROTATED = register(
    "webhook_endpoint.secret_rotated", "webhook_endpoint", "Webhook endpoint has a new signing secret"
)
ENDPOINT_REPLAYED = register(
    "webhook_endpoint.replayed", "webhook_endpoint", "A range of events is sent to the webhook endpoint again"
)
ENDPOINT_TEST = register(
    "webhook_endpoint.test", "webhook_endpoint", "Sent by request to try out an endpoint; not in the log"
)
DELIVERY_REDELIVERED = register(
    "webhook_delivery.redelivered", "webhook_delivery", "A webhook delivery is sent again by request"
)

WEBHOOKS = register_actor("system:webhooks", "The worker that sends webhooks and disables endpoints that keep failing")
