"""What the fields of webhook endpoints and deliveries mean, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "body": "The exact text that was sent",
    "WebhookResponse.body": "The answer; at most its first 2,000 characters",
    "disabled_reason": "Why it was disabled; null if it was not",
    "duration_milliseconds": "How long the last attempt took",
    "failing_since": "Since when no delivery has succeeded; null if the last one did",
    "headers": "The headers that were sent, without the signatures",
    "request": "The last request that was sent",
    "response": "The last answer; null for none",
    "WebhookResponse.status": "The HTTP status of the answer",
    "trigger": "Why it was sent: the event itself, a replay, a redelivery or a test",
}
