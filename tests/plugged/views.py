from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from rest_framework.request import Request

from bigledger.api import filters
from bigledger.api.describe import describe
from bigledger.api.listing import Listing
from bigledger.api.response import Response
from bigledger.api.views import ResourceViewSet
from tests.plugged.bodies import CostCenterBody, cost_center_bodies
from tests.plugged.models import CostCenter
from tests.plugged.serializers import CostCenterInput
from tests.plugged.services import create_cost_center


class CostCenterViewSet(ResourceViewSet):
    resource = "cost_centers"
    body = CostCenterBody
    natural_field = "code"
    listing = Listing(filters={"code": filters.text("code")}, sort=("code",), order="code:asc")

    def rows(self) -> QuerySet[CostCenter]:
        return CostCenter.objects.all()

    def present(self, rows: Sequence[CostCenter]) -> list[CostCenterBody]:
        return cost_center_bodies(rows)

    @describe(takes=CostCenterInput, gives=CostCenterBody, status=201, example={"code": "SHOP", "name": "The shop"})
    def create(self, request: Request) -> Response:
        return Response(create_cost_center(**CostCenterInput.read(request.data), acting=self.principal), status=201)
