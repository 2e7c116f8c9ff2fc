"""A customer's statement over REST."""

from __future__ import annotations

from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.views import ApiViewSet
from invoicing.reports.customer_statement import CustomerStatement, customer_statement
from invoicing.serializers import StatementParams


class CustomerStatementViewSet(ApiViewSet):
    resource = "customers"
    query_shapes = [StatementParams]

    def known_parameters(self) -> None:
        return None  # the shape refuses what it does not know

    @describe(gives=CustomerStatement)
    def statement(self, request: Request, pk: str) -> Response:
        """The same as the report `customer_statement`."""
        params = StatementParams.read(request.query_params.dict())
        return Response(customer_statement(customer_id=pk, **params))
