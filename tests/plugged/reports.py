from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator

from msgspec import Struct

from tests.plugged.models import CostCenter

CHECKS = {"cost_center_has_a_name": ""}
RECORDED = ()


class CostCenters(Struct):
    type: str
    count: int


class Fault(Struct):
    check: str
    object_id: str
    message: str


def report(*, counted_on: datetime.date | None = None) -> CostCenters:
    return CostCenters("cost_centers", CostCenter.objects.count())


def find_faults(tenant_id: uuid.UUID) -> Iterator[Fault]:
    for row in CostCenter.objects.using("worker").filter(tenant_id=tenant_id, name=""):
        yield Fault("cost_center_has_a_name", row.public_id, "has no name")
