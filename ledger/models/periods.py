"""The months of the books: what is closed or locked, and who may still post there."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from bigledger import ids
from bigledger.tenants.context import current_tenant
from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantModel

MOST_DURATION = datetime.timedelta(days=7)  # of a lock exception


class PeriodState(TenantModel):
    """What was done with one month. Functions in sql/periods.sql write it; no other code has the right to."""

    id_prefix = "pst"

    month = models.DateField()  # its first day
    is_closed = models.BooleanField()
    is_sales_closed = models.BooleanField()
    is_purchases_closed = models.BooleanField()
    is_locked = models.BooleanField()
    closed_at = models.DateTimeField(null=True)
    closed_by_id = models.UUIDField(null=True)
    reopened_at = models.DateTimeField(null=True)
    reopened_by_id = models.UUIDField(null=True)
    reopen_reason = models.CharField(max_length=500)
    locked_at = models.DateTimeField(null=True)
    locked_by_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "month"], name="ledger_periodstate_month")]


class Period(ids.Identified, models.Model):
    """A month from the first posting on, with its state: a view of the tenant in context (sql/periods.sql)."""

    id_prefix = "per"
    natural_field: ClassVar[str | None] = "name"

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=7)
    start = models.DateField()
    end = models.DateField()
    status = models.CharField(max_length=10)
    closed_scopes = models.JSONField()
    closed_at = models.DateTimeField(null=True)
    closed_by_id = models.UUIDField(null=True)
    reopened_at = models.DateTimeField(null=True)
    reopened_by_id = models.UUIDField(null=True)
    reopen_reason = models.CharField(max_length=500)
    locked_at = models.DateTimeField(null=True)
    locked_by_id = models.UUIDField(null=True)

    class Meta:
        managed = False
        db_table = "ledger_period"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        """`per_2024-01`: the natural key is the only id that a month has."""
        return self.named(self.name)

    @classmethod
    def id_in(cls, text: str) -> uuid.UUID | None:
        """The id of the month that `text` names, as the view makes it, whether the books have that month or not."""
        name = ids.parse(cls.id_prefix, text)
        if not isinstance(name, str):
            return name
        return uuid.UUID(hashlib.md5(f"{current_tenant().id}{name}".encode(), usedforsecurity=False).hexdigest())


class LockException(WithMetadata, TenantModel):
    """Somebody may post into a closed month until `expires_at`: the member, or everybody when `member_id` is NULL."""

    id_prefix = "lex"

    month = models.DateField()
    member_id = models.UUIDField(null=True)  # not a key: a member who leaves takes nothing along
    user_id = models.UUIDField(null=True)  # the member's, who is known by it
    expires_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                name="ledger_lockexception_days",
                condition=Q(expires_at__lte=F("created_at") + MOST_DURATION, expires_at__gt=F("created_at")),
            )
        ]
        indexes = [models.Index(fields=["tenant", "month"], name="ledger_lockexception_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} until {self.expires_at:%Y-%m-%d}"
