from __future__ import annotations

from bigledger.api import filters
from bigledger.api.listing import Listing
from bigledger.api.resource import Resource
from tests.plugged.bodies import CostCenterBody, cost_center_bodies
from tests.plugged.models import CostCenter

COST_CENTERS = Resource(
    name="cost_centers",
    model=CostCenter,
    body=CostCenterBody,
    bodies=cost_center_bodies,
    listing=Listing(filters={"code": filters.text("code")}, sort=("code",), order="code:asc"),
)
