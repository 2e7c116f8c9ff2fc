"""What an id of a customer expands to, here and in the apps above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bigledger.api.lookup import condition
from bigledger.api.selection import Expansion
from customers.bodies import CustomerBody
from customers.models import Customer
from customers.selectors import customer_bodies


def _customers(references: Sequence[str]) -> Mapping[str, CustomerBody]:
    rows = list(Customer.objects.filter(condition("cust", None, references)))
    return {body.id: body for body in customer_bodies(rows)}


CUSTOMER = Expansion(CustomerBody, _customers)
