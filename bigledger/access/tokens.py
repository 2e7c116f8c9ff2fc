"""JSON Web Tokens: those that callers sign themselves, and those that are issued here.

Both are HS256 and nothing else: the algorithm is never taken from the token. A token that says what type
it is (`token_type`) was issued here, or claims so, and is checked against our own key; every other is
checked against the secrets of the user in `sub`. Spec section 3.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import jwt
from django.core.exceptions import ValidationError
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from bigledger.access import secrets
from bigledger.access.models import SignIn, SigningSecret, User
from bigledger.access.scopes import within
from bigledger.errors import AuthenticationFailed
from bigledger.postgres.execute import fetch_all

MAX_LIFETIME = timedelta(hours=24)
DEFAULT_SCOPES = "read write"
_LEEWAY = timedelta(seconds=30)
_ALGORITHMS = ["HS256"]
INVALID = "The token is not valid or has expired"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token with a good signature says, and what the secret that signed it is bound to.

    `sign_in` is that of a token issued here, and has to be looked at; the others say nothing of one.
    """

    user_id: uuid.UUID
    tenant_id: uuid.UUID
    scopes: frozenset[str]
    credential: str
    sign_in: uuid.UUID | None = None
    networks: tuple[str, ...] = ()
    expires_at: datetime | None = None
    made_by: uuid.UUID | None = None


class IssuedAccess(AccessToken):
    """An access token, valid for 15 minutes."""


class IssuedRefresh(RefreshToken):
    """Buys the next pair. `password` is a mark of the one that it was issued under, and is shown to nobody else."""

    no_copy_claims = (*RefreshToken.no_copy_claims, "password")  # type: ignore[assignment] # a longer one
    access_token_class = IssuedAccess


T = TypeVar("T", IssuedAccess, IssuedRefresh)


def verify(text: str) -> Verified:
    """Raises AuthenticationFailed; why exactly is said only of the caller's own clock and claims."""
    try:
        claims = jwt.decode(text, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise AuthenticationFailed(INVALID) from None
    return _issued(text) if "token_type" in claims else _self_signed(text, claims)


def _issued(text: str) -> Verified:
    token = read(IssuedAccess, text)
    sign_in = uuid.UUID(token["sign_in"])
    scopes = within(str(token["scope"]).split(), ("admin",))
    user_id, tenant_id = uuid.UUID(token["sub"]), uuid.UUID(token["tenant"])
    return Verified(user_id, tenant_id, scopes, SignIn.public_id_of(sign_in), sign_in)


def _self_signed(text: str, claims: dict[str, Any]) -> Verified:
    user_id = User.id_in(claims["sub"]) if isinstance(claims.get("sub"), str) else None
    if user_id is None:
        raise AuthenticationFailed("The token's sub must be the id of a user (user_…)")
    for secret_id, tenant_id, encrypted, *bounds in fetch_all("SELECT * FROM access_signing_secrets(%b)", [user_id]):
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
            raise AuthenticationFailed(f"The token lacks the claim {fault.claim}") from None
        except (jwt.PyJWTError, ValueError, OverflowError):
            raise AuthenticationFailed(INVALID) from None
        if good["exp"] > (datetime.now(UTC) + MAX_LIFETIME + _LEEWAY).timestamp():
            raise AuthenticationFailed("The token's exp must be at most 24 hours ahead")
        scope = good.get("scope", DEFAULT_SCOPES)
        claimed = scope.split() if isinstance(scope, str) else ()
        ceiling, networks, expires_at, maker = bounds
        return Verified(
            user_id,
            tenant_id,
            within(claimed, ceiling),
            SigningSecret.public_id_of(secret_id),
            networks=tuple(networks),
            expires_at=expires_at,
            made_by=maker if maker != user_id else None,
        )
    raise AuthenticationFailed(INVALID)


def issue(sign_in: SignIn, scope: str) -> IssuedRefresh:
    """The refresh token of a sign-in, whose `access_token` is the other half. Membership is checked at each use."""
    token = IssuedRefresh()
    token["jti"] = sign_in.refresh_id
    token["sub"], token["tenant"], token["scope"] = str(sign_in.user_id), str(sign_in.tenant_id), scope
    token["sign_in"] = str(sign_in.id)
    # A new password ends what was issued under the old one.
    token["password"] = mark(sign_in.user)
    token.set_exp(lifetime=min(IssuedRefresh.lifetime, sign_in.expires_at - token.current_time))
    return token


def read(kind: type[T], text: str) -> T:
    """A token of this kind that was issued here, for no longer than is issued, and is still good.

    Raises AuthenticationFailed.
    """
    try:
        token = kind(text)  # type: ignore[arg-type]
        for claim in ("sub", "tenant", "sign_in"):
            uuid.UUID(token[claim])
        lived = token.current_time.timestamp() - token["iat"]
        lifetime = token["exp"] - token["iat"]
        token["scope"]
    except (TokenError, KeyError, TypeError, ValueError, AttributeError, ValidationError):
        raise AuthenticationFailed(INVALID) from None
    if lived < -_LEEWAY.total_seconds() or lifetime > kind.lifetime.total_seconds():
        raise AuthenticationFailed(INVALID)
    return token


def mark(user: User) -> str:
    """A mark of the password that is put into refresh tokens; it changes with the password."""
    return user.get_session_auth_hash()[:16]
