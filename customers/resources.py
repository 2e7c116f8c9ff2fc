"""The resource `customers`."""

from __future__ import annotations

from bigledger.api import filters
from bigledger.api.listing import Listing
from bigledger.api.resource import Resource
from customers.bodies import CustomerBody
from customers.models import Customer, CustomerStatus
from customers.selectors import customer_bodies

CUSTOMERS = Resource(
    name="customers",
    model=Customer,
    body=CustomerBody,
    bodies=customer_bodies,
    listing=Listing(
        filters={
            "number": filters.text("number"),
            "name": filters.text("name"),
            "email": filters.text("email"),
            "tax_id": filters.text("tax_id"),
            "currency": filters.text("currency"),
            "status": filters.choice("status", CustomerStatus.values),
            "balance": filters.amount("balance"),
            "credit_limit": filters.amount("credit_limit"),
            **filters.MOMENTS,
        },
        sort=("name", "number", "balance", "created_at", "updated_at"),
        order="name:asc",
        search=("name", "number", "email", "tax_id"),
    ),
)
