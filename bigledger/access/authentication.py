"""From the `Authorization` header to a principal, and the tenant set.

There are four kinds of credential, distinguished by their form: the token of a kiosk's link begins with `blg_kiosk_`,
an API key with `blg_`, a JWT has three parts separated by dots, everything else is an OAuth access token. Each takes
one round trip, or two for a JWT that its caller signed. Spec section 3.
"""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from msgspec import Struct, json

from bigledger import ids
from bigledger.access import tokens
from bigledger.access.models import ApiKey, Application, KioskLink, Membership
from bigledger.access.principal import Principal
from bigledger.access.scopes import within
from bigledger.access.secrets import KIOSK_PREFIX, digest
from bigledger.errors import AuthenticationFailed
from bigledger.postgres.execute import begin_with, call
from bigledger.postgres.statement import Call
from bigledger.row_cache import RowCache
from bigledger.tenants.models import Tenant

_MAX_HEADER_LENGTH = 8192
_MAX_CACHED = 10_000
_TENANT_FIELDS = Tenant._meta.concrete_fields

_BY_API_KEY = Call("access_authenticate_api_key(decode({0}, 'hex'), {1})")
_BY_KIOSK_LINK = Call("access_authenticate_kiosk_link(decode({0}, 'hex'), {1})")
_BY_OAUTH = Call("access_authenticate_token({0}, {1})")
_BY_MEMBERSHIP = Call(
    "access_authenticate_member(({0}::json->>0)::uuid, ({0}::json->>1)::uuid, ({0}::json->>2)::uuid, {1})"
)


def authenticate(header: str, *, remote_address: str, use_cache: bool = False) -> Principal:
    """The principal of `Bearer X`. Afterwards the transaction of the database is in the principal's tenant.

    With `use_cache`, a cached caller is compared by the first statement of the transaction, which is carried out only
    if nothing about the caller has changed (`begin_with`); the calling code must then call `settle()`.

    Raises AuthenticationFailed, with one message for every way in which a credential can be wrong.
    """
    scheme, _, credential = header.partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential or len(header) > _MAX_HEADER_LENGTH:
        raise AuthenticationFailed("The Authorization header must be 'Bearer <credential>'")
    if credential.startswith(KIOSK_PREFIX):
        return _kiosk_link(credential, remote_address, use_cache=use_cache)
    if credential.startswith("blg_"):
        return _api_key(credential, remote_address, use_cache=use_cache)
    if credential.count(".") == 2:
        return _json_web_token(credential, remote_address, use_cache=use_cache)
    return _access_token(credential, use_cache=use_cache)


_NONE = uuid.UUID(int=0)


class _Found(Struct):
    """The result of the authenticating functions."""

    user_id: uuid.UUID
    role: str
    scopes: list[str] = []
    scope: str = ""
    credential_id: uuid.UUID = _NONE
    ceiling: list[str] | None = None
    allowed_networks: list[str] = []
    expires_at: datetime | None = None
    created_by_id: uuid.UUID | None = None


class _Answer(Struct):
    version: str
    tenant: dict[str, Any]
    found: _Found


@dataclass(frozen=True, slots=True)
class _Caller:
    version: bytes
    found: _Found
    principal: Principal


_callers = RowCache[tuple[Call, bytes], _Caller](_MAX_CACHED)


def _identify(query: Call, argument: bytes, message: str, *, kind: type[ids.Identified], use_cache: bool) -> _Caller:
    """The database identifies the caller on every request; a cached caller is only compared there."""
    cached = _callers.get((query, argument))
    if cached and use_cache:
        begin_with(query, argument, cached.version, expected=cached.version)
        return cached
    answer = call(query, argument, cached.version if cached else b"")
    if not answer:
        _callers.forget((query, argument))
        raise AuthenticationFailed(message)
    if cached and answer == cached.version:
        return cached
    decoded = json.decode(answer, type=_Answer)
    values = [field.to_python(decoded.tenant[field.attname]) for field in _TENANT_FIELDS]
    tenant = Tenant.from_db("default", [field.attname for field in _TENANT_FIELDS], values)
    found = decoded.found
    scopes = frozenset(found.scopes or found.scope.split())
    if found.ceiling is not None:  # the application's, which may have been narrowed since
        scopes = within(scopes, found.ceiling)
    maker = found.created_by_id if found.created_by_id != found.user_id else None
    principal = Principal(
        tenant,
        found.user_id,
        found.role,
        scopes,
        kind.public_id_of(found.credential_id),
        tuple(found.allowed_networks),
        found.expires_at,
        maker,
    )
    caller = _Caller(decoded.version.encode(), found, principal)
    _callers.keep((query, argument), caller)
    return caller


def _api_key(key: str, remote_address: str, *, use_cache: bool) -> Principal:
    message = "The API key is not valid, was revoked or has expired"
    caller = _identify(_BY_API_KEY, digest(key).hex().encode(), message, kind=ApiKey, use_cache=use_cache)
    return _from(remote_address, caller.principal)


def _kiosk_link(token: str, remote_address: str, *, use_cache: bool) -> Principal:
    message = "The link is not valid, was revoked or has expired"
    caller = _identify(_BY_KIOSK_LINK, digest(token).hex().encode(), message, kind=KioskLink, use_cache=use_cache)
    return _from(remote_address, caller.principal)


def _access_token(text: str, *, use_cache: bool) -> Principal:
    message = "The credential is not valid or has expired"
    return _identify(_BY_OAUTH, digest(text).hex().encode(), message, kind=Application, use_cache=use_cache).principal


def _json_web_token(text: str, remote_address: str, *, use_cache: bool) -> Principal:
    verified = tokens.verify(text)
    key = json.encode([verified.user_id, verified.tenant_id, verified.sign_in])
    message = "The token is not valid or has expired"
    member = _identify(_BY_MEMBERSHIP, key, message, kind=Membership, use_cache=use_cache).principal
    token = replace(
        member,
        scopes=verified.scopes,
        credential=verified.credential,
        networks=verified.networks,
        expires_at=verified.expires_at,
        made_by=verified.made_by,
    )
    return _from(remote_address, token)


def _from(address: str, principal: Principal) -> Principal:
    """The caller, if the credential may be used from there."""
    if principal.networks and not _address_in(address, principal.networks):
        raise AuthenticationFailed("The credential may not be used from this address")
    return principal


def _address_in(address: str, networks: Iterable[str]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network) for network in networks)
