"""django-oauth-toolkit's tables, under their tenants' isolation.

Every row belongs to the tenant that registered the application, and the OAuth endpoints work in that
tenant's context. Whose books a token opens is `granted_tenant`, chosen by the person who consents; the door
of `access_authenticate_token` is the only one through which it is looked at (ADR 0013).
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from oauth2_provider.generators import generate_client_id
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractApplication,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
    TokenChecksumField,
)

from bigledger import ids
from bigledger.access.models.people import User
from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import CurrentTenant, Tenant, TenantForeignKey, TenantModel, TenantOneToOneField
from bigledger.tenants.natural_order import natural_order


def _granted_tenant() -> models.ForeignKey[Tenant, Tenant]:
    return models.ForeignKey(Tenant, models.PROTECT, db_default=CurrentTenant(), related_name="+")


class Application(WithMetadata, TenantModel, AbstractApplication):
    """A program that asks people for access to their books. `scopes` is the most that it may ask for, and that its
    tokens allow. `secret_shown_to` knows its secret; `user` is whom it acts as where nobody consents."""

    id_prefix = "app"

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    client_id = models.CharField(max_length=64, default=generate_client_id, editable=False)
    name_order = natural_order("name")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    secret_shown_to = models.ForeignKey(User, models.PROTECT, related_name="+")
    scopes = ArrayField(models.CharField(max_length=60), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "client_id"], name="access_application_client")]
        indexes = [models.Index(fields=["client_id"], name="access_application_client_id")]

    def __str__(self) -> str:
        return self.name or self.client_id


class Grant(TenantModel, AbstractGrant):
    """An authorization code, valid for a minute."""

    id_prefix = "grt"

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    code = models.CharField(max_length=255)
    application = TenantForeignKey(Application, models.CASCADE)
    granted_tenant = _granted_tenant()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="access_grant_code")]


class IDToken(TenantModel, AbstractIDToken):
    """Required by the toolkit; OpenID Connect is off."""

    id_prefix = "idt"

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    jti = models.UUIDField(default=uuid.uuid4, editable=False)
    application = TenantForeignKey(Application, models.CASCADE, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "jti"], name="access_idtoken_jti")]


class AccessToken(TenantModel, AbstractAccessToken):
    """`token` is empty; only the checksum is kept."""

    id_prefix = "act"

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    source_refresh_token = TenantOneToOneField(
        "access.RefreshToken", models.SET_NULL, null=True, blank=True, related_name="refreshed_access_token"
    )
    token_checksum = TokenChecksumField(max_length=64)
    id_token = TenantOneToOneField(IDToken, models.CASCADE, null=True, blank=True, related_name="access_token")
    application = TenantForeignKey(Application, models.CASCADE, null=True, blank=True)
    granted_tenant = _granted_tenant()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "token_checksum"], name="access_token_checksum")]
        indexes = [models.Index(fields=["token_checksum"], name="access_token_lookup")]


class RefreshToken(TenantModel, AbstractRefreshToken):
    """`token` is empty; only the checksum is kept. So it is with the code that the family began with: who brings it
    again ends the family."""

    id_prefix = "rft"

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    application = TenantForeignKey(Application, models.CASCADE)
    access_token = TenantOneToOneField(
        AccessToken, models.SET_NULL, null=True, blank=True, related_name="refresh_token"
    )
    granted_tenant = _granted_tenant()
    code_checksum = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "token_checksum", "revoked"], name="access_refresh_checksum")
        ]
        indexes = [
            models.Index(fields=["tenant", "token_family"], name="access_refresh_family"),
            models.Index(fields=["tenant", "code_checksum"], name="access_refresh_code"),
        ]
