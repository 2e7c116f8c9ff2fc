"""Products, tax rates, tax calculations and sales settings over REST."""

from __future__ import annotations

from decimal import Decimal

from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.sheets import Sheet, created_each, export_of, import_into
from bigledger.api.views import ApiViewSet, ResourceViewSet
from invoicing.bodies import ProductBody, SalesSettingsBody, TaxCalculationBody, TaxRateBody
from invoicing.resources import PRODUCTS, TAX_RATES
from invoicing.rules import PRODUCT_IN_USE, TAX_RATE_IN_USE
from invoicing.selectors.catalogue import sales_settings, settings_body
from invoicing.serializers import ProductInput, SalesSettingsInput, TaxCalculationInput, TaxRateInput
from invoicing.services.catalogue import (
    create_product,
    delete_product,
    update_product,
    update_sales_settings,
)
from invoicing.services.pricing import calculate_taxes
from invoicing.services.tax_rates import create_tax_rate, delete_tax_rate, update_tax_rate
from ledger.rules import CONTROL_ACCOUNT, PERIOD_CLOSED

_PRODUCT = {"sku": "790", "name": "Consulting", "unit_price": Decimal("150.00")}
_TAX_RATE = {
    "code": "quebec",
    "name": "GST and QST",
    "components": [
        {"name": "GST", "rate": Decimal("0.05")},
        {"name": "QST", "rate": Decimal("0.09975"), "is_compound": False},
    ],
}
_CALCULATION = {
    "currency": "USD",
    "lines": [
        {"description": "Consulting", "quantity": 10, "unit_price": Decimal("150.00"), "tax_rate": Decimal("0.08")}
    ],
}
_FILE = """sku,name,unit_price,currency
791,Consulting by phone,120.00,USD
792,Travel,75.00,USD
"""
_SHEET = Sheet(PRODUCTS, ProductInput, most=2000)


class ProductViewSet(ResourceViewSet):
    of = PRODUCTS

    import_rows = import_into(_SHEET, created_each(create_product), example=_FILE)
    export = export_of(_SHEET)

    @describe(takes=ProductInput, gives=ProductBody, status=201, example=_PRODUCT)
    def create(self, request: Request) -> Response:
        return Response(create_product(**ProductInput.read(request.data), acting=self.principal), status=201)

    @describe(takes=ProductInput, gives=ProductBody, example={"unit_price": Decimal("175.00")})
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = ProductInput.read(request.data, partial=True)
        return Response(update_product(product=self.find(pk), changes=changes, acting=self.principal))

    @describe(status=204, rules=(PRODUCT_IN_USE,))
    def destroy(self, request: Request, pk: str) -> Response:
        delete_product(product=self.find(pk), acting=self.principal)
        return Response(status=204)


class TaxRateViewSet(ResourceViewSet):
    of = TAX_RATES

    @describe(takes=TaxRateInput, gives=TaxRateBody, status=201, example=_TAX_RATE)
    def create(self, request: Request) -> Response:
        return Response(create_tax_rate(**TaxRateInput.read(request.data), acting=self.principal), status=201)

    @describe(takes=TaxRateInput, gives=TaxRateBody, example={"is_active": False})
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = TaxRateInput.read(request.data, partial=True)
        return Response(update_tax_rate(tax_rate=self.find(pk), changes=changes, acting=self.principal))

    @describe(status=204, rules=(TAX_RATE_IN_USE,))
    def destroy(self, request: Request, pk: str) -> Response:
        delete_tax_rate(tax_rate=self.find(pk), acting=self.principal)
        return Response(status=204)


class TaxCalculationViewSet(ApiViewSet):
    resource = "tax_rates"

    @describe(takes=TaxCalculationInput, gives=TaxCalculationBody, example=_CALCULATION, named="calculateTax")
    def calculate(self, request: Request) -> Response:
        return Response(calculate_taxes(**TaxCalculationInput.read(request.data)))


class SalesSettingsViewSet(ApiViewSet):
    """One object per tenant; only an owner may change it."""

    resource = "sales_settings"
    body = SalesSettingsBody

    @describe(gives=SalesSettingsBody)
    def retrieve(self, request: Request) -> Response:
        return Response(settings_body(sales_settings()))

    @describe(
        takes=SalesSettingsInput,
        gives=SalesSettingsBody,
        example={"tax_rounding": "line"},
        rules=(CONTROL_ACCOUNT, PERIOD_CLOSED),
    )
    def partial_update(self, request: Request) -> Response:
        changes = SalesSettingsInput.read(request.data, partial=True)
        return Response(update_sales_settings(changes=changes, acting=self.principal))
