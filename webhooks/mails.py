"""The mail that tells the owners of a tenant that an endpoint was disabled."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from bigledger.mail.letters import Button, Letter
from bigledger.mail.models import Mail
from bigledger.mail.registry import MailKind, register
from bigledger.tenants.context import current_tenant
from webhooks.models import WebhookEndpoint


def _is_off(mail: Mail) -> bool:
    """False once the endpoint is deleted, or active again."""
    off = WebhookEndpoint.objects.filter(pk=mail.about_id, deleted_at=None, disabled_at__isnull=False)
    return off.filter(is_active=False).exists()


def _letter(mail: Mail) -> Letter:
    endpoint = WebhookEndpoint.objects.get(pk=mail.about_id)
    tenant = current_tenant()
    page = reverse("admin:webhooks_webhookendpoint_change", args=(endpoint.pk,))
    return Letter(
        subject="BigLedger disabled a webhook endpoint",
        greeting="Hello,",
        paragraphs=[
            f"BigLedger has stopped sending events to a webhook endpoint of {tenant.name}. {endpoint.disabled_reason}.",
            "No events are lost: they stay in the log. When you activate the endpoint again, it receives all events"
            " that it missed.",
        ],
        button=Button("Open the endpoint", settings.PUBLIC_URL + page),
        facts=[("Endpoint", endpoint.url), ("Id", endpoint.public_id)],
        afterwards=[
            "Activate it there, or through the API:"
            f' PATCH /v1/webhook-endpoints/{endpoint.public_id} with {{"is_active": true}}.'
        ],
    )


ENDPOINT_DISABLED_MAIL = register(
    MailKind(
        "endpoint_disabled",
        "A webhook endpoint was disabled after failing for three days",
        about=WebhookEndpoint.id_prefix,
        still_due=_is_off,
        write=_letter,
        from_tenant=False,
        is_capped=False,
    )
)
