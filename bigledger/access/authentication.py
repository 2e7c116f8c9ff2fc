"""From the `Authorization` header to a principal, and the tenant set.

Three kinds of credential, told apart by shape: an API key begins with `blg_`, a JWT has three parts with
dots between, everything else is an OAuth access token. One round trip each, two for a JWT that its caller
signed. Spec section 3.
"""

from __future__ import annotations

import ipaddress
import uuid
from functools import lru_cache
from typing import Any

from msgspec import Struct, json

from bigledger import ids
from bigledger.access import tokens
from bigledger.access.principal import Principal
from bigledger.access.secrets import digest
from bigledger.errors import AuthenticationFailed
from bigledger.postgres.execute import call
from bigledger.tenants.models import Tenant

_MAX_HEADER_LENGTH = 8192
_TENANT_FIELDS = Tenant._meta.concrete_fields


def _with_tenant(function: str) -> str:
    """The function sets the tenant; only then may its row be read, which LATERAL makes sure of."""
    columns = ", ".join(field.attname for field in _TENANT_FIELDS)
    return (
        f"WITH found AS MATERIALIZED (SELECT * FROM {function})"  # noqa: S608 - constants only
        f" SELECT json_build_object('tenant', t, 'found', found)::text FROM found,"
        f" LATERAL (SELECT {columns} FROM tenants_tenant WHERE id = found.tenant_id OFFSET 0) t"
    )


_API_KEY_SQL = _with_tenant("access_authenticate_api_key(decode($1, 'hex'))")
_TOKEN_SQL = _with_tenant("access_authenticate_token($1)")
_MEMBER_SQL = _with_tenant("access_authenticate_member(($1::json->>0)::uuid, ($1::json->>1)::uuid)")


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


_NONE = uuid.UUID(int=0)


class _Found(Struct):
    """What the authenticating functions give back between them."""

    user_id: uuid.UUID
    role: str
    scopes: list[str] = []
    scope: str = ""
    credential_id: uuid.UUID = _NONE
    allowed_networks: list[str] | None = None


class _Caller(Struct):
    tenant: dict[str, Any]
    found: _Found


@lru_cache(maxsize=4096)
def _read(answer: bytes) -> tuple[Tenant, _Found]:
    """The database says on every request who is calling; the same words are not taken apart twice."""
    caller = json.decode(answer, type=_Caller)
    values = [field.to_python(caller.tenant[field.attname]) for field in _TENANT_FIELDS]
    return Tenant.from_db("default", [field.attname for field in _TENANT_FIELDS], values), caller.found


def _ask(sql: str, argument: bytes, message: str) -> tuple[Tenant, _Found]:
    answer = call(sql, argument)
    if not answer:
        raise AuthenticationFailed(message)
    return _read(answer)


def _api_key(key: str, remote_address: str) -> Principal:
    message = "The API key is not valid, was revoked or has expired"
    tenant, found = _ask(_API_KEY_SQL, digest(key).hex().encode(), message)
    if found.allowed_networks and not _address_in(remote_address, found.allowed_networks):
        raise AuthenticationFailed("The API key may not be used from this address")
    return Principal(tenant, found.user_id, found.role, frozenset(found.scopes), ids.encode("key", found.credential_id))


def _access_token(text: str) -> Principal:
    tenant, found = _ask(_TOKEN_SQL, digest(text).hex().encode(), "The credential is not valid or has expired")
    scopes = frozenset(found.scope.split())
    return Principal(tenant, found.user_id, found.role, scopes, ids.encode("app", found.credential_id))


def _json_web_token(text: str) -> Principal:
    verified = tokens.verify(text)
    wanted = json.encode([verified.user_id, verified.tenant_id])
    tenant, found = _ask(_MEMBER_SQL, wanted, "The token is not valid or has expired")
    return Principal(tenant, found.user_id, found.role, verified.scopes, verified.credential)


def _address_in(address: str, networks: list[str]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network) for network in networks)
