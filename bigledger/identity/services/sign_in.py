"""Proving who one is with a password, and a second factor where there is one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django_otp import devices_for_user, match_token
from rest_framework_simplejwt.tokens import RefreshToken

from bigledger.access import limits, tokens
from bigledger.access.models import User
from bigledger.access.scopes import SCOPES
from bigledger.errors import AuthenticationFailed, Detail, ValidationFailed
from bigledger.postgres.execute import fetch_all


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
    limits.count_sign_in(request, email)
    user = authenticate(request, username=email, password=password) if "\x00" not in email + password else None
    if not isinstance(user, User):
        raise AuthenticationFailed("E-mail address or password is wrong")
    return user


def has_second_factor(user: User) -> bool:
    return any(True for _ in devices_for_user(user))


def check_code(user: User, code: str) -> bool:
    """Whether `code` is the present one of the user's device; each code works once."""
    return match_token(user, code) is not None


def issue_tokens(
    request: HttpRequest,
    *,
    email: str,
    password: str,
    code: str | None = None,
    tenant_id: str | None = None,
    scope: str = tokens.DEFAULT_SCOPES,
) -> RefreshToken:
    """Tokens for one tenant of the person. Raises AuthenticationFailed; ValidationFailed when there are several
    tenants and none is named."""
    user = check_password(request, email=email, password=password)
    if has_second_factor(user) and not (code and check_code(user, code)):
        message = "The code of the second factor is missing or wrong"
        raise AuthenticationFailed(message, [Detail(message, field="code")])
    unknown = [name for name in scope.split() if name not in SCOPES]
    if unknown:
        raise ValidationFailed.at("scope", f"There is no scope {', '.join(unknown)[:200]}.")
    choices = memberships_of(user)
    chosen = [choice for choice in choices if tenant_id is None or str(choice.id) == tenant_id]
    if len(chosen) != 1:
        names = "; ".join(f"{choice.id} ({choice.name})" for choice in choices)
        raise ValidationFailed.at(
            "tenant_id", f"Must be one of: {names}." if names else "You belong to no tenant.", "not_a_choice"
        )
    return tokens.issue(user, chosen[0].id, scope)
