"""`GET /v1/dashboard`."""

from __future__ import annotations

from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.views import ApiViewSet
from dashboard.bodies import DashboardBody
from dashboard.selectors import dashboard


class DashboardViewSet(ApiViewSet):
    resource = "dashboard"
    body = DashboardBody

    @describe(gives=DashboardBody)
    def retrieve(self, request: Request) -> Response:
        """The figures of the business as of one numbered event."""
        return Response(dashboard())
