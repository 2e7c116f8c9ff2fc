from __future__ import annotations

from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.views import ResourceViewSet
from tests.plugged.bodies import CostCenterBody
from tests.plugged.resources import COST_CENTERS
from tests.plugged.serializers import CostCenterInput
from tests.plugged.services import create_cost_center


class CostCenterViewSet(ResourceViewSet):
    of = COST_CENTERS

    @describe(takes=CostCenterInput, gives=CostCenterBody, status=201, example={"code": "SHOP", "name": "The shop"})
    def create(self, request: Request) -> Response:
        return Response(create_cost_center(**CostCenterInput.read(request.data), acting=self.principal), status=201)
