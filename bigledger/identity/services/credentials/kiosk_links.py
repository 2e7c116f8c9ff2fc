"""Links of kiosks: created and revoked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.db import transaction

from bigledger.access import secrets
from bigledger.access.models import KioskLink
from bigledger.access.principal import Principal
from bigledger.errors import ValidationFailed
from bigledger.events.record import record
from bigledger.identity import events
from bigledger.identity.bodies import NewKioskLinkBody, kiosk_link_body
from bigledger.identity.services.ceilings import check_scopes, expiry_within, member_for, networks_within
from bigledger.tenants.context import current_tenant

SCOPE = "read:dashboard"  # as in access/sql/authenticate_kiosk_link.sql
DEFAULT_AGE, MAX_AGE = timedelta(days=90), timedelta(days=366)


@transaction.atomic
def create_kiosk_link(
    *,
    name: str,
    allowed_networks: Sequence[str] = (),
    expires_at: datetime | None = None,
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> NewKioskLinkBody:
    """A link to the dashboard, for 90 days or until `expires_at`, at most a year ahead.

    Raises PermissionDenied for more than the caller holds; ValidationFailed for a later end.
    """
    check_scopes([SCOPE], acting)
    now = current_tenant().now()
    if expires_at is not None and expires_at > now + MAX_AGE:
        raise ValidationFailed.at("expires_at", f"Must be at most {MAX_AGE.days} days ahead.", "out_of_range")
    ends = expires_at or min(now + DEFAULT_AGE, acting.expires_at or now + DEFAULT_AGE)
    token = secrets.new_kiosk_token()
    link = KioskLink.objects.create(
        user=member_for(None, acting),
        created_by_id=acting.made_by or acting.user_id,
        name=name,
        allowed_networks=list(networks_within(allowed_networks, acting)),
        expires_at=expiry_within(ends, acting) or ends,
        digest=secrets.digest(token),
        metadata=dict(metadata or {}),
        hint=secrets.hint(token),
    )
    link.refresh_from_db()
    body = kiosk_link_body(link)
    record(events.KIOSK_LINK_CREATED, link.id, body, acting=acting)
    return NewKioskLinkBody(**msgspec.structs.asdict(body), url=f"{settings.PUBLIC_URL}/kiosk/{token}")


@transaction.atomic
def revoke_kiosk_link(*, link: KioskLink, acting: Principal) -> None:
    """The screens that show it show it no longer. Revoking it again changes nothing."""
    link = KioskLink.objects.select_for_update(of=("self",)).select_related("user", "created_by").get(pk=link.pk)
    if link.revoked_at is None:
        link.revoked_at = current_tenant().now()
        link.save(update_fields=["revoked_at"])
        record(events.KIOSK_LINK_REVOKED, link.id, kiosk_link_body(link), acting=acting)
