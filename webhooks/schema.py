"""Webhooks in GraphQL: reads alone. What makes an endpoint shows a secret, and stays with REST."""

from __future__ import annotations

from bigledger.graphql.declared import Below, Declaration, Node, by
from webhooks.bodies import WebhookRequestBody, WebhookResponseBody
from webhooks.resources import WEBHOOK_DELIVERIES, WEBHOOK_ENDPOINTS

FIELDS: tuple[Declaration, ...] = (
    Node(WEBHOOK_ENDPOINTS, "WebhookEndpoint"),
    Node(
        WEBHOOK_DELIVERIES,
        "WebhookDelivery",
        parts={WebhookRequestBody: "WebhookRequest", WebhookResponseBody: "WebhookResponse"},
    ),
    Below(WEBHOOK_ENDPOINTS, "deliveries", WEBHOOK_DELIVERIES, by(WEBHOOK_DELIVERIES, "endpoint_id")),
)
