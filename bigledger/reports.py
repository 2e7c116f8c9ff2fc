"""Every report by its name, for REST (and for GraphQL when it comes)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import path
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.shapes import CurrencyField, DayField, ReferenceField, Shape
from bigledger.api.views import ApiViewSet
from bigledger.errors import ResourceNotFound
from invoicing.reports.aged_receivables import aged_receivables
from invoicing.reports.customer_statement import customer_statement
from invoicing.reports.sales_tax import sales_tax
from invoicing.serializers import StatementParams
from ledger.reports.trial_balance import TrialBalance, trial_balance


class TrialBalanceParams(Shape):
    as_of = DayField(required=False)
    currency = CurrencyField(required=False)


class AgedReceivablesParams(Shape):
    as_of = DayField(required=False)
    currency = CurrencyField(required=False)


class SalesTaxParams(StatementParams):
    currency = CurrencyField(required=False)


class CustomerStatementParams(StatementParams):
    customer_id = ReferenceField("cust")


REPORTS: Mapping[str, tuple[type[Shape], Callable[..., Any]]] = {
    "trial_balance": (TrialBalanceParams, trial_balance),
    "aged_receivables": (AgedReceivablesParams, aged_receivables),
    "sales_tax": (SalesTaxParams, sales_tax),
    "customer_statement": (CustomerStatementParams, customer_statement),
}


class ReportViewSet(ApiViewSet):
    """`GET /v1/reports/{type}?as_of=…`: `{type, params, generated_at, currency, rows, totals}`."""

    resource = "reports"
    query_shapes = [shape for shape, _ in REPORTS.values()]

    def known_parameters(self) -> None:
        return None  # each report's shape refuses what it does not know

    @describe(gives=TrialBalance)
    def retrieve(self, request: Request, pk: str) -> Response:
        if pk not in REPORTS:
            raise ResourceNotFound(f"There is no report {pk[:60]}; the reports are {', '.join(REPORTS)}")
        params, report = REPORTS[pk]
        return Response(report(**params.read(request.query_params.dict())))


urlpatterns = [path("reports/<str:pk>", ReportViewSet.as_view({"get": "retrieve"}))]
