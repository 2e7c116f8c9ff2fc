"""Users, what they may do in which tenant, and their credentials."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from bigledger import ids
from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantModel
from bigledger.tenants.natural_order import natural_order


class Role(models.TextChoices):
    OWNER = "owner"
    ACCOUNTANT = "accountant"
    CLERK = "clerk"
    VIEWER = "viewer"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(ids.Identified, AbstractBaseUser, PermissionsMixin):
    """A person. Not a tenant's row: one person may be a member of several tenants."""

    id_prefix = "user"
    natural_field = "email"

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    def __str__(self) -> str:
        return self.email


class Membership(TenantModel):
    """What a user may do in one tenant."""

    id_prefix = "mem"

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="access_membership_user")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class Invitation(WithMetadata, TenantModel):
    """An address that may become a member. The token goes out by mail; `digest` is its SHA-256."""

    id_prefix = "invt"

    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Role.choices)
    digest = models.BinaryField(max_length=32)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["digest"], name="access_invitation_digest")]

    def __str__(self) -> str:
        return f"invitation of {self.email}"


class ApiKey(WithMetadata, TenantModel):
    """A key of a member. The key itself is shown once; `digest` is its SHA-256, `hint` its last characters.

    `created_by` was shown it, and is named in every event beside `user` when they are two.

    The digest's index is not unique because it would have to start with the tenant, which is what the digest is looked
    up for; 256 random bits do not collide.
    """

    id_prefix = "key"

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    name_order = natural_order("name")
    digest = models.BinaryField(max_length=32)
    hint = models.CharField(max_length=8)
    scopes = ArrayField(models.CharField(max_length=60), default=list)
    allowed_networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.UUIDField(db_default=RandomUUID(), editable=False)  # of all that it opens: sql/key_version.sql

    class Meta:
        indexes = [models.Index(fields=["digest"], name="access_apikey_digest")]

    def __str__(self) -> str:
        return f"{self.name} …{self.hint}"


class SigningSecret(WithMetadata, TenantModel):
    """The secret with which a member's own programs sign JWTs (HS256), encrypted at rest.

    A token claims scopes, and has those of them that lie under the secret's. `created_by` was shown it.
    """

    id_prefix = "sec"

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    encrypted = models.BinaryField()
    hint = models.CharField(max_length=8)
    scopes = ArrayField(models.CharField(max_length=60), default=list)
    allowed_networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"signing secret …{self.hint}"


class SignIn(TenantModel):
    """A person who got tokens with a password, until `expires_at`: what all their refreshed tokens come from.

    `refresh_id` names the one refresh token that is good. The one before it is good for a moment more, so that two
    refreshes at once sign nobody out; any older one ends the whole sign-in, since somebody has a copy.
    """

    id_prefix = "sgn"

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    refresh_id = models.CharField(max_length=32)
    previous_id = models.CharField(max_length=32, blank=True)
    refreshed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"sign-in of {self.user}"
