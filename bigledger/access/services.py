"""Tenants, members and their credentials: the only writers of them."""

from __future__ import annotations

import secrets as random_secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from bigledger import ids, money, texts, time_zones
from bigledger.access import secrets
from bigledger.access.models import ApiKey, Membership, Role, SigningSecret, User
from bigledger.errors import ValidationFailed
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Plan, Tenant

# What an owner may do.
ALL_SCOPES = ("read", "write", "admin")


@dataclass(frozen=True, slots=True)
class NewTenant:
    """The credentials of a new tenant's owner, shown only once."""

    tenant: Tenant
    user: User
    api_key: str
    signing_secret: str


@transaction.atomic
def create_tenant(
    *, name: str, plan: str, owner_email: str, base_currency: str = "USD", time_zone: str = "UTC"
) -> NewTenant:
    """A tenant with its owner, an API key with every scope and a signing secret.

    The owner may be a member of other tenants already. Raises ValidationFailed.
    """
    if plan not in Plan.values:
        raise ValidationFailed.at("plan", f"Must be one of {', '.join(Plan.values)}.", "not_a_choice")
    if base_currency not in money.currencies():
        raise ValidationFailed.at("base_currency", "Must be an ISO 4217 currency code.", "unknown_code")
    if time_zone not in time_zones.names():
        message = "Must be a time zone of the IANA database, for example Europe/Berlin."
        raise ValidationFailed.at("time_zone", message, "unknown_code")
    try:
        name = texts.clean(name.strip(), longest=200)
    except texts.BadText as fault:
        raise ValidationFailed.at("name", str(fault), fault.code) from None
    if not name:
        raise ValidationFailed.at("name", "May not be blank.", "blank")
    identifier = ids.new_id()
    user = get_or_create_user(email=owner_email)
    tenant = Tenant(id=identifier, name=name, plan=plan, base_currency=base_currency, time_zone=time_zone)
    with tenant_context(tenant):
        tenant.save(force_insert=True)
        Membership.objects.create(user=user, role=Role.OWNER)
        _, api_key = add_api_key(user=user, name="First key", scopes=ALL_SCOPES)
        _, signing_secret = add_signing_secret(user=user)
    return NewTenant(tenant, user, api_key, signing_secret)


def get_or_create_user(*, email: str) -> User:
    """The user with this address; a new one cannot sign in to pages until a password is set."""
    normal = User.objects.normalize_email(email)
    user = User.objects.filter(email__iexact=normal).first()
    return user or User.objects.create_user(normal)


def add_member(*, user: User, role: str) -> Membership:
    """Makes `user` a member of the tenant in context."""
    return Membership.objects.create(user=user, role=role)


def add_api_key(
    *,
    user: User,
    name: str,
    scopes: Sequence[str],
    allowed_networks: Sequence[str] = (),
    expires_at: datetime | None = None,
    created_by_id: uuid.UUID | None = None,
    metadata: Mapping[str, str] | None = None,
) -> tuple[ApiKey, str]:
    """A key of `user` in the tenant in context, and its text, which is stored nowhere. `created_by_id` is the person
    whom it is shown to; `user`, if nobody else is given."""
    text = secrets.new_api_key()
    key = ApiKey.objects.create(
        user=user,
        created_by_id=created_by_id or user.id,
        name=name,
        scopes=list(scopes),
        allowed_networks=list(allowed_networks),
        expires_at=expires_at,
        digest=secrets.digest(text),
        hint=secrets.hint(text),
        metadata=dict(metadata or {}),
    )
    return key, text


def add_signing_secret(
    *,
    user: User,
    scopes: Sequence[str] = ALL_SCOPES,
    allowed_networks: Sequence[str] = (),
    expires_at: datetime | None = None,
    created_by_id: uuid.UUID | None = None,
    metadata: Mapping[str, str] | None = None,
) -> tuple[SigningSecret, str]:
    """A secret for `user`'s own JWTs in the tenant in context, and its text; earlier secrets stay valid.

    `scopes` are the most that a token signed with it has.
    """
    text = secrets.new_signing_secret()
    secret = SigningSecret.objects.create(
        user=user,
        created_by_id=created_by_id or user.id,
        scopes=list(scopes),
        allowed_networks=list(allowed_networks),
        expires_at=expires_at,
        encrypted=secrets.encrypt(text),
        hint=secrets.hint(text),
        metadata=dict(metadata or {}),
    )
    return secret, text


def set_random_password(*, user: User) -> str:
    """A new random password for the pages, shown only once."""
    password = random_secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    return password
