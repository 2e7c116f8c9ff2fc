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


class CurrencyBalance(Struct):
    currency: str
    balance: Decimal


class CustomerBody(Body):
    """The reference's customer. `balance` is open invoices less unapplied credit, in `currency`; `balances` has that of
    each currency in which anything is open. Whoever has
    `hosted_url` sees what is open and can pay it."""

    volatile = ("balance", "balances")

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
    balances: list[CurrencyBalance]
    status: str
    billing_address: AddressBody | None
    shipping_addresses: list[AddressBody]
    contacts: list[ContactBody]
    custom_fields: dict[str, Any]
    hosted_url: str
    metadata: dict[str, str]
    created_at: datetime.datetime
    updated_at: datetime.datetime
