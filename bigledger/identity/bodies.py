"""What the API shows of members and credentials. Secrets have a body of their own, shown once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.conf import settings
from msgspec import Struct

from bigledger.access.limits.plans import PLANS, limits_of
from bigledger.access.models import ApiKey, Application, Invitation, KioskLink, Membership, SigningSecret
from bigledger.addresses import AddressBody
from bigledger.api.bodies import Body, Secret
from bigledger.closed_lists import one_of
from bigledger.tenants.models import Logo, Plan, Tenant

PlanOfTenant = Annotated[str, one_of("TenantPlan", Plan.values)]


class ApiKeyBody(Body):
    """An API key, without its secret."""

    volatile = ("last_used_at",)

    id: str
    name: str
    hint: str
    user_id: str
    created_by: str
    scopes: list[str]
    allowed_networks: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    metadata: dict[str, str]
    created_at: datetime


class NewApiKeyBody(ApiKeyBody):
    key: Secret


class SigningSecretBody(Body):
    id: str
    hint: str
    user_id: str
    created_by: str
    scopes: list[str]
    allowed_networks: list[str]
    expires_at: datetime | None
    revoked_at: datetime | None
    metadata: dict[str, str]
    created_at: datetime


class NewSigningSecretBody(SigningSecretBody):
    secret: Secret


class KioskLinkBody(Body):
    """A link to the dashboard for a screen on the wall, without its address."""

    volatile = ("last_used_at",)

    id: str
    name: str
    hint: str
    user_id: str
    created_by: str
    allowed_networks: list[str]
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    metadata: dict[str, str]
    created_at: datetime


class NewKioskLinkBody(KioskLinkBody):
    """`url` is the link, which is in this answer only."""

    url: Secret


class ApplicationBody(Body):
    id: str
    name: str
    client_id: str
    client_type: str
    grant_type: str
    redirect_uris: list[str]
    scopes: list[str]
    user_id: str
    secret_shown_to: str
    metadata: dict[str, str]
    created_at: datetime
    updated_at: datetime


class NewApplicationBody(ApplicationBody):
    """`client_secret` is null for a public client, which has none."""

    client_secret: Secret | None


class MemberBody(Body):
    id: str
    user_id: str
    email: str
    name: str
    role: str
    created_at: datetime


class InvitationBody(Body):
    id: str
    email: str
    role: str
    invited_by: str
    expires_at: datetime
    accepted_at: datetime | None
    metadata: dict[str, str]
    created_at: datetime


class TokenPairBody(Struct):
    """Tokens issued here; `expires_in` in seconds."""

    access: Secret
    refresh: Secret
    token_type: str
    expires_in: int
    scope: str


class VerifiedBody(Struct):
    """`exp` in seconds since 1970."""

    active: bool
    exp: int
    scope: str


class LimitsBody(Struct):
    """Null means unlimited."""

    requests_per_hour: int | None
    burst_per_second: int | None
    concurrent_requests: int | None


class LogoBody(Struct):
    """`url` gives the image, as PNG, to whoever may read the tenant. Sizes are in pixels."""

    url: str
    media_type: str
    width: int
    height: int


class TenantBody(Body):
    """From `legal_name` to `logo` it is the seller as documents, hosted pages and mails show it."""

    id: str
    name: str
    plan: PlanOfTenant
    environment: str
    base_currency: str
    time_zone: str
    fiscal_year_start_month: int
    legal_name: str
    address: AddressBody | None
    tax_id: str
    bank_account: str
    email: str
    footer: str
    logo: LogoBody | None
    limits: LimitsBody
    created_at: datetime


def api_key_body(key: ApiKey) -> ApiKeyBody:
    return ApiKeyBody(
        id=key.public_id,
        name=key.name,
        hint=key.hint,
        user_id=key.user.public_id,
        created_by=key.created_by.public_id,
        scopes=key.scopes,
        allowed_networks=key.allowed_networks,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
        metadata=key.metadata,
        created_at=key.created_at,
    )


def signing_secret_body(secret: SigningSecret) -> SigningSecretBody:
    return SigningSecretBody(
        id=secret.public_id,
        hint=secret.hint,
        user_id=secret.user.public_id,
        created_by=secret.created_by.public_id,
        scopes=secret.scopes,
        allowed_networks=secret.allowed_networks,
        expires_at=secret.expires_at,
        revoked_at=secret.revoked_at,
        metadata=secret.metadata,
        created_at=secret.created_at,
    )


def kiosk_link_body(link: KioskLink) -> KioskLinkBody:
    return KioskLinkBody(
        id=link.public_id,
        name=link.name,
        hint=link.hint,
        user_id=link.user.public_id,
        created_by=link.created_by.public_id,
        allowed_networks=link.allowed_networks,
        expires_at=link.expires_at,
        last_used_at=link.last_used_at,
        revoked_at=link.revoked_at,
        metadata=link.metadata,
        created_at=link.created_at,
    )


def application_body(application: Application) -> ApplicationBody:
    return ApplicationBody(
        id=application.public_id,
        name=application.name,
        client_id=application.client_id,
        client_type=application.client_type,
        grant_type=application.authorization_grant_type.replace("-", "_"),
        redirect_uris=application.redirect_uris.split(),
        scopes=application.scopes,
        user_id=application.user.public_id,
        secret_shown_to=application.secret_shown_to.public_id,
        metadata=application.metadata,
        created_at=application.created,
        updated_at=application.updated,
    )


def member_body(membership: Membership) -> MemberBody:
    return MemberBody(
        id=membership.public_id,
        user_id=membership.user.public_id,
        email=membership.user.email,
        name=membership.user.name,
        role=membership.role,
        created_at=membership.created_at,
    )


def invitation_body(invitation: Invitation) -> InvitationBody:
    return InvitationBody(
        id=invitation.public_id,
        email=invitation.email,
        role=invitation.role,
        invited_by=invitation.invited_by.public_id,
        expires_at=invitation.expires_at,
        accepted_at=invitation.accepted_at,
        metadata=invitation.metadata,
        created_at=invitation.created_at,
    )


def _logo_body(tenant: Tenant) -> LogoBody | None:
    logo = Logo.objects.only("width", "height").filter(pk=tenant.logo_id).first() if tenant.logo_id else None
    return LogoBody(f"{settings.PUBLIC_URL}/v1/tenant/logo", "image/png", logo.width, logo.height) if logo else None


def tenant_body(tenant: Tenant) -> TenantBody:
    limits = limits_of(tenant) or PLANS[Plan.ENTERPRISE]
    return TenantBody(
        id=str(tenant.id),
        name=tenant.name,
        plan=tenant.plan,
        environment=settings.BIGLEDGER_ENVIRONMENT,
        base_currency=tenant.base_currency,
        time_zone=tenant.time_zone,
        fiscal_year_start_month=tenant.fiscal_year_start_month,
        legal_name=tenant.legal_name,
        address=AddressBody(**tenant.address) if tenant.address else None,
        tax_id=tenant.tax_id,
        bank_account=tenant.bank_account,
        email=tenant.email,
        footer=tenant.footer,
        logo=_logo_body(tenant),
        limits=LimitsBody(limits.requests_per_hour, limits.burst_per_second, limits.concurrent_requests),
        created_at=tenant.created_at,
    )
