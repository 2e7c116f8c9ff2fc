"""Notifies the owners of a tenant that an endpoint was disabled."""

from __future__ import annotations

from bigledger.access.models import Membership, Role
from bigledger.mail.services import queue_mail
from webhooks.mails import ENDPOINT_DISABLED_MAIL
from webhooks.models import WebhookEndpoint


def notify_owners(endpoint: WebhookEndpoint) -> None:
    """Queues the mail in the transaction that disables the endpoint."""
    owners = list(
        Membership.objects.filter(role=Role.OWNER).order_by("user__email").values_list("user__email", flat=True)
    )
    if owners:
        queue_mail(kind=ENDPOINT_DISABLED_MAIL, about_id=endpoint.id, to=owners)
