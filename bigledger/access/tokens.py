"""JSON Web Tokens: those that callers sign themselves, and those that are issued here.

Both are HS256 and nothing else: the algorithm is never taken from the token. A token that says what type
it is (`token_type`) was issued here, or claims so, and is checked against our own key; every other is
checked against the secrets of the user in `sub`. Spec section 3.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.core.exceptions import ValidationError
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from bigledger import ids
from bigledger.access import secrets
from bigledger.access.models import User
from bigledger.access.scopes import SCOPES
from bigledger.errors import AuthenticationFailed
from bigledger.postgres.execute import fetch_all

MAX_LIFETIME = timedelta(hours=24)
DEFAULT_SCOPES = "read write"
_LEEWAY = timedelta(seconds=30)
_ALGORITHMS = ["HS256"]
_INVALID = "The token is not valid or has expired"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token with a good signature says."""

    user_id: uuid.UUID
    tenant_id: uuid.UUID
    scopes: frozenset[str]
    credential: str


def verify(text: str) -> Verified:
    """Raises AuthenticationFailed; why exactly is said only of the caller's own clock and claims."""
    try:
        claims = jwt.decode(text, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise AuthenticationFailed(_INVALID) from None
    return _issued(text) if "token_type" in claims else _self_signed(text, claims)


def _issued(text: str) -> Verified:
    token = read(AccessToken, text)
    return Verified(uuid.UUID(token["sub"]), uuid.UUID(token["tenant"]), _scopes(token["scope"]), "jwt")


def _self_signed(text: str, claims: dict[str, Any]) -> Verified:
    user_id = ids.decode("user", claims["sub"]) if isinstance(claims.get("sub"), str) else None
    if user_id is None:
        raise AuthenticationFailed("The token's sub must be the id of a user (user_…)")
    for secret_id, tenant_id, encrypted in fetch_all("SELECT * FROM access_signing_secrets(%b)", [user_id]):
        try:
            good = jwt.decode(
                text,
                secrets.decrypt(encrypted),
                algorithms=_ALGORITHMS,
                leeway=_LEEWAY,
                options={"require": ["sub", "iat", "exp"], "verify_aud": False},
            )
        except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError):
            continue
        except jwt.MissingRequiredClaimError as fault:
            raise AuthenticationFailed(f"The token needs the claim {fault.claim}") from None
        except (jwt.PyJWTError, ValueError, OverflowError):
            raise AuthenticationFailed(_INVALID) from None
        if good["exp"] > (datetime.now(UTC) + MAX_LIFETIME + _LEEWAY).timestamp():
            raise AuthenticationFailed("The token's exp may be 24 hours ahead at most")
        scope = good.get("scope", DEFAULT_SCOPES)
        return Verified(user_id, tenant_id, _scopes(scope), ids.encode("sec", secret_id))
    raise AuthenticationFailed(_INVALID)


def _scopes(text: Any) -> frozenset[str]:
    """Names that are no scopes give nothing."""
    return frozenset(text.split()) & SCOPES.keys() if isinstance(text, str) else frozenset()


def issue(user: User, tenant_id: uuid.UUID, scope: str = DEFAULT_SCOPES) -> RefreshToken:
    """A refresh token, whose `access_token` is the other half. The user's membership is checked at each use."""
    token = RefreshToken()
    token["sub"], token["tenant"], token["scope"] = str(user.id), str(tenant_id), scope
    # A new password ends what was issued under the old one.
    token["password"] = _mark(user)
    return token


def refreshed(text: str) -> RefreshToken:
    """A new pair for a refresh token. Raises AuthenticationFailed."""
    token = read(RefreshToken, text)
    user = User.objects.filter(pk=token["sub"], is_active=True).first()
    if user is None or token["password"] != _mark(user):
        raise AuthenticationFailed(_INVALID)
    return issue(user, uuid.UUID(token["tenant"]), token["scope"])


def read(kind: type[Token], text: str) -> Any:
    """A token of this kind that was issued here and is still good. Raises AuthenticationFailed."""
    try:
        token = kind(text)  # type: ignore[arg-type]
        for claim in ("sub", "tenant", "scope"):
            token[claim]
    except (TokenError, KeyError, ValueError, ValidationError):
        raise AuthenticationFailed(_INVALID) from None
    return token


def _mark(user: User) -> str:
    return user.get_session_auth_hash()[:16]
