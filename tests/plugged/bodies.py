from __future__ import annotations

from collections.abc import Iterable

from bigledger.api.bodies import Body
from tests.plugged.models import CostCenter


class CostCenterBody(Body):
    id: str
    code: str
    name: str


def cost_center_bodies(cost_centers: Iterable[CostCenter]) -> list[CostCenterBody]:
    return [CostCenterBody(row.public_id, row.code, row.name) for row in cost_centers]
