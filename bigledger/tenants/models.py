"""The tenant, and what every row of a tenant has in common."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from bigledger import ids
from bigledger.time_zones import zone


class Plan(models.TextChoices):
    FREE = "free"
    STARTER = "starter"
    PROFESSIONAL = "professional"
    ENTERPRISE = "enterprise"


class CurrentTenant(models.Func):
    """The tenant of this transaction, as the database knows it; NULL, so no row, when none is set."""

    function = "app_tenant"
    output_field = models.UUIDField()


class Tenant(models.Model):
    """One set of books. Days are counted in `time_zone`; `base_currency` is what it reports in."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    name = models.CharField(max_length=200)
    plan = models.CharField(max_length=20, choices=Plan.choices, default=Plan.FREE)
    base_currency = models.CharField(max_length=3, default="USD")
    time_zone = models.CharField(max_length=60, default="UTC")
    # Who sells, as documents show it.
    legal_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    address = models.JSONField(null=True, blank=True)
    tax_id = models.CharField(max_length=40, blank=True, default="", db_default="")
    bank_account = models.CharField(max_length=500, blank=True, default="", db_default="")
    email = models.EmailField(blank=True, default="", db_default="")
    footer = models.CharField(max_length=500, blank=True, default="", db_default="")
    logo_id = models.UUIDField(null=True, editable=False)
    fiscal_year_start_month = models.PositiveSmallIntegerField(default=1, db_default=1)
    # Numbers agreed with this tenant alone, in place of its plan's; NULL is the plan's.
    requests_per_hour = models.PositiveIntegerField(null=True, blank=True)
    burst_per_second = models.PositiveIntegerField(null=True, blank=True)
    concurrent_requests = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        # The target of a key, by which the books hold a tenant to its base currency.
        constraints = [
            models.UniqueConstraint(fields=["id", "base_currency"], name="tenants_tenant_base_currency"),
            models.CheckConstraint(
                condition=models.Q(fiscal_year_start_month__range=(1, 12)), name="tenants_tenant_fiscal_year"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return timezone.now()

    def today(self) -> date:
        """The present day where the tenant keeps its books; business code asks here, never the system."""
        return self.now().astimezone(zone(self.time_zone)).date()

    def fiscal_year_of(self, day: date) -> tuple[date, date]:
        """The first and the last day of the fiscal year that `day` is in."""
        month = self.fiscal_year_start_month
        year = day.year if day.month >= month else day.year - 1
        first = date(year, month, 1)
        if year == date.max.year:
            return first, date.max
        return first, date(year + 1, month, 1) - timedelta(days=1)


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A reference within one tenant.

    The database holds it as a composite key `(tenant_id, x_id)`, made by `IsolateTenant`; Django's own
    single-column constraint and index would neither stop a cross-tenant reference nor serve a policy.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for implied in ("db_constraint", "db_index"):
            kwargs.pop(implied, None)
        return name, path, args, kwargs


class TenantOneToOneField(models.OneToOneField[Any, Any]):
    """As `TenantForeignKey`, for at most one row on either side."""

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs


def tenant_key(**kwargs: Any) -> models.ForeignKey[Any, Any]:
    """The `tenant` column: filled by the database from the transaction's context.

    `db_constraint=False` for tables on the path of every posting: their policy already ties the row to
    the credential's tenant, and a lock on the one tenant row by all writers at once is not free.
    """
    return models.ForeignKey(
        Tenant,
        models.PROTECT,
        db_default=CurrentTenant(),
        db_index=False,
        editable=False,
        related_name="+",
        **kwargs,
    )


class TenantModel(ids.Identified, models.Model):
    """Base of a table whose rows belong to one tenant. Its migration ends with `IsolateTenant`."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    tenant = tenant_key()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Words for people; a model with a name of its own says that."""
        return str(self._meta.verbose_name)

    tenant_id: uuid.UUID


class Logo(TenantModel):
    """A tenant's logo as PNG. Documents that were issued refer to theirs, so no row changes or goes."""

    id_prefix = "logo"

    content = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
