"""Templates of charts of accounts over REST."""

from __future__ import annotations

from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.shapes import EmptyInput
from bigledger.api.sheets.imports import ImportBody
from bigledger.api.views import ApiViewSet
from bigledger.errors import ResourceNotFound
from ledger.bodies import ChartAccountBody, ChartTemplateBody, ChartTemplateListBody
from ledger.charts import TEMPLATES, ChartTemplate
from ledger.rules import ACCOUNTS_EXIST
from ledger.services.charts import apply_chart_template


class ChartTemplateViewSet(ApiViewSet):
    resource = "accounts"

    @describe(gives=ChartTemplateListBody, named="listChartTemplates")
    def chart_templates(self, request: Request) -> Response:
        """The chart templates

        Charts of accounts to begin with, each with its accounts."""
        return Response(ChartTemplateListBody([_body(template) for template in TEMPLATES.values()]))

    @describe(gives=ChartTemplateBody, named="getChartTemplate")
    def chart_template(self, request: Request, pk: str) -> Response:
        """Get a chart template"""
        return Response(_body(_find(pk)))

    @describe(
        takes=EmptyInput, gives=ImportBody, status=201, example={}, rules=(ACCOUNTS_EXIST,), named="applyChartTemplate"
    )
    def apply_chart_template(self, request: Request, pk: str) -> Response:
        """Apply a chart template

        Creates its accounts in the base currency of the tenant, which must not have any yet."""
        template = _find(pk)
        EmptyInput.read(request.data)
        bodies = apply_chart_template(template=template, acting=self.principal)
        return Response(ImportBody({"accounts": len(bodies)}), status=201)


def _find(pk: str) -> ChartTemplate:
    if pk not in TEMPLATES:
        raise ResourceNotFound(f"There is no {pk}"[:200])
    return TEMPLATES[pk]


def _body(template: ChartTemplate) -> ChartTemplateBody:
    accounts = [
        ChartAccountBody(
            row["code"], row["name"], row["type"], row["subtype"], row["cash_flow"] or None, row["purpose"] or None
        )
        for row in template.accounts
    ]
    return ChartTemplateBody(template.id, template.name, template.description, accounts)
