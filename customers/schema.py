"""Customers in GraphQL."""

from __future__ import annotations

from bigledger.graphql.declared import Declaration, Node, create, delete, update
from customers.resources import CUSTOMERS
from customers.serializers import CustomerInput
from customers.services.customers import create_customer, delete_customer, update_customer

FIELDS: tuple[Declaration, ...] = (
    Node(CUSTOMERS),
    create(CUSTOMERS, CustomerInput, create_customer),
    update(CUSTOMERS, CustomerInput, update_customer),
    delete(CUSTOMERS, delete_customer),
)
