"""Customers over REST."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from rest_framework.request import Request

from bigledger.api import filters
from bigledger.api.describe import describe
from bigledger.api.listing import Listing
from bigledger.api.response import Response
from bigledger.api.views import ResourceViewSet
from customers.bodies import CustomerBody
from customers.models import Customer, CustomerStatus
from customers.rules import CUSTOMER_IN_USE
from customers.selectors import customer_bodies
from customers.serializers import CustomerInput
from customers.services.customers import create_customer, delete_customer, update_customer

_EXAMPLE = {"name": "New Customer", "email": "customer@example.com"}


class CustomerViewSet(ResourceViewSet):
    resource = "customers"
    body = CustomerBody
    natural_field = "number"
    listing = Listing(
        filters={
            "number": filters.text("number"),
            "name": filters.text("name"),
            "email": filters.text("email"),
            "tax_id": filters.text("tax_id"),
            "currency": filters.text("currency"),
            "status": filters.choice("status", CustomerStatus.values),
            "balance": filters.amount("balance"),
            "credit_limit": filters.amount("credit_limit"),
            "created_at": filters.moment("created_at"),
            "updated_at": filters.moment("updated_at"),
        },
        sort=("name", "number", "balance", "created_at", "updated_at"),
        order="name:asc",
        search=("name", "number", "email", "tax_id"),
    )

    def rows(self) -> QuerySet[Customer]:
        return Customer.objects.all()

    def present(self, rows: Sequence[Customer]) -> list[CustomerBody]:
        return customer_bodies(rows)

    @describe(takes=CustomerInput, gives=CustomerBody, status=201, example=_EXAMPLE)
    def create(self, request: Request) -> Response:
        body = create_customer(**CustomerInput.read(request.data), acting=self.principal)
        return Response(body, status=201)

    @describe(takes=CustomerInput, gives=CustomerBody, example={"payment_terms": "net_60"}, rules=(CUSTOMER_IN_USE,))
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = CustomerInput.read(request.data, partial=True)
        return Response(update_customer(customer=self.find(pk), changes=changes, acting=self.principal))

    @describe(status=204, rules=(CUSTOMER_IN_USE,))
    def destroy(self, request: Request, pk: str) -> Response:
        delete_customer(customer=self.find(pk), acting=self.principal)
        return Response(status=204)
