from __future__ import annotations

from bigledger.graphql.declared import Declaration, Node, create
from tests.plugged.resources import COST_CENTERS
from tests.plugged.serializers import CostCenterInput
from tests.plugged.services import create_cost_center

FIELDS: tuple[Declaration, ...] = (Node(COST_CENTERS), create(COST_CENTERS, CostCenterInput, create_cost_center))
