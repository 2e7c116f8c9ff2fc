"""Signing in to get tokens: a sign-in begins with a password, is refreshed, and ends (ADR 87)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import cast

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils import timezone

from bigledger.access import tokens
from bigledger.access.models import SignIn, User
from bigledger.access.tokens import IssuedAccess, IssuedRefresh
from bigledger.errors import AuthenticationFailed
from bigledger.tenants.context import tenant_context

# Whoever refreshes for ever signs in again after this.
MAX_AGE = timedelta(days=30)
# Two refreshes of one token at once are no theft.
GRACE = timedelta(seconds=30)
_SESSION_KEY = "sign_ins"  # of a session: the sign-in of each tenant


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


def token_of_session(*, session: SessionBase, user: User, tenant_id: uuid.UUID, scope: str) -> IssuedAccess:
    """An access token for a page of somebody who has signed in to the pages. It belongs to a sign-in of the session,
    one for each tenant, so it ends with the session, and the page asks for the next one."""
    kept = session.get(_SESSION_KEY, {})
    now = timezone.now()
    with tenant_context(tenant_id):
        living = SignIn.objects.select_related("user").filter(user=user, ended_at=None, expires_at__gt=now)
        sign_in = living.filter(pk=kept.get(str(tenant_id))).first()
        if sign_in is None:
            SignIn.objects.filter(user=user, expires_at__lt=now).delete()
            age = min(MAX_AGE, timedelta(seconds=session.get_expiry_age()))
            sign_in = SignIn(user=user, refresh_id=uuid.uuid4().hex, refreshed_at=now, expires_at=now + age)
            sign_in.save(force_insert=True)
            sign_in.refresh_from_db()
            session[_SESSION_KEY] = {**kept, str(tenant_id): str(sign_in.id)}
        return cast(IssuedAccess, tokens.issue(sign_in, scope).access_token)


def end_of_session(session: SessionBase) -> None:
    """Ends the tokens of a session that is about to end."""
    for tenant_id, sign_in in session.get(_SESSION_KEY, {}).items():
        with tenant_context(uuid.UUID(tenant_id)):
            SignIn.objects.filter(pk=sign_in, ended_at=None).update(ended_at=timezone.now())


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
