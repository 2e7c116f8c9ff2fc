"""The business rules of webhooks."""

from bigledger.rules import register

ENDPOINT_INACTIVE = register(
    "endpoint_inactive",
    "The endpoint is inactive; activate it first.",
    "Set `is_active` of the endpoint to true.",
)
TOO_MANY_ENDPOINTS = register(
    "too_many_endpoints",
    "A tenant has at most {most} webhook endpoints.",
    "Delete an endpoint that is no longer needed, or subscribe an existing one to more events.",
)
REPLAY_RUNNING = register(
    "replay_running",
    "A replay up to event {last} is still running.",
    "Wait until the endpoint has received that event, then ask again.",
)
