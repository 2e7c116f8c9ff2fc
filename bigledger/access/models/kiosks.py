"""Links to the dashboard for a screen on the wall."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from bigledger.access.models.people import User
from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantModel
from bigledger.tenants.natural_order import natural_order


class KioskLink(WithMetadata, TenantModel):
    """A credential that opens the dashboard and nothing else, as a link. It acts as `user`, and ends with their
    membership. The link is shown once; `digest` is the SHA-256 of its token, `hint` its last characters."""

    id_prefix = "kiosk"

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    name_order = natural_order("name")
    digest = models.BinaryField(max_length=32)
    hint = models.CharField(max_length=8)
    allowed_networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        # Not unique, for the reason that an API key's is not.
        indexes = [models.Index(fields=["digest"], name="access_kiosklink_digest")]

    def __str__(self) -> str:
        return f"{self.name} …{self.hint}"
