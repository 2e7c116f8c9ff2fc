"""Output: the bodies of customers, the same on REST, in GraphQL and in events."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from bigledger.addresses import AddressBody
from bigledger.api.bodies import Body


class ContactBody(Struct):
    name: str
    email: str
    phone: str
    role: str
    is_primary: bool


class CustomerBody(Body):
    """The reference's customer. `balance` is open invoices less unapplied credit, in `currency`. Whoever has
    `hosted_url` sees what is open and can pay it."""

    volatile = ("balance",)

    id: str
    number: str
    name: str
    email: str
    phone: str
    website: str
    tax_id: str
    currency: str
    payment_terms: str
    credit_limit: Decimal | None
    balance: Decimal
    status: str
    billing_address: AddressBody | None
    shipping_addresses: list[AddressBody]
    contacts: list[ContactBody]
    custom_fields: dict[str, Any]
    hosted_url: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
