"""What people change of their own: password, sessions, recovery codes."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from bigledger.access.models import Authenticator, PageSession, Passkey, RecoveryCodes, User
from bigledger.access.session_store import name_of, sessions_of
from bigledger.errors import BusinessRuleViolation, ResourceNotFound
from bigledger.identity.mails import PASSWORD_RESET_MAIL
from bigledger.identity.rules import LAST_FACTOR
from bigledger.identity.services.sign_in import has_second_factor, memberships_of
from bigledger.mail.models import Mail
from bigledger.mail.services import queue_mail
from bigledger.tenants.context import tenant_context

MOST_MAILS_AN_HOUR = 3


def ask_for_reset(*, email: str) -> None:
    """Mails a link to whoever has this address and belongs to a tenant. Says nothing of who there is."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    choices = memberships_of(user) if user is not None else []
    if user is None or not choices:
        return
    with tenant_context(choices[0].id):
        since = timezone.now() - timedelta(hours=1)
        sent = Mail.objects.filter(kind=PASSWORD_RESET_MAIL.name, about_id=user.pk, created_at__gt=since)
        if sent.count() < MOST_MAILS_AN_HOUR:
            token = default_token_generator.make_token(user)
            queue_mail(kind=PASSWORD_RESET_MAIL, about_id=user.pk, to=[user.email], secret=token)


def user_of_reset(user_id: str, token: str) -> User:
    """Whoever the link of a mail belongs to. Raises ResourceNotFound for a link that was used or has run out."""
    try:
        user = User.objects.filter(pk=user_id, is_active=True).first()
    except (ValidationError, ValueError):
        user = None
    if user is None or not default_token_generator.check_token(user, token):
        raise ResourceNotFound("The link has been used or has expired")
    return user


@transaction.atomic
def set_password(*, user: User, password: str, but: str = "") -> None:
    """Ends every session of theirs but the one with the key `but`. Their refresh tokens, which carry a mark of the
    password, buy no further access token; one that was bought before lives until it runs out."""
    user.set_password(password)
    user.save(update_fields=["password"])
    PageSession.objects.filter(user=user).exclude(session_key=but).delete()


def end_session(*, user: User, name: str) -> None:
    """Raises ResourceNotFound."""
    found = next((one for one in sessions_of(user) if name_of(one.session_key) == name), None)
    if found is None:
        raise ResourceNotFound
    found.delete()


def end_other_sessions(*, user: User, but: str) -> int:
    """How many were ended."""
    return PageSession.objects.filter(user=user).exclude(session_key=but).delete()[0]


@transaction.atomic
def renew_recovery_codes(*, user: User) -> list[str]:
    """New codes, shown once; the earlier ones stop working."""
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    kept: RecoveryCodes
    kept, _ = RecoveryCodes.objects.get_or_create(user=user, defaults={"name": "Recovery codes"})
    return kept.renew()


@transaction.atomic
def remove_passkey(*, user: User, pk: int) -> None:
    """Raises ResourceNotFound; BusinessRuleViolation (`last_factor`)."""
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if not Passkey.objects.filter(user=user, pk=pk).delete()[0]:
        raise ResourceNotFound
    _keep_a_factor(user)


@transaction.atomic
def remove_authenticator(*, user: User) -> None:
    """Raises ResourceNotFound; BusinessRuleViolation (`last_factor`)."""
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if not Authenticator.objects.filter(user=user).delete()[0]:
        raise ResourceNotFound
    _keep_a_factor(user)


def _keep_a_factor(user: User) -> None:
    if has_second_factor(user):
        return
    if settings.REQUIRE_SECOND_FACTOR:
        raise BusinessRuleViolation.of(LAST_FACTOR)
    RecoveryCodes.objects.filter(user=user).delete()
