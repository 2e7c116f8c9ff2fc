"""Customers over REST."""

from __future__ import annotations

from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.shapes import EmptyInput
from bigledger.api.sheets import Sheet, created_each, export_of, import_into
from bigledger.api.views import ResourceViewSet
from customers.bodies import CustomerBody
from customers.resources import CUSTOMERS
from customers.rules import CUSTOMER_IN_USE
from customers.serializers import CustomerInput
from customers.services.customers import create_customer, delete_customer, rotate_customer_link, update_customer

_EXAMPLE = {"name": "New Customer", "email": "customer@example.com"}
_FILE = """number,name,email,billing_address.line1,billing_address.country,contacts.name
C-1,First Customer,first@customer.example,1 Main Street,US,Ann
C-1,,,,,Bob
C-2,Second Customer,second@customer.example,,,
"""
_SHEET = Sheet(CUSTOMERS, CustomerInput, key="number", most=2000)


class CustomerViewSet(ResourceViewSet):
    of = CUSTOMERS

    import_rows = import_into(_SHEET, created_each(create_customer), example=_FILE)
    export = export_of(_SHEET)

    @describe(takes=CustomerInput, gives=CustomerBody, status=201, example=_EXAMPLE)
    def create(self, request: Request) -> Response:
        body = create_customer(**CustomerInput.read(request.data), acting=self.principal)
        return Response(body, status=201)

    @describe(takes=CustomerInput, gives=CustomerBody, example={"payment_terms": "net_60"}, rules=(CUSTOMER_IN_USE,))
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = CustomerInput.read(request.data, partial=True)
        return Response(update_customer(customer=self.find(pk), changes=changes, acting=self.principal))

    @describe(takes=EmptyInput, gives=CustomerBody, example={})
    @action(detail=True, methods=["post"], url_path="rotate-link")
    def rotate_link(self, request: Request, pk: str) -> Response:
        """Gives the customer's page a new `hosted_url`; the old one stops working."""
        EmptyInput.read(request.data)
        return Response(rotate_customer_link(customer=self.find(pk), acting=self.principal))

    @describe(status=204, rules=(CUSTOMER_IN_USE,))
    def destroy(self, request: Request, pk: str) -> Response:
        delete_customer(customer=self.find(pk), acting=self.principal)
        return Response(status=204)
