"""Telling the owners of a tenant that an endpoint was switched off."""

from __future__ import annotations

import smtplib

import structlog
from django.core.mail import send_mail
from django.utils import timezone

from bigledger.access.models import Membership, Role
from bigledger.tenants.context import current_tenant
from webhooks.models import WebhookEndpoint

logger = structlog.get_logger(__name__)

_TEXT = """\
BigLedger sends no more events to the webhook endpoint

    {url}

of {tenant}. {reason}. Nothing is lost: the events stay in the log, and when the endpoint is made active again
(PATCH /v1/webhook-endpoints/{id} with {{"is_active": true}}) it gets all that it has missed.
"""


def tell_owners_of_tenant() -> None:
    """Mails the owners of the tenant in context about each endpoint they have not been told of."""
    tenant = current_tenant()
    owners = list(Membership.objects.filter(role=Role.OWNER).values_list("user__email", flat=True))
    untold = WebhookEndpoint.objects.filter(disabled_at__isnull=False, owners_told_at=None, deleted_at=None)
    for endpoint in untold.select_for_update():
        text = _TEXT.format(
            url=endpoint.url, tenant=tenant.name, reason=endpoint.disabled_reason, id=endpoint.public_id
        )
        try:
            send_mail("BigLedger switched a webhook endpoint off", text, None, owners)
        except (OSError, smtplib.SMTPException) as fault:
            logger.warning("owners_not_told", endpoint=endpoint.public_id, error=str(fault))
            continue
        endpoint.owners_told_at = timezone.now()
        endpoint.save(update_fields=["owners_told_at"])
