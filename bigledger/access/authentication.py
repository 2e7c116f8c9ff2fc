"""From the `Authorization` header to a principal, and the tenant set.

Three kinds of credential, told apart by shape: an API key begins with `blg_`, a JWT has three parts with
dots between, everything else is an OAuth access token. One round trip each, two for a JWT that its caller
signed. Spec section 3.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from bigledger import ids
from bigledger.access import tokens
from bigledger.access.principal import Principal
from bigledger.access.secrets import digest
from bigledger.errors import AuthenticationFailed
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.models import Tenant

_MAX_HEADER_LENGTH = 8192
_TENANT_COLUMNS = [field.attname for field in Tenant._meta.concrete_fields]


def _with_tenant(function: str) -> str:
    """The function sets the tenant; only then may its row be read, which LATERAL makes sure of."""
    columns = ", ".join(f"t.{column}" for column in _TENANT_COLUMNS)
    return (
        f"WITH found AS MATERIALIZED (SELECT * FROM {function})"  # noqa: S608 - constants only
        f" SELECT {columns}, found.* FROM found,"
        " LATERAL (SELECT * FROM tenants_tenant WHERE id = found.tenant_id OFFSET 0) t"
    )


_API_KEY_SQL = _with_tenant("access_authenticate_api_key(%b)")
_TOKEN_SQL = _with_tenant("access_authenticate_token(%b)")
_MEMBER_SQL = _with_tenant("access_authenticate_member(%b, %b)")


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
    if credential.count(".") == 2:
        return _json_web_token(credential)
    return _access_token(credential)


def _found(rows: Sequence[tuple[Any, ...]], message: str) -> tuple[Tenant, tuple[Any, ...]]:
    """The tenant, and what the function itself returned after its tenant_id."""
    if not rows:
        raise AuthenticationFailed(message)
    count = len(_TENANT_COLUMNS)
    tenant = Tenant.from_db("default", _TENANT_COLUMNS, rows[0][:count])
    return tenant, rows[0][count + 1 :]


def _api_key(key: str, remote_address: str) -> Principal:
    rows = fetch_all(_API_KEY_SQL, [digest(key)])
    tenant, found = _found(rows, "The API key is not valid, was revoked or has expired")
    user_id, role, scopes, key_id, networks = found
    if networks and not _address_in(remote_address, networks):
        raise AuthenticationFailed("The API key may not be used from this address")
    return Principal(tenant, user_id, role, frozenset(scopes), ids.encode("key", key_id))


def _access_token(text: str) -> Principal:
    rows = fetch_all(_TOKEN_SQL, [digest(text).hex()])
    tenant, found = _found(rows, "The credential is not valid or has expired")
    user_id, role, scope, application_id = found
    return Principal(tenant, user_id, role, frozenset(scope.split()), ids.encode("app", application_id))


def _json_web_token(text: str) -> Principal:
    verified = tokens.verify(text)
    rows = fetch_all(_MEMBER_SQL, [verified.user_id, verified.tenant_id])
    tenant, (user_id, role) = _found(rows, "The token is not valid or has expired")
    return Principal(tenant, user_id, role, verified.scopes, verified.credential)


def _address_in(address: str, networks: list[str]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network) for network in networks)
