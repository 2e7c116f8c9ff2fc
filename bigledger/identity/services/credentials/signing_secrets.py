"""Signing secrets: created and revoked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from django.db import transaction

from bigledger.access import services as access
from bigledger.access.models import SigningSecret
from bigledger.access.principal import Principal
from bigledger.events.record import record
from bigledger.identity import events
from bigledger.identity.bodies import NewSigningSecretBody, signing_secret_body
from bigledger.identity.services.ceilings import check_scopes, member_for
from bigledger.tenants.context import current_tenant


@transaction.atomic
def create_signing_secret(
    *,
    user_id: str | None = None,
    scopes: Sequence[str] | None = None,
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> NewSigningSecretBody:
    """One more secret of the caller, or of the member `user_id`; earlier ones stay valid until revoked.

    `scopes` are the most that its tokens may have; without them, the caller's. Raises as `create_api_key`.
    """
    scopes = sorted(acting.scopes) if scopes is None else scopes
    check_scopes(scopes, acting)
    secret, text = access.add_signing_secret(
        user=member_for(user_id, acting),
        created_by_id=acting.made_by or acting.user_id,
        scopes=scopes,
        allowed_networks=acting.networks,
        expires_at=acting.expires_at,
        metadata=metadata,
    )
    secret.refresh_from_db()
    body = signing_secret_body(secret)
    record(events.SIGNING_SECRET_CREATED, secret.id, body, acting=acting)
    return NewSigningSecretBody(**msgspec.structs.asdict(body), secret=text)


@transaction.atomic
def revoke_signing_secret(*, secret: SigningSecret, acting: Principal) -> None:
    """Ends every token signed with it. Revoking it again changes nothing."""
    secret = (
        SigningSecret.objects.select_for_update(of=("self",)).select_related("user", "created_by").get(pk=secret.pk)
    )
    if secret.revoked_at is None:
        secret.revoked_at = current_tenant().now()
        secret.save(update_fields=["revoked_at"])
        record(events.SIGNING_SECRET_REVOKED, secret.id, signing_secret_body(secret), acting=acting)
