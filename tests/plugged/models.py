from __future__ import annotations

from django.db import models

from bigledger.tenants.models import TenantModel


class CostCenter(TenantModel):
    """A part of the business that costs are counted for."""

    id_prefix = "cc"
    natural_field = "code"

    code = models.CharField(max_length=20)
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ("code",)
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="plugged_costcenter_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
