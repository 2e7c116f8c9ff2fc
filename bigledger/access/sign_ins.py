"""Signing in to get tokens: a sign-in begins with a password, is refreshed, and ends (ADR 87)."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from bigledger.access import tokens
from bigledger.access.models import SignIn, User
from bigledger.access.tokens import IssuedRefresh
from bigledger.errors import AuthenticationFailed
from bigledger.tenants.context import tenant_context

# Whoever refreshes for ever signs in again after this.
MAX_AGE = timedelta(days=30)
# Two refreshes of one token at once are no theft.
GRACE = timedelta(seconds=30)


def begin(*, user: User, tenant_id: uuid.UUID, scope: str) -> IssuedRefresh:
    """The first pair of a new sign-in of a member. Those of theirs that ran out are forgotten."""
    now = timezone.now()
    with tenant_context(tenant_id):
        SignIn.objects.filter(user=user, expires_at__lt=now).delete()
        sign_in = SignIn.objects.create(
            user=user, refresh_id=uuid.uuid4().hex, refreshed_at=now, expires_at=now + MAX_AGE
        )
        sign_in.refresh_from_db()
        return tokens.issue(sign_in, scope)


def refresh(*, text: str) -> IssuedRefresh | None:
    """The next pair; the refresh token that was given is used up. Raises AuthenticationFailed.

    None when the token had been used up before: somebody has a copy of it, so the whole sign-in ends. The caller of
    this has to refuse, and to commit.
    """
    token, user = _read(text)
    with tenant_context(uuid.UUID(token["tenant"])):
        sign_in = _living(token, user)
        now = timezone.now()
        if token["jti"] == sign_in.refresh_id:
            sign_in.previous_id, sign_in.refresh_id, sign_in.refreshed_at = sign_in.refresh_id, uuid.uuid4().hex, now
            sign_in.save(update_fields=["previous_id", "refresh_id", "refreshed_at"])
        elif token["jti"] != sign_in.previous_id or now - sign_in.refreshed_at > GRACE:
            sign_in.ended_at = now
            sign_in.save(update_fields=["ended_at"])
            return None
        return tokens.issue(sign_in, token["scope"])


def end(*, text: str) -> None:
    """Ends the sign-in that a refresh token belongs to, with all its tokens. Raises AuthenticationFailed."""
    token, user = _read(text)
    with tenant_context(uuid.UUID(token["tenant"])):
        sign_in = _living(token, user)
        sign_in.ended_at = timezone.now()
        sign_in.save(update_fields=["ended_at"])


@transaction.atomic
def end_all(*, user: User) -> None:
    """Ends all sign-ins of a member of the tenant in context."""
    SignIn.objects.filter(user=user, ended_at=None).update(ended_at=timezone.now())


def _read(text: str) -> tuple[IssuedRefresh, User]:
    token = tokens.read(IssuedRefresh, text)
    user = User.objects.filter(pk=token["sub"], is_active=True).first()
    if user is None or token.get("password") != tokens.mark(user):
        raise AuthenticationFailed(tokens.INVALID)
    return token, user


def _living(token: IssuedRefresh, user: User) -> SignIn:
    rows = SignIn.objects.select_for_update(of=("self",)).select_related("user")
    found = rows.filter(pk=token["sign_in"], user=user, ended_at=None, expires_at__gt=timezone.now()).first()
    if found is None:
        raise AuthenticationFailed(tokens.INVALID)
    return found
