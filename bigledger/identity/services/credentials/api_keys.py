"""API keys: created and revoked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from django.db import transaction

from bigledger.access import services as access
from bigledger.access.models import ApiKey
from bigledger.access.principal import Principal
from bigledger.events.record import record
from bigledger.identity import events
from bigledger.identity.bodies import NewApiKeyBody, api_key_body
from bigledger.identity.services.ceilings import check_scopes, expiry_within, member_for, networks_within
from bigledger.tenants.context import current_tenant


@transaction.atomic
def create_api_key(
    *,
    name: str,
    scopes: Sequence[str],
    user_id: str | None = None,
    allowed_networks: Sequence[str] = (),
    expires_at: datetime | None = None,
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> NewApiKeyBody:
    """A key of the caller, or of the member `user_id`. Raises PermissionDenied for more than the caller holds
    (scopes, networks, expiry); ResourceNotFound when there is no such member."""
    check_scopes(scopes, acting)
    key, text = access.add_api_key(
        user=member_for(user_id, acting),
        created_by_id=acting.made_by or acting.user_id,
        name=name,
        scopes=scopes,
        allowed_networks=networks_within(allowed_networks, acting),
        expires_at=expiry_within(expires_at, acting),
        metadata=metadata,
    )
    key.refresh_from_db()
    body = api_key_body(key)
    record(events.API_KEY_CREATED, key.id, body, acting=acting)
    return NewApiKeyBody(**msgspec.structs.asdict(body), key=text)


@transaction.atomic
def revoke_api_key(*, key: ApiKey, acting: Principal) -> None:
    """The next request with the key fails. Revoking it again changes nothing."""
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("user", "created_by").get(pk=key.pk)
    if key.revoked_at is None:
        key.revoked_at = current_tenant().now()
        key.save(update_fields=["revoked_at"])
        record(events.API_KEY_REVOKED, key.id, api_key_body(key), acting=acting)
