"""From the `Authorization` header to a principal, and the tenant set, in one round trip."""

from __future__ import annotations

import ipaddress

from bigledger import ids
from bigledger.access.principal import Principal
from bigledger.access.secrets import digest
from bigledger.errors import AuthenticationFailed
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.models import Tenant

_MAX_HEADER_LENGTH = 8192
_API_KEY_SQL = "SELECT * FROM access_authenticate_api_key(%b)"


def authenticate(header: str, *, remote_address: str) -> Principal:
    """The principal of `Bearer X`. The database's transaction is in the principal's tenant afterwards.

    Raises AuthenticationFailed, with one message for every way a credential can be wrong.
    """
    scheme, _, credential = header.partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential or len(header) > _MAX_HEADER_LENGTH:
        raise AuthenticationFailed("The Authorization header must be 'Bearer <credential>'")
    if credential.startswith("blg_"):
        return _api_key(credential, remote_address)
    raise AuthenticationFailed("The credential is not valid")


def _api_key(key: str, remote_address: str) -> Principal:
    rows = fetch_all(_API_KEY_SQL, [digest(key)])
    if not rows:
        raise AuthenticationFailed("The API key is not valid, was revoked or has expired")
    (
        tenant_id, tenant_name, plan, base_currency, time_zone, key_id, user_id, role, scopes, networks,
    ) = rows[0]  # fmt: skip
    if networks and not _address_in(remote_address, networks):
        raise AuthenticationFailed("The API key may not be used from this address")
    tenant = Tenant(id=tenant_id, name=tenant_name, plan=plan, base_currency=base_currency, time_zone=time_zone)
    return Principal(tenant, user_id, role, frozenset(scopes), ids.encode("key", key_id))


def _address_in(address: str, networks: list[str]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network) for network in networks)
