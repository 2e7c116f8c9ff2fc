"""Proving who one is with a password, and a second factor where there is one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django_otp import devices_for_user, match_token

from bigledger.access import limits, sign_ins, tokens
from bigledger.access.address import address_of
from bigledger.access.models import RecoveryCodes, User
from bigledger.access.scopes import SCOPES
from bigledger.access.tokens import IssuedRefresh
from bigledger.errors import AuthenticationFailed, RateLimitExceeded, ValidationFailed
from bigledger.postgres.execute import fetch_all

_CODE_SECONDS = 300  # longer than any code is good for
_WRONG = "E-mail address or password is wrong, or the code of the second factor is missing or wrong"


@dataclass(frozen=True, slots=True)
class TenantChoice:
    """A tenant that a person is a member of."""

    id: uuid.UUID
    name: str
    role: str


def memberships_of(user: User) -> list[TenantChoice]:
    """By name; readable without a tenant's context."""
    return [TenantChoice(*row) for row in fetch_all("SELECT * FROM access_memberships_of(%b)", [user.id])]


def check_password(request: HttpRequest, *, email: str, password: str) -> User:
    """Raises AuthenticationFailed with one message for every reason; RateLimitExceeded before it looks."""
    address = address_of(request)
    limits.refuse_sign_in(email, address)
    user = authenticate(request, username=email, password=password) if "\x00" not in email + password else None
    if not isinstance(user, User):
        limits.count_sign_in(email, address)
        raise AuthenticationFailed("E-mail address or password is wrong")
    return user


def signed_in(request: HttpRequest, email: str) -> None:
    """Everything that was needed has been shown: earlier wrong tries are forgotten."""
    limits.forget_wrong(email, address_of(request))


def has_second_factor(user: User) -> bool:
    """Recovery codes stand in for one; they are none by themselves."""
    return any(not isinstance(device, RecoveryCodes) for device in devices_for_user(user))


def check_code(user: User, code: str) -> Any:
    """The device whose present code this is, or None. Raises RateLimitExceeded after too many wrong ones.

    That a code was wrong, or was spent, is written outside the transaction: neither is taken back when the request
    fails afterwards. Wrong ones are counted from all addresses together, since only who knows the password gets here.
    """
    account = f"code of {user.pk}"
    limits.refuse_if_waiting(account)
    device = match_token(user, code)
    if device is None or not limits.spend_once(f"{account}: {code}", seconds=_CODE_SECONDS):
        limits.count_wrong(account)
        return None
    limits.forget_wrong(account)
    return device


def issue_tokens(
    request: HttpRequest,
    *,
    email: str,
    password: str,
    code: str | None = None,
    tenant_id: str | None = None,
    scope: str = tokens.DEFAULT_SCOPES,
) -> IssuedRefresh:
    """Tokens for one tenant of the person. Raises AuthenticationFailed, with one message for every reason;
    ValidationFailed when there are several tenants and none is named."""
    try:
        user = check_password(request, email=email, password=password)
    except AuthenticationFailed:
        raise AuthenticationFailed(_WRONG) from None
    if has_second_factor(user) and not (code and _is_right(user, code)):
        limits.count_sign_in(email, address_of(request))
        raise AuthenticationFailed(_WRONG)
    signed_in(request, email)
    unknown = [name for name in scope.split() if name not in SCOPES]
    if unknown:
        raise ValidationFailed.at("scope", f"There is no scope {', '.join(unknown)[:200]}.", "not_found")
    choices = memberships_of(user)
    chosen = [choice for choice in choices if tenant_id is None or str(choice.id) == tenant_id]
    if len(chosen) != 1:
        names = "; ".join(f"{choice.id} ({choice.name})" for choice in choices)
        raise ValidationFailed.at(
            "tenant_id", f"Must be one of: {names}." if names else "You belong to no tenant.", "not_a_choice"
        )
    return sign_ins.begin(user=user, tenant_id=chosen[0].id, scope=scope)


def _is_right(user: User, code: str) -> bool:
    """As `check_code`; whether one has to wait would tell that the password was right."""
    try:
        return check_code(user, code) is not None
    except RateLimitExceeded:
        return False
